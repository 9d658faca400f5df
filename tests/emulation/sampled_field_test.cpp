// The kernels of the sampled field in their order, against naive loops in fp64 with a bound of
// the rounding error; their barriers.
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
#include "reference/sampled_field.hpp"

namespace mckean::emulation {
namespace {

using cuda::FieldLimits;
using cuda::FieldProblem;
using cuda::SampledField;
using cuda::SmoothActivation;

template <class Real>
struct Data {
  reference::PlaneState w;
  reference::SampleSet samples;
  std::vector<Real> x;  // those of the samples
  double scale;

  Data(std::size_t m, std::size_t n, std::size_t d, unsigned seed)
      : w(m, d),
        samples{n, d, std::vector<double>(n * d), std::vector<double>(n)},
        scale(1. / double(m)) {
    std::mt19937_64 engine(seed);
    std::normal_distribution<double> normal;
    for (double& value : w.values) value = normal(engine);
    for (double& value : samples.y) value = normal(engine);
    for (double& value : samples.x) {
      x.push_back(Real(normal(engine) / std::sqrt(double(d))));
      value = x.back();
    }
  }
  FieldProblem<Real> problem() const {
    return {w.values.data(), w.m, w.d, x.data(), samples.y.data(), samples.n, scale, w.m};
  }
};

/// A functor of the kernels and what it is by its definition.
template <class A>
struct Case {
  A sigma;
  reference::ReferenceActivation definition;
};

/// No kernel adds more numbers than this in Real before it goes on in fp64.
constexpr double real_terms = 512;
/// Nor the forward pass than a warp's particles of one tile.
constexpr double forward_terms = 16;

template <class Real, class A>
reference::SampledField expect(const Case<A>& tested, const Data<Real>& data) {
  return reference::sampled_field(tested.definition, data.w, data.scale, data.samples,
                                  std::numeric_limits<Real>::epsilon() / 2, real_terms,
                                  forward_terms);
}

bool close(double value, double expected, double bound) {
  return std::abs(value - expected) <= bound;  // false for NaN
}
bool all_close(const std::vector<double>& values, const std::vector<double>& expected,
               const std::vector<double>& bound) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!close(values[i], expected[i], bound[i])) return false;
  }
  return true;
}

template <class Real, class A>
bool predicts(const A& sigma, const Data<Real>& data, const reference::SampledField& expected,
              const FieldLimits& limits, EmulatedExecutor executor) {
  std::vector<double> f(data.samples.n, NAN);
  SampledField<Real, A>(sigma, data.problem(), limits).predict(executor, f.data());
  return all_close(f, expected.f, expected.f_bound);
}

template <class Real, class A>
bool moves(const A& sigma, const Data<Real>& data, const reference::SampledField& expected,
           const FieldLimits& limits, EmulatedExecutor executor,
           std::vector<double>* result = nullptr) {
  std::vector<double> v(data.w.values.size(), NAN);
  double risk = NAN;
  SampledField<Real, A>(sigma, data.problem(), limits).velocity(executor, v.data(), &risk);
  if (result != nullptr) *result = v;
  return close(risk, expected.mean_square, expected.mean_square_bound) &&
         all_close(v, expected.v.values, expected.v_bound.values);
}

const FieldLimits few{1, 1, 1};  // one block takes many tiles; 128 samples of mask at a time

double one(double) { return 1; }
double two(double) { return 2; }

const std::vector<Case<PiecewiseLinear>> piecewise = {
    {{0, 1, 0},
     {"relu", [](double z) { return z > 0 ? z : 0; }, [](double z) { return z > 0 ? 1. : 0; }, one,
      0, 0, 1}},
    {{.1, 1, 0},
     {"leaky", [](double z) { return z > 0 ? z : .1 * z; }, [](double z) { return z > 0 ? 1 : .1; },
      one, 0, 0, 1}},
    {{-1, 1, 0},
     {"abs", [](double z) { return std::abs(z); }, [](double z) { return z > 0 ? 1. : -1; }, one, 0,
      0, 3}},
    {{0, 1, .3},
     {"shifted", [](double z) { return z + .3 > 0 ? z + .3 : 0; },
      [](double z) { return z + .3 > 0 ? 1. : 0; }, one, 0, .3, 1}},
    {{.25, 2, -.5},
     {"bent", [](double z) { return (z - .5 > 0 ? 2 : .25) * (z - .5); },
      [](double z) { return z - .5 > 0 ? 2 : .25; }, two, 0, -.5, 2}}};

