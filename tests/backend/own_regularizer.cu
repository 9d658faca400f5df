// A user's own regulariser on the device: a functor in a .cu file, against its formulas.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "backend/on_backend.hpp"
#include "backend/test_backend.hpp"
#include "host/flow/own_regularizer.hpp"
#include "mckean/cuda.cuh"

namespace mckean {
namespace {

/// r = a^4/4 + |b|^4/4.
struct Quartic {
  MCKEAN_HD double value(double a, double n) const { return (a * a * a * a + n * n * n * n) / 4; }
  MCKEAN_HD RadialGradient gradient(double a, double n) const { return {a * a * a, n * n}; }
};

TEST(OwnRegularizer, RunsOnTheStreamOfTheBackEnd) {
  using Cuda = CudaBackend<double>;
  constexpr double u = std::numeric_limits<double>::epsilon() / 2;
  const Cuda backend;
  const std::size_t m = 333, d = 5;  // more than a block, and no whole number of them
  const reference::PlaneState state = test::random_state(m, d, 1);
  const ModelRegularizer model = cuda_regularizer(Quartic{});
  FieldSpec spec;
  spec.regularizer = Regularizer::custom;
  spec.own_regularizer = model.own();
  spec.lambda = 0.3;
  const OwnRegularizer<Cuda> regularizer(backend, spec, m);

  const test::OnBackend<Cuda> w(backend, state);
  const std::vector<double> before = test::random_values(state.values.size(), 2);
  reference::PlaneState start(m, d);
  start.values = before;
  test::OnBackend<Cuda> v(backend, start);
  regularizer.add_gradient_to(w.state(), v.state());
  const std::vector<double> after = v.fetch();
  const double sum = test::scalar(backend, [&](auto slot) { regularizer.sum(w.state(), slot); });

  double expected_sum = 0;
  for (std::size_t j = 0; j < m; ++j) {
    const double a = state.values[j];
    double squared = 0;
    for (std::size_t k = 1; k <= d; ++k) squared += std::pow(state.values[k * m + j], 2);
    expected_sum += (std::pow(a, 4) + squared * squared) / 4;
    for (std::size_t k = 0; k <= d; ++k) {
      const double own = state.values[k * m + j];
      const double gradient = 0.3 * (k == 0 ? own * own * own : squared * own);
      // d + 8 roundings of the gradient, those of |b| twice, and one of the sum.
      const double bound =
          u * ((2 * d + 8) * std::abs(gradient) + std::abs(before[k * m + j]) + std::abs(gradient));
      EXPECT_NEAR(after[k * m + j], before[k * m + j] + gradient, bound) << j << ' ' << k;
    }
  }
  EXPECT_NEAR(sum, expected_sum, 2 * u * (m + 2 * d + 8) * expected_sum);
}

}  // namespace
}  // namespace mckean
