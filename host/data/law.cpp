// Drawing samples, and which kernels have a closed form.
#include "mckean/law.hpp"

#include <cmath>
#include <numbers>
#include <string>

#include "host/data/direction.hpp"
#include "host/data/interruptible.hpp"
#include "mckean/error.hpp"
#include "mckean/formula/philox.hpp"

namespace mckean {
namespace {

void check_dimension(DataLaw law, std::size_t d) {
  if (d == 0) throw InputError("data: dimension 0 has no samples; give d >= 1");
  if (law == DataLaw::circle && d != 2) {
    throw InputError("data: the circle is in dimension 2, not " + std::to_string(d) +
                     "; give d = 2 or take the law sphere");
  }
}

bool is_gaussian(DataLaw law) {
  return law == DataLaw::gaussian || law == DataLaw::gaussian_scaled;
}

void draw_sample(DataLaw law, std::size_t d, std::uint64_t seed, std::uint64_t stream,
                 std::size_t i, double* x) {
  switch (law) {
    case DataLaw::circle: {
      const double angle = 2 * std::numbers::pi * uniform(seed, Purpose::samples, stream, i, 0);
      x[0] = std::cos(angle);
      x[1] = std::sin(angle);
      return;
    }
    case DataLaw::sphere:
      draw_direction(seed, Purpose::samples, stream, i, d, x);
      return;
    case DataLaw::gaussian:
    case DataLaw::gaussian_scaled: {
      draw_normals(seed, Purpose::samples, stream, i, d, x);
      const double scale = law == DataLaw::gaussian ? 1.0 : 1 / std::sqrt(static_cast<double>(d));
      for (std::size_t k = 0; k < d; ++k) x[k] *= scale;
      return;
    }
    case DataLaw::cube:
      for (std::size_t k = 0; k < d; k += 2) {
        if (k % values_between_checks == 0) check_interruption();
        const RandomPair u = uniform_pair(seed, Purpose::samples, stream, i, k / 2);
        x[k] = 2 * u.first - 1;
        if (k + 1 < d) x[k + 1] = 2 * u.second - 1;
      }
      return;
  }
}

}  // namespace

std::vector<double> draw_samples(DataLaw law, std::size_t n, std::size_t d, std::uint64_t seed,
                                 std::uint64_t stream) {
  check_dimension(law, d);
  std::vector<double> x = make_zeros(n * d);
  for (std::size_t i = 0; i < n; ++i) {
    check_interruption();
    draw_sample(law, d, seed, stream, i, x.data() + i * d);
  }
  return x;
}

double norm_moment(DataLaw law, std::size_t d, int power) {
  MCKEAN_EXPECT(power == 2 || power == 4);
  const auto dim = static_cast<double>(d);
  switch (law) {
    case DataLaw::gaussian:
      return power == 2 ? dim : dim * (dim + 2);
    case DataLaw::gaussian_scaled:
      return power == 2 ? 1 : (dim + 2) / dim;
    // E |x|^4 = d E x_1^4 + d (d - 1) (E x_1^2)^2 = d/5 + d (d - 1)/9.
    case DataLaw::cube:
      return power == 2 ? dim / 3 : dim / 5 + dim * (dim - 1) / 9;
    case DataLaw::circle:
    case DataLaw::sphere:
      break;
  }
  return 1;
}

std::optional<PairKernel> pair_kernel(const AnyActivation& activation, DataLaw law, std::size_t d) {
  check_dimension(law, d);
  if (law == DataLaw::cube) return std::nullopt;
  const auto dim = static_cast<double>(d);
  const double second = norm_moment(law, d, 2) / dim;  // E x_1^2
  const PiecewiseLinear& linear = activation.linear;
  switch (activation.kind) {
    case ActivationKind::piecewise_linear:
      if (linear.below != 0 || linear.above != 1 || linear.offset != 0) return std::nullopt;
      return PairKernel{PairKernelKind::arc_cosine, second};
    case ActivationKind::erf:
      if (!is_gaussian(law)) return std::nullopt;
      return PairKernel{PairKernelKind::arcsine, second};
    case ActivationKind::square:
      // E x_1^2 x_2^2 = E |x|^4/(d (d + 2)) for a rotation-invariant law.
      return PairKernel{PairKernelKind::square, norm_moment(law, d, 4) / (dim * (dim + 2))};
    default:
      return std::nullopt;
  }
}

}  // namespace mckean
