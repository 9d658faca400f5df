// The kernels of the sampled field in their order, against naive loops in fp64 with a bound of
// the rounding error.
#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <random>
#include <typeindex>
#include <vector>

#include "emulation/emulated_executor.hpp"
#include "emulation/sync_audit.hpp"
#include "kernels/cuda/sampled_field_operation.cuh"
#include "kernels/cuda/smooth_activation.cuh"

namespace mckean::emulation {
namespace {

using cuda::FieldLimits;
using cuda::FieldProblem;
using cuda::SampledField;
using cuda::SmoothActivation;

template <class Real>
struct Data {
  std::size_t m, n, d;
  double scale;
  std::vector<double> w, y;
  std::vector<Real> x;

  Data(std::size_t particles, std::size_t samples, std::size_t dim, unsigned seed)
      : m(particles), n(samples), d(dim), scale(1. / double(m)), w(m * (1 + d)), y(n), x(n * d) {
    std::mt19937_64 engine(seed);
    std::normal_distribution<double> normal;
    for (double& value : w) value = normal(engine);
    for (double& value : y) value = normal(engine);
    for (Real& value : x) value = Real(normal(engine) / std::sqrt(double(d)));
  }
  double b(std::size_t k, std::size_t j) const { return w[(1 + k) * m + j]; }
  FieldProblem<Real> problem() const { return {w.data(), m, d, x.data(), y.data(), n, scale, m}; }
};

struct Bounded {
  double value = 0, error = 0;
};

/// f, v (planes) and the risk by naive loops, each with a bound of the error of a computation in
/// Real whose sums run over at most 512 terms before they go to fp64, whose sigma and sigma' are
/// 1-Lipschitz up to a factor `slope` and `curvature`, and are right to 8 u (1 + |z|): the worst is
/// gelu, a product of z and an erfc.
struct Expected {
  std::vector<Bounded> f, v;
  Bounded risk;
};

template <class Real, class A>
Expected expect(const A& sigma, const Data<Real>& data) {
  const double u = std::numeric_limits<Real>::epsilon();
  const std::size_t m = data.m, n = data.n, d = data.d;
  Expected out{std::vector<Bounded>(n), std::vector<Bounded>(m * (1 + d)), {}};
  const auto product = [&](std::size_t i, std::size_t j) {
    Bounded z;
    for (std::size_t k = 0; k < d; ++k) {
      const double term = data.b(k, j) * double(data.x[i * d + k]);
      z.value += term;
      z.error += double(d + 3) * u * std::abs(term);  // d sums, a product, b rounded to Real
    }
    return z;
  };
  // Bounds of sigma and sigma' over the interval of z.
  const auto value_of = [&](const Bounded& z) {
    const double steep =
        std::max({1.2, std::abs(sigma.derivative(z.value)), 2 * std::abs(z.value)});
    return Bounded{sigma.value(z.value), steep * z.error + 8 * u * (1 + z.value * z.value)};
  };
  const auto derivative_of = [&](const Bounded& z) {
    Bounded s{sigma.derivative(z.value), 2 * z.error + 8 * u * (1 + std::abs(z.value))};
    if constexpr (std::same_as<A, PiecewiseLinear>) {
      const bool near = std::abs(z.value + sigma.offset) <= z.error + u * std::abs(sigma.offset);
      s.error = 2 * u * std::abs(s.value) + (near ? std::abs(sigma.above - sigma.below) : 0);
    }
    return s;
  };
  std::vector<Bounded> e(n);
  for (std::size_t i = 0; i < n; ++i) {
    Bounded& f = out.f[i];
    for (std::size_t j = 0; j < m; ++j) {
      const Bounded s = value_of(product(i, j));
      f.value += data.scale * data.w[j] * s.value;
      f.error += data.scale * std::abs(data.w[j]) *
                 (s.error + 20 * u * std::abs(s.value));  // 16 terms in Real
    }
    e[i] = {f.value - data.y[i], f.error};
    out.risk.value += e[i].value * e[i].value / double(n);
    out.risk.error += (2 * std::abs(e[i].value) + e[i].error) * e[i].error / double(n);
  }
  for (std::size_t j = 0; j < m; ++j) {
    for (std::size_t i = 0; i < n; ++i) {
      const double error = std::abs(e[i].value);
      const Bounded z = product(i, j), s = value_of(z), t = derivative_of(z);
      const double many = 520 * u;
      // The piecewise linear v_a is b . G + offset H, with slopes up to 2: the sum of its terms,
      // not their value.
      const double parts = std::max(std::abs(s.value), 2 * (z.error / (double(d + 3) * u) + .5));
      out.v[j].value += e[i].value * s.value / double(n);
      out.v[j].error += (e[i].error * (std::abs(s.value) + s.error) +
                         error * (s.error + many * parts) + error * t.error * std::abs(z.value)) /
                        double(n);
      for (std::size_t k = 0; k < d; ++k) {
        const double ax = data.w[j] * double(data.x[i * d + k]) / double(n);
        Bounded& v = out.v[(1 + k) * m + j];
        v.value += ax * e[i].value * t.value;
        v.error += std::abs(ax) * (e[i].error * (std::abs(t.value) + t.error) +
                                   error * (t.error + many * std::max(1., std::abs(t.value))));
      }
    }
  }
  return out;
}

bool close(const Bounded& expected, double value) {
  return std::abs(value - expected.value) <= expected.error;  // false for NaN
}

bool all_close(const std::vector<Bounded>& expected, const std::vector<double>& values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!close(expected[i], values[i])) return false;
  }
  return true;
}

