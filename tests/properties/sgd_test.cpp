// Euler's method is full-batch gradient descent: the stored ends of PyTorch's SGD on MSELoss at
// learning rate lr are those of dt = 2 lr, with mean-field scaling 2 lr/m.
#include <gtest/gtest.h>

#include "problem.hpp"
#include "reference/sgd_values.hpp"

namespace mckean {
namespace {

namespace sgd = reference::sgd;

// 200 steps of a contraction (on the whole), each with a few units of rounding: 1e-14 of the
// largest value.
TEST(Sgd, EulerTakesTheStepsOfPyTorch) {
  const struct {
    const char* activation;
    Scaling scaling;
    double lr;
    const std::vector<double>& end;
  } cases[] = {{"relu", Scaling::standard, sgd::standard_rate, sgd::relu_standard},
               {"relu", Scaling::ntk, sgd::ntk_rate, sgd::relu_ntk},
               {"relu", Scaling::mean_field, sgd::mean_field_rate, sgd::relu_mean_field},
               {"tanh", Scaling::standard, sgd::standard_rate, sgd::tanh_standard},
               {"tanh", Scaling::ntk, sgd::ntk_rate, sgd::tanh_ntk},
               {"tanh", Scaling::mean_field, sgd::mean_field_rate, sgd::tanh_mean_field}};
  ParticleArray start(sgd::particles, sgd::dimension);
  start.values = sgd::start;
  for (const auto& each : cases) {
    const SampledData<test::FlowBackend> field(test::backend(), *find_activation(each.activation), each.scaling,
                                       test::as_view(sgd::x), test::as_view(sgd::y),
                                       sgd::dimension);
    FieldSpec spec;
    spec.scaling = each.scaling;
    const double dt =
        2 * each.lr / (each.scaling == Scaling::mean_field ? double(sgd::particles) : 1.0);
    IntegratorSpec integrator = test::fixed_step(IntegratorSpec::Method::euler, dt);
    integrator.audit = false;
    const auto result = test::run(field, spec, integrator, start, {sgd::steps * dt});
    ASSERT_EQ(result.result.reached.step, static_cast<std::uint64_t>(sgd::steps));
    double largest = 0, off = 0, moved = 0;
    for (std::size_t i = 0; i < each.end.size(); ++i) {
      largest = std::max(largest, std::abs(each.end[i]));
      off = std::max(off, std::abs(result.particles.values[i] - each.end[i]));
      moved = std::max(moved, std::abs(start.values[i] - each.end[i]));
    }
    EXPECT_LT(off, 1e-14 * largest) << each.activation;
    EXPECT_GT(moved, .1);
  }
}

}  // namespace
}  // namespace mckean
