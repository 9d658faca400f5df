// Theorem 4 on the circle: linear decay rates of the Fourier modes, and the course of W2 and R.
#include <gtest/gtest.h>

#include <numbers>

#include "host/flow/planar.hpp"
#include "host/transport/line/circle.hpp"
#include "mckean/cloud.hpp"
#include "problem.hpp"

namespace mckean {
namespace {

using std::numbers::pi;
using test::FlowBackend;
using test::run;

const AnyActivation relu{};

Planar<FlowBackend> theorem4_field() {
  return {test::backend(), pair_kernel(relu, DataLaw::circle, 2)->moment, Scaling::mean_field,
          population_teacher(make_uniform_sphere_teacher(2), relu, DataLaw::circle)};
}

FieldSpec theorem4_spec() {
  FieldSpec spec;
  spec.train = Train::inner;
  spec.constraint = Constraint::sphere;
  return spec;
}

/// Angles phi_j + epsilon sin(mode phi_j), phi_j = 2 pi (j - 1/2)/m: the density 1 - epsilon mode
/// cos(mode theta) to first order.
ParticleArray perturbed_circle(std::size_t m, int mode, double epsilon) {
  ParticleArray w(m, 2);
  for (std::size_t j = 0; j < m; ++j) {
    const double phi = 2 * pi * (static_cast<double>(j) + .5) / static_cast<double>(m);
    const double theta = phi + epsilon * std::sin(mode * phi);
    w.values[j] = 1;
    w.values[m + j] = std::cos(theta);
    w.values[2 * m + j] = std::sin(theta);
  }
  return w;
}

/// Amplitude of sin(mode phi) in the displacements from the regular polygon.
double displacement(const ParticleArray& w, int mode) {
  double sum = 0;
  const auto m = static_cast<double>(w.m);
  for (std::size_t j = 0; j < w.m; ++j) {
    const double phi = 2 * pi * (static_cast<double>(j) + .5) / m;
    const double moved = std::sin(std::atan2(w.values[2 * w.m + j], w.values[w.m + j]) - phi);
    sum += moved * std::sin(mode * phi);
  }
  return 2 * sum / m;
}

// rate(n) = n^2 c_n/2 with c_n the coefficient of cos(n theta) in k: 1/8 for n = 1, (2/pi^2)(n^2 -
// 1)^-2 for even n.
TEST(Circle, FourierModesDecayAtTheirLinearRates) {
  const auto field = theorem4_field();
  const double published[] = {1. / 16, .0450316, .00720506, .00297760};
  const int modes[] = {1, 2, 4, 6};
  for (int i = 0; i < 4; ++i) {
    const int n = modes[i];
    const double c = n == 1 ? 1. / 8 : 2 / (pi * pi * (n * n - 1.) * (n * n - 1.));
    const double rate = n * n * c / 2;
    EXPECT_NEAR(published[i] / rate, 1, 1e-5);
    const double t = 1 / rate;
    const auto result =
        run(field, theorem4_spec(), test::adaptive(1e-12), perturbed_circle(2048, n, 1e-6), {0, t});
    ASSERT_EQ(result.result.outcome, Outcome::finished);
    const double ratio = displacement(result.particles, n) / 1e-6;
    EXPECT_NEAR(-std::log(ratio), 1, 1e-4) << "mode " << n;
  }
}

// Odd modes from 3 on are invisible to the network.
TEST(Circle, OddModesStay) {
  const auto field = theorem4_field();
  const auto result =
      run(field, theorem4_spec(), test::adaptive(1e-12), perturbed_circle(2048, 3, 1e-6), {0, 100});
  EXPECT_NEAR(displacement(result.particles, 3) / 1e-6, 1, 1e-4);
}

// The m = infinity values are published to three digits: within 1 % and the particle floor of a
// quantile start, O(1/m), here 2/m on W2 and its square on R.
TEST(Circle, Theorem4) {
  const std::size_t m = 20000;
  const ParticleArray start =
      draw_initial({.law = InitLaw::cos2, .sampling = InitSampling::quantile}, m, 2, 1);
  const double w2[] = {.2828, .2704, .1792, .0282, .00392};
  const double risk[] = {3.60e-3, 3.29e-3, 1.41e-3, 4.45e-6, 1.53e-8};
  std::vector<double> distances;
  IntegrateCallbacks callbacks;
  std::vector<Record> records;
  const auto field = theorem4_field();
  GradientFlow<FlowBackend> flow(test::backend(), field, theorem4_spec(), m, 2);
  callbacks.on_record = [&](Record& record, const FetchParticles& particles) {
    distances.push_back(w2_circle_uniform(angles(particles()).points.values).w2);
    records.push_back(record);
  };
  ParticleArray w = start;
  const auto result =
      test::integrate_host(flow, test::adaptive(1e-8), w, {0, 1, 10, 100, 1000}, callbacks);
  ASSERT_EQ(result.outcome, Outcome::finished);
  const double floor = 2. / static_cast<double>(m);
  for (int i = 0; i < 5; ++i) {
    EXPECT_NEAR(distances[i], w2[i], .01 * w2[i] + floor) << "record " << i;
    EXPECT_NEAR(records[i].risk, risk[i], .01 * risk[i] + floor * floor) << "record " << i;
    const double fallen = records[0].objective - records[i].objective;
    EXPECT_LE(std::abs(*records[i].energy_residual * fallen), 1e-8);
  }
  EXPECT_LT(std::abs(*result.energy_residual), 1e-8);
}

// From cos1 the antipodal symmetrisation converges and the measure itself does not.
TEST(Circle, GenericStartConvergesInRiskOnly) {
  const std::size_t m = 4000;
  ParticleArray w =
      draw_initial({.law = InitLaw::cos1, .sampling = InitSampling::quantile}, m, 2, 1);
  const auto field = theorem4_field();
  const auto result = run(field, theorem4_spec(), test::adaptive(1e-8), w, {0, 1000});
  EXPECT_LT(result.records.back().risk, 1e-6);
  const double distance = w2_circle_uniform(angles(result.particles).points.values).w2;
  const double antipodal = w2_circle_uniform_antipodal(angles(result.particles).points.values).w2;
  EXPECT_GT(distance, .02);
  EXPECT_LT(antipodal, distance / 5);
}

}  // namespace
}  // namespace mckean
