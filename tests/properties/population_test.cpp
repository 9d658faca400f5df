// Fields of a whole law: against large samples of the law, against each other, against their own
// risk.
#include <gtest/gtest.h>

#include <numbers>

#include "host/flow/planar.hpp"
#include "problem.hpp"

namespace mckean {
namespace {

using test::as_view;
using test::FlowBackend;
using test::backend;

struct Case {
  const char* name;
  AnyActivation activation;
  DataLaw law;
  std::size_t d;
};

class PopulationLimit : public ::testing::TestWithParam<Case> {};

// Velocity and risk over n samples of the law are unbiased; 40 independent sets of 2000 give the
// standard error, of which 5 are allowed.
TEST_P(PopulationLimit, IsTheMeanOverSamples) {
  const auto& [name, activation, law, d] = GetParam();
  const Teacher teacher = make_neurons(3, d, 2);
  const ParticleArray w = test::gaussian_particles(6, d);
  const Population<FlowBackend> field(backend(), *pair_kernel(activation, law, d), Scaling::mean_field,
                              population_teacher(teacher, activation, law), d);
  const std::size_t n = 2000, sets = 40;
  std::vector<double> sum(w.values.size() + 1), squares(w.values.size() + 1);
  for (std::size_t set = 0; set < sets; ++set) {
    const std::vector<double> x = draw_samples(law, n, d, 77, set);
    const std::vector<double> y = teacher.evaluate(activation, x, n);
    const SampledData<FlowBackend> sampled(backend(), activation, Scaling::mean_field, as_view(x), as_view(y),
                                   d);
    std::vector<double> v = test::velocity_of(sampled, w).values;
    v.push_back(test::risk_of(sampled, w));
    for (std::size_t i = 0; i < v.size(); ++i) {
      sum[i] += v[i] / sets;
      squares[i] += v[i] * v[i] / sets;
    }
  }
  std::vector<double> exact = test::velocity_of(field, w).values;
  exact.push_back(test::risk_of(field, w));
  double largest = 0;
  for (const double value : exact) largest = std::max(largest, std::abs(value));
  for (std::size_t i = 0; i < exact.size(); ++i) {
    const double standard_error = std::sqrt((squares[i] - sum[i] * sum[i]) / (sets - 1));
    EXPECT_NEAR(exact[i], sum[i], 5 * standard_error + 1e-14) << i;
    EXPECT_LT(standard_error, .05 * largest) << "too noisy to tell";
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, PopulationLimit,
    ::testing::Values(
        Case{"relu_circle", {}, DataLaw::circle, 2}, Case{"relu_sphere", {}, DataLaw::sphere, 5},
        Case{"relu_gaussian", {}, DataLaw::gaussian, 3},
        Case{"relu_gaussian_scaled", {}, DataLaw::gaussian_scaled, 4},
        Case{"erf_gaussian", {ActivationKind::erf}, DataLaw::gaussian, 3},
        Case{"erf_gaussian_scaled", {ActivationKind::erf}, DataLaw::gaussian_scaled, 4},
        Case{"square_gaussian", {ActivationKind::square}, DataLaw::gaussian, 3},
        Case{"square_sphere", {ActivationKind::square}, DataLaw::sphere, 4}),
    [](const auto& suite) { return suite.param.name; });

// v is the gradient of R/2 at fixed particles: finite differences of the risk.
TEST(Population, VelocityIsTheGradientOfHalfTheRisk) {
  const AnyActivation relu{};
  for (const std::size_t d : {std::size_t{2}, std::size_t{3}}) {
    const Teacher uniform = make_uniform_sphere_teacher(d);
    for (const Teacher& teacher : {uniform, make_neurons(4, d, 8)}) {
      const PopulationTeacher law = population_teacher(teacher, relu, DataLaw::sphere);
      const PairKernel kernel = *pair_kernel(relu, DataLaw::sphere, d);
      std::vector<std::unique_ptr<Field<FlowBackend>>> fields;
      fields.push_back(std::make_unique<Population<FlowBackend>>(backend(), kernel, Scaling::standard, law, d));
      if (d == 2)
        fields.push_back(
            std::make_unique<Planar<FlowBackend>>(backend(), kernel.moment, Scaling::standard, law));
      for (const auto& field : fields) {
        ParticleArray w = test::gaussian_particles(7, d);
        const std::vector<double> v = test::velocity_of(*field, w).values;
        for (std::size_t i = 0; i < w.values.size(); ++i) {
          const double value = w.values[i], h = 1e-5;
          w.values[i] = value + h;
          const double above = test::risk_of(*field, w);
          w.values[i] = value - h;
          const double below = test::risk_of(*field, w);
          w.values[i] = value;
          EXPECT_NEAR(v[i], (above - below) / (4 * h), 1e-7 * (1 + std::abs(v[i])));
        }
      }
    }
  }
}

TEST(Population, PlanarIsThePairwiseFieldOnThePlane) {
  const AnyActivation relu{};
  const ParticleArray w = test::gaussian_particles(333, 2);
  for (const Teacher& teacher : {make_uniform_sphere_teacher(2), make_neurons(57, 2, 8)}) {
    const PopulationTeacher law = population_teacher(teacher, relu, DataLaw::gaussian);
    const Population<FlowBackend> pairwise(backend(), *pair_kernel(relu, DataLaw::gaussian, 2),
                                   Scaling::mean_field, law, 2);
    const Planar<FlowBackend> planar(backend(), 1, Scaling::mean_field, law);
    const std::vector<double> v = test::velocity_of(pairwise, w).values, u = test::velocity_of(planar, w).values;
    for (std::size_t i = 0; i < v.size(); ++i) EXPECT_NEAR(u[i], v[i], 1e-12);
    EXPECT_NEAR(test::risk_of(planar, w), test::risk_of(pairwise, w), 1e-12);
  }
}

// The uniform teacher is the limit of regular polygons: on the circle, M atoms leave an error
// O(1/M^2).
TEST(Population, UniformTeacherIsTheLimitOfPolygons) {
  const AnyActivation relu{};
  const ParticleArray w = test::gaussian_particles(20, 2);
  const Planar<FlowBackend> uniform(
      backend(), .5, Scaling::mean_field,
      population_teacher(make_uniform_sphere_teacher(2), relu, DataLaw::circle));
  const Planar<FlowBackend> polygon(
      backend(), .5, Scaling::mean_field,
      population_teacher(make_circle_neuron(2, 20000), relu, DataLaw::circle));
  const std::vector<double> v = test::velocity_of(uniform, w).values, u = test::velocity_of(polygon, w).values;
  for (std::size_t i = 0; i < v.size(); ++i) EXPECT_NEAR(u[i], v[i], 1e-8);
  EXPECT_NEAR(test::risk_of(uniform, w), test::risk_of(polygon, w), 1e-8);
}

// A student that is its teacher has no risk and does not move.
TEST(Population, StudentEqualToItsTeacherIsAtRest) {
  for (const auto& [activation, law] :
       {std::pair{AnyActivation{}, DataLaw::gaussian},
        std::pair{AnyActivation{ActivationKind::erf}, DataLaw::gaussian},
        std::pair{AnyActivation{ActivationKind::square}, DataLaw::sphere}}) {
    const Teacher teacher = make_neurons(40, 6, 3);
    const Population<FlowBackend> field(backend(), *pair_kernel(activation, law, 6), Scaling::mean_field,
                                population_teacher(teacher, activation, law), 6);
    for (const double value : test::velocity_of(field, teacher.atoms).values)
      EXPECT_NEAR(value, 0, 1e-15);
    EXPECT_NEAR(test::risk_of(field, teacher.atoms), 0, 1e-14);
  }
}

}  // namespace
}  // namespace mckean
