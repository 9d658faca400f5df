// Drawing the particles a flow starts from.
#include "mckean/initial_measure.hpp"

#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "host/data/direction.hpp"
#include "mckean/error.hpp"
#include "mckean/formula/philox.hpp"
#include "mckean/interruption.hpp"

namespace mckean {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr double kModulation = 0.8;

bool is_angular(InitLaw law) { return law == InitLaw::cos1 || law == InitLaw::cos2; }

void check(const InitialMeasure& measure, std::size_t m, std::size_t d) {
  const auto reject = [](const std::string& what) { throw InputError("init: " + what); };
  if (measure.law == InitLaw::file) reject("particles of a file are read and not drawn; name it");
  if (m == 0) reject("0 particles make no measure; give at least 1");
  if (d == 0) reject("dimension 0 has no directions; give d >= 1");
  if (!std::isfinite(measure.scale_a) || !std::isfinite(measure.scale_b)) {
    reject("a scale is not finite; give a number");
  }
  if (measure.paired && m % 2 != 0) {
    reject("paired particles come in twos and " + std::to_string(m) +
           " is odd; give an even number");
  }
  if (is_angular(measure.law) && d != 2) {
    reject("the laws cos1 and cos2 are on the circle, d = 2, not " + std::to_string(d) +
           "; take uniform or gaussian");
  }
  if (measure.sampling == InitSampling::quantile) {
    if (measure.law == InitLaw::gaussian) {
      reject("quantiles exist for uniform, cos1 and cos2 and not for gaussian; take iid");
    }
    if (d != 2) {
      reject("quantiles exist on the circle, d = 2, and not for d = " + std::to_string(d) +
             "; take iid");
    }
  }
}

/// theta in [0, 2 pi] with theta + (0.8/k) sin(k theta) = target, the distribution function of
/// (1 + .8 cos k theta)/(2 pi) times 2 pi: Newton's method kept inside a bracket.
double invert(int k, double target) {
  const double amplitude = kModulation / k;
  double low = target - amplitude;
  double high = target + amplitude;
  double theta = target;
  while (true) {
    const double excess = theta + amplitude * std::sin(k * theta) - target;
    if (excess == 0) return theta;
    (excess > 0 ? high : low) = theta;
    double next = theta - excess / (1 + kModulation * std::cos(k * theta));
    if (!(next > low && next < high)) next = low + (high - low) / 2;
    if (next == theta || next <= low || next >= high) return theta;
    theta = next;
  }
}

/// The angle below which the law has the mass u in (0, 1).
double find_quantile(InitLaw law, double u) {
  const double target = 2 * kPi * u;
  if (law == InitLaw::cos1) return invert(1, target);
  return law == InitLaw::cos2 ? invert(2, target) : target;
}

/// Direction i of `count`, to b[0..d).
void draw_b(const InitialMeasure& measure, std::size_t i, std::size_t count, std::size_t d,
            std::uint64_t seed, std::vector<double>& b) {
  const bool quantile = measure.sampling == InitSampling::quantile;
  if (quantile || is_angular(measure.law)) {
    const double u = quantile ? (static_cast<double>(i) + 0.5) / static_cast<double>(count)
                              : uniform(seed, Purpose::initial_b, 0, i, 0);
    const double theta = find_quantile(measure.law, u);
    b = {std::cos(theta), std::sin(theta)};
    return;
  }
  if (measure.law == InitLaw::uniform) {
    draw_direction(seed, Purpose::initial_b, 0, i, d, b.data());
    return;
  }
  draw_normals(seed, Purpose::initial_b, 0, i, d, b.data());
  for (double& value : b) value /= std::sqrt(static_cast<double>(d));
}

double draw_a(Amplitude amplitude, std::size_t i, std::uint64_t seed) {
  switch (amplitude) {
    case Amplitude::zero:
      return 0;
    case Amplitude::one:
      return 1;
    case Amplitude::sign:
      return uniform(seed, Purpose::initial_a, 0, i, 0) < 0.5 ? -1 : 1;
    case Amplitude::gaussian:
      break;
  }
  return normal_pair(seed, Purpose::initial_a, 0, i, 0).first;
}

}  // namespace

ParticleArray draw_initial(const InitialMeasure& measure, std::size_t m, std::size_t d,
                           std::uint64_t seed) {
  check(measure, m, d);
  ParticleArray particles = make_particles(m, d);
  const std::size_t copies = measure.paired ? 2 : 1;
  const std::size_t count = m / copies;
  std::vector<double> b(d);
  for (std::size_t i = 0; i < count; ++i) {
    check_interruption();
    const double a = measure.scale_a * draw_a(measure.amplitude, i, seed);
    draw_b(measure, i, count, d, seed, b);
    for (std::size_t copy = 0; copy < copies; ++copy) {
      const std::size_t j = copies * i + copy;
      particles.values[j] = copy == 0 ? a : -a;
      for (std::size_t k = 0; k < d; ++k) {
        particles.values[(1 + k) * m + j] = measure.scale_b * b[k];
      }
    }
  }
  return particles;
}

}  // namespace mckean
