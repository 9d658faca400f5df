// A user's own activation on the device: a functor in a .cu file, against the naive loops.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "backend/on_backend.hpp"
#include "backend/test_backend.hpp"
#include "kernels/cuda/sampled_field_launch.cuh"
#include "reference/sampled_field.hpp"

namespace mckean {
namespace {

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

template <class Real>
class OwnActivation : public ::testing::Test {};
using Precisions = ::testing::Types<float, double>;
TYPED_TEST_SUITE(OwnActivation, Precisions);

TYPED_TEST(OwnActivation, RunsFromACudaSourceFile) {
  using Cuda = CudaBackend<TypeParam>;
  const Cuda backend;
  const double scale = 0.01;
  const reference::PlaneState state = test::random_state(333, 5, 1);
  reference::SampleSet data{129, 5, test::random_values(129 * 5, 2), test::random_values(129, 3)};
  for (double& value : data.x) value = static_cast<TypeParam>(value);
  const reference::ReferenceActivation sine{"sine", [](double z) { return std::sin(z); },
                                            [](double z) { return std::cos(z); },
                                            [](double) { return 1.0; }, 1};
  const double u = std::numeric_limits<TypeParam>::epsilon() / 2;
  const auto expected = reference::sampled_field(sine, state, scale, data, u, 512);

  const std::vector<TypeParam> rows(data.x.begin(), data.x.end());
  auto x = backend.template allocate<TypeParam>(rows.size());
  backend.template copy<TypeParam>(HostView<const TypeParam>(rows.data(), rows.size()), x.view());
  const test::OnBackend<Cuda> w(backend, state);
  const test::OnBackend<Cuda> y(backend, data.y);
  test::OnBackend<Cuda> v(backend, reference::PlaneState(state.m, state.d));
  const double risk = test::scalar(backend, [&](auto slot) {
    backend.sampled_field(Sine{}, w.state(), scale,
                          {std::as_const(x).view(), y.vector(), data.n, data.d}, v.state(), slot);
  });
  EXPECT_NEAR(risk, expected.mean_square, expected.mean_square_bound);
  const std::vector<double> computed = v.fetch();
  for (std::size_t i = 0; i < computed.size(); ++i) {
    EXPECT_NEAR(computed[i], expected.v.values[i], expected.v_bound.values[i]) << i;
  }
}

}  // namespace
}  // namespace mckean