template <class Real, class A>
bool predicts(const A& sigma, const Data<Real>& data, const Expected& expected,
              const FieldLimits& limits, EmulatedExecutor executor) {
  std::vector<double> f(data.n, NAN);
  SampledField<Real, A>(sigma, data.problem(), limits).predict(executor, f.data());
  return all_close(expected.f, f);
}

template <class Real, class A>
bool moves(const A& sigma, const Data<Real>& data, const Expected& expected,
           const FieldLimits& limits, EmulatedExecutor executor,
           std::vector<double>* result = nullptr) {
  std::vector<double> v(data.w.size(), NAN);
  double risk = NAN;
  SampledField<Real, A>(sigma, data.problem(), limits).velocity(executor, v.data(), &risk);
  if (result != nullptr) *result = v;
  return close(expected.risk, risk) && all_close(expected.v, v);
}

const FieldLimits few{1, 1, 1};  // one block takes many tiles; 128 samples of mask at a time

const std::vector<PiecewiseLinear> piecewise = {
    {0, 1, 0}, {.1, 1, 0}, {-1, 1, 0}, {0, 1, .3}, {.25, 2, -.5}};
const std::vector<SmoothActivation> smooth = {{ActivationKind::tanh},  {ActivationKind::sigmoid},
                                              {ActivationKind::erf},   {ActivationKind::softplus},
                                              {ActivationKind::silu},  {ActivationKind::gelu},
                                              {ActivationKind::square}};

/// Not one of the library's.
struct Sine {
  template <class T>
  MCKEAN_HD T value(T z) const {
    return std::sin(z);
  }
  template <class T>
  MCKEAN_HD T derivative(T z) const {
    return std::cos(z);
  }
};
static_assert(Activation<Sine> && Activation<SmoothActivation>);

template <class Real>
class EmulatedSampledField : public ::testing::Test {
 public:
  template <class A>
  void check(const A& sigma, std::size_t m, std::size_t n, std::size_t d,
             const FieldLimits& limits) {
    const Data<Real> data(m, n, d, unsigned(m + 1000 * n + d));
    const Expected expected = expect(sigma, data);
    const Order order = orders[checks_++ % orders.size()];
    EXPECT_TRUE(predicts(sigma, data, expected, limits, EmulatedExecutor(order)))
        << m << " " << n << " " << d;
    EXPECT_TRUE(moves(sigma, data, expected, limits, EmulatedExecutor(order)))
        << m << " " << n << " " << d;
  }
  template <class A>
  void check_sizes(const std::vector<A>& activations) {
    std::size_t next = 0;
    for (const std::size_t m : {1, 31, 33, 70, 130}) {
      for (const std::size_t n : {1, 31, 33, 70, 130}) {
        for (const std::size_t d : {1, 2, 7, 33, 65}) {
          // A third of the full product, in which every pair of sizes occurs.
          if ((m + n + d) % 3 != 0) continue;
          check(activations[next % activations.size()], m, n, d,
                next % 2 == 0 ? few : FieldLimits{});
          ++next;
        }
      }
    }
  }
  template <class A, class Args>
  void audit(const A& sigma, std::size_t barriers, std::size_t d) {
    const Data<Real> data(300, 300, d, 5);
    const FieldLimits one_block{1, 1, 1 << 20};
    const Expected expected = expect(sigma, data);
    const SyncAudit found = audit_barriers([&](Order order) {
      return moves(sigma, data, expected, one_block,
                   EmulatedExecutor(order, std::type_index(typeid(Args))));
    });
    EXPECT_TRUE(found.right());
    EXPECT_EQ(found.sites.size(), barriers);
    EXPECT_EQ(found.unnoticed, std::vector<std::string>{});
  }