/// Those of the library that share a kernel.
const std::vector<Case<SmoothActivation>> smooth = [] {
  std::vector<Case<SmoothActivation>> all;
  for (const reference::ReferenceActivation& each : reference::all_activations()) {
    const AnyActivation named = find_activation(each.name).value();
    if (named.kind != ActivationKind::piecewise_linear) all.push_back({{named.kind}, each});
  }
  return all;
}();

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
const Case<Sine> sine{
    {},
    {"sine", [](double z) { return std::sin(z); }, [](double z) { return std::cos(z); }, one, 1}};

template <class Real>
class EmulatedSampledField : public ::testing::Test {
 public:
  template <class A>
  void check(const Case<A>& tested, std::size_t m, std::size_t n, std::size_t d,
             const FieldLimits& limits) {
    SCOPED_TRACE(tested.definition.name + " " + std::to_string(m) + " " + std::to_string(n) + " " +
                 std::to_string(d));
    const Data<Real> data(m, n, d, unsigned(m + 1000 * n + d));
    const auto expected = expect(tested, data);
    const Order order = orders[checks_++ % orders.size()];
    EXPECT_TRUE(predicts(tested.sigma, data, expected, limits, EmulatedExecutor(order)));
    EXPECT_TRUE(moves(tested.sigma, data, expected, limits, EmulatedExecutor(order)));
  }
  template <class A>
  void check_sizes(const std::vector<Case<A>>& activations) {
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
  template <class Args, class A>
  void audit(const Case<A>& tested, std::size_t barriers, std::size_t d) {
    const Data<Real> data(300, 300, d, 5);
    const FieldLimits one_block{1, 1, 1 << 20};
    const auto expected = expect(tested, data);
    const SyncAudit found = audit_barriers([&](Order order) {
      return moves(tested.sigma, data, expected, one_block,
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
  for (const auto& sigma : piecewise) {
    this->check(sigma, 300, 270, 3, few);
    this->check(sigma, 300, 600, 17, {});
  }
  for (const auto& sigma : smooth) {
    this->check(sigma, 300, 270, 3, few);
    this->check(sigma, 70, 600, 17, {});
  }
  this->check(sine, 70, 270, 3, few);
}

TYPED_TEST(EmulatedSampledField, EveryDimension) {
  for (std::size_t d = 1; d <= 65; ++d) {
    this->check(piecewise[d % piecewise.size()], 33, 31, d, {});
    this->check(smooth[d % smooth.size()], 31, 33, d, {});
  }
  for (const auto& sigma : piecewise) this->check(sigma, 33, 70, 300, {});
  for (const auto& sigma : smooth) this->check(sigma, 33, 70, 300, {});
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
    const EmulatedExecutor on(order);
    EXPECT_TRUE(moves(piecewise[1].sigma, data, expect(piecewise[1], data), {}, on, &v[0]));
    EXPECT_TRUE(moves(smooth[0].sigma, data, expect(smooth[0], data), {}, on, &v[1]));
    for (int k = 0; k < 2; ++k) {
      if (first[k].empty()) first[k] = v[k];
      EXPECT_EQ(v[k], first[k]);
    }
  }
}

TYPED_TEST(EmulatedSampledField, EveryBarrierOfTheForwardKernelIsNeeded) {
  this->template audit<cuda::ForwardArgs<TypeParam, PiecewiseLinear>>(piecewise[1], 3, 20);
}
TYPED_TEST(EmulatedSampledField, EveryBarrierOfTheMaskedKernelIsNeeded) {
  this->template audit<cuda::MaskedArgs<cuda::MaskedTile<TypeParam, 16>>>(piecewise[0], 2, 20);
}
TYPED_TEST(EmulatedSampledField, EveryBarrierOfTheSmoothKernelIsNeeded) {
  this->template audit<cuda::SmoothArgs<TypeParam, SmoothActivation>>(smooth[0], 4, 70);
}
TYPED_TEST(EmulatedSampledField, EveryBarrierOfTheSumsIsNeeded) {
  this->template audit<cuda::TotalsArgs<TypeParam>>(piecewise[1], 1, 2);
  this->template audit<cuda::ErrorArgs>(piecewise[0], 1, 2);
  this->template audit<cuda::TotalSumArgs>(piecewise[0], 1, 2);
}

}  // namespace
}  // namespace mckean::emulation