 private:
  std::size_t checks_ = 0;
};
using Reals = ::testing::Types<float, double>;
TYPED_TEST_SUITE(EmulatedSampledField, Reals);

TYPED_TEST(EmulatedSampledField, PiecewiseLinearAtOddSizes) { this->check_sizes(piecewise); }

TYPED_TEST(EmulatedSampledField, SmoothAtOddSizes) { this->check_sizes(smooth); }

TYPED_TEST(EmulatedSampledField, EveryActivationOverSeveralTilesChunksAndSplits) {
  for (const PiecewiseLinear& sigma : piecewise) {
    this->check(sigma, 300, 270, 3, few);
    this->check(sigma, 300, 600, 17, {});
  }
  for (const SmoothActivation& sigma : smooth) {
    this->check(sigma, 300, 270, 3, few);
    this->check(sigma, 70, 600, 17, {});
  }
  this->check(Sine{}, 70, 270, 3, few);
}

TYPED_TEST(EmulatedSampledField, EveryDimension) {
  for (std::size_t d = 1; d <= 65; ++d) {
    this->check(piecewise[d % piecewise.size()], 33, 31, d, {});
    this->check(smooth[d % smooth.size()], 31, 33, d, {});
  }
  for (const PiecewiseLinear& sigma : piecewise) this->check(sigma, 33, 70, 300, {});
  for (const SmoothActivation& sigma : smooth) this->check(sigma, 33, 70, 300, {});
}

// Split in two, so that they run side by side.
TYPED_TEST(EmulatedSampledField, PiecewiseLinearAtAThousandParticles) {
  for (std::size_t i = 0; i < piecewise.size(); ++i)
    this->check(piecewise[i], 1000, 997, i == 0 ? 65 : 2, {});
}

TYPED_TEST(EmulatedSampledField, SmoothAtAThousandParticles) {
  for (std::size_t i = 0; i < smooth.size(); ++i)
    this->check(smooth[i], 1000, 997, i == 0 ? 65 : 2, {});
}

TYPED_TEST(EmulatedSampledField, SameBitsInEveryOrder) {
  const Data<TypeParam> data(300, 300, 20, 6);
  std::vector<double> first[2];
  for (const Order order : orders) {
    std::vector<double> v[2];
    const PiecewiseLinear leaky{.1, 1, .2};
    EXPECT_TRUE(moves(leaky, data, expect(leaky, data), {}, EmulatedExecutor(order), &v[0]));
    EXPECT_TRUE(
        moves(smooth[0], data, expect(smooth[0], data), {}, EmulatedExecutor(order), &v[1]));
    for (int k = 0; k < 2; ++k) {
      if (first[k].empty()) first[k] = v[k];
      EXPECT_EQ(v[k], first[k]);
    }
  }
}

TYPED_TEST(EmulatedSampledField, EveryBarrierOfTheForwardKernelIsNeeded) {
  this->template audit<PiecewiseLinear, cuda::ForwardArgs<TypeParam, PiecewiseLinear>>({.1, 1, 0},
                                                                                       3, 20);
}
TYPED_TEST(EmulatedSampledField, EveryBarrierOfTheMaskedKernelIsNeeded) {
  this->template audit<PiecewiseLinear, cuda::MaskedArgs<cuda::MaskedTile<TypeParam, 16>>>(
      {0, 1, 0}, 2, 20);
}
TYPED_TEST(EmulatedSampledField, EveryBarrierOfTheSmoothKernelIsNeeded) {
  this->template audit<SmoothActivation, cuda::SmoothArgs<TypeParam, SmoothActivation>>(smooth[0],
                                                                                        4, 70);
}
TYPED_TEST(EmulatedSampledField, EveryBarrierOfTheSumsIsNeeded) {
  this->template audit<PiecewiseLinear, cuda::TotalsArgs<TypeParam>>({.5, 1, 0}, 1, 2);
  this->template audit<PiecewiseLinear, cuda::ErrorArgs>({0, 1, 0}, 1, 2);
  this->template audit<PiecewiseLinear, cuda::TotalSumArgs>({0, 1, 0}, 1, 2);
}

}  // namespace
}  // namespace mckean::emulation
