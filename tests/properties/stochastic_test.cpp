// Euler-Maruyama against closed forms, mini-batches and fresh samples against the full field.
#include <gtest/gtest.h>

#include <memory>

#include "problem.hpp"

namespace mckean {
namespace {

using Method = IntegratorSpec::Method;
using test::backend;
using test::fixed_step;
using test::run;

const test::NoData no_data{2};

// With T the time scale, x' = (1 - lambda T dt) x + sqrt(2 tau T dt) xi: variance 2 tau/(lambda (2
// - lambda T dt)) once the start is forgotten, tau/lambda as dt falls, under every scaling; with N
// values its standard error is sqrt(2/N) of it, and 5 of them are allowed.
TEST(Langevin, OrnsteinUhlenbeckVariance) {
  const double lambda = .8, tau = .3;
  const std::size_t m = 10000;
  for (const Scaling scaling : {Scaling::mean_field, Scaling::standard, Scaling::ntk}) {
    FieldSpec spec;
    spec.scaling = scaling;
    spec.regularizer = Regularizer::l2;
    spec.lambda = lambda;
    const double time = scaling == Scaling::ntk ? 1 / std::sqrt(static_cast<double>(m)) : 1;
    const double dt = .05 / time;
    IntegratorSpec integrator = fixed_step(Method::euler, dt);
    integrator.temperature = tau;
    integrator.seed = 4;
    const auto field = no_data.field(scaling);
    const auto result = run(field, spec, integrator, test::gaussian_particles(m, 2), {0, 400 * dt});
    const double variance = 2 * tau / (lambda * (2 - lambda * .05));
    for (std::size_t plane = 0; plane < 3; ++plane) {
      double sum = 0, squares = 0;
      for (std::size_t j = 0; j < m; ++j) {
        const double value = result.particles.values[plane * m + j];
        sum += value;
        squares += value * value;
      }
      EXPECT_NEAR(sum / m, 0, 5 * std::sqrt(variance / m));
      EXPECT_NEAR(squares / m / variance, 1, 5 * std::sqrt(2. / m));
    }
    EXPECT_FALSE(result.records.back().energy_residual);
    EXPECT_FALSE(result.result.energy_residual);
  }
}

// Brownian motion on the circle: E cos(theta_t - theta_0) = exp(-tau t), with a weak error O(dt).
TEST(Langevin, HeatOnTheCircle) {
  const double tau = .5, t = 1;
  FieldSpec spec;
  spec.train = Train::inner;
  spec.constraint = Constraint::sphere;
  IntegratorSpec integrator = fixed_step(Method::euler, .002);
  integrator.temperature = tau;
  const std::size_t m = 40000;
  ParticleArray start(m, 2);
  for (std::size_t j = 0; j < m; ++j) {
    start.values[j] = 1;
    start.values[m + j] = 1;
  }
  const auto field = no_data.field();
  const auto result = run(field, spec, integrator, start, {0, t});
  double mean = 0;
  for (std::size_t j = 0; j < m; ++j) mean += result.particles.values[m + j] / m;
  const double variance = (1 + std::exp(-4 * tau * t)) / 2 - std::exp(-2 * tau * t);
  EXPECT_NEAR(mean, std::exp(-tau * t), 5 * std::sqrt(variance / m) + .002);
  for (std::size_t j = 0; j < m; ++j) ASSERT_EQ(result.particles.values[j], 1);
}

TEST(Langevin, SameSeedSameNoise) {
  IntegratorSpec integrator = fixed_step(Method::euler, .1);
  integrator.temperature = .1;
  const auto field = no_data.field();
  const ParticleArray start = test::gaussian_particles(50, 2);
  const auto one = run(field, {}, integrator, start, {0, 1});
  const auto same = run(field, {}, integrator, start, {0, 1});
  integrator.seed = 1;
  const auto other = run(field, {}, integrator, start, {0, 1});
  EXPECT_EQ(one.particles.values, same.particles.values);
  EXPECT_NE(one.particles.values, other.particles.values);
}

// Without replacement the batches of an epoch are a partition: their velocities average to the full
// one. f is the same sum for any batch; each v is an average of 8 terms and of 5 such averages, so
// 60 eps of terms of order 10.
TEST(MiniBatch, EpochAveragesToTheFullField) {
  const test::SmoothData data;  // n = 40
  const auto field = data.batches(8);
  const auto full = data.field();
  const ParticleArray w = test::gaussian_particles(33, data.d);
  ParticleArray v, sum(w.m, w.d);
  const ParticleArray expected = test::velocity_of(full, w);
  double spread = 0;
  for (std::uint64_t step = 5; step < 10; ++step) {
    v = test::velocity_of(field, w, step);
    for (std::size_t i = 0; i < v.values.size(); ++i) sum.values[i] += v.values[i] / 5;
  }
  for (std::size_t i = 0; i < v.values.size(); ++i) {
    EXPECT_NEAR(sum.values[i], expected.values[i], 1e-13);
    spread = std::max(spread, std::abs(v.values[i] - expected.values[i]));
  }
  EXPECT_GT(spread, .01) << "a batch is not the whole";
  EXPECT_EQ(test::risk_of(field, w), test::risk_of(full, w));
  EXPECT_FALSE(field.deterministic());
}

TEST(MiniBatch, WithReplacementIsUnbiased) {
  const test::SmoothData data;
  const auto field = data.batches(8, true);
  const ParticleArray w = test::gaussian_particles(5, data.d);
  const ParticleArray expected = test::velocity_of(data.field(), w);
  const int draws = 4000;
  std::vector<double> sum(w.values.size()), squares(w.values.size());
  for (int step = 0; step < draws; ++step) {
    const ParticleArray v = test::velocity_of(field, w, static_cast<std::uint64_t>(step));
    for (std::size_t i = 0; i < sum.size(); ++i) {
      sum[i] += v.values[i] / draws;
      squares[i] += v.values[i] * v.values[i] / draws;
    }
  }
  for (std::size_t i = 0; i < sum.size(); ++i) {
    const double standard_error = std::sqrt((squares[i] - sum[i] * sum[i]) / draws);
    EXPECT_NEAR(sum[i], expected.values[i], 5 * standard_error);
  }
}

TEST(MiniBatch, TrainsAndLeavesTheEnergyColumnEmpty) {
  const test::SmoothData data;
  const auto field = data.batches(10);
  const auto result = run(field, {}, fixed_step(Method::euler, .05),
                          test::gaussian_particles(200, data.d), {0, 20});
  EXPECT_EQ(result.records.back().step, 400u);
  EXPECT_LT(result.records.back().risk, .5 * result.records.front().risk);
  EXPECT_FALSE(result.records.back().energy_residual);
}

// Fresh Gaussian samples of a target that the particles can represent; risk over a fixed sample.
TEST(Online, LearnsFromFreshSamples) {
  const std::size_t d = 3, batch = 64;
  const auto target = [](const double* x) { return std::tanh(x[0]) - std::tanh(x[1] + x[2]); };
  const auto draw = [&](std::uint64_t step, HostView<double> x, HostView<double> y) {
    const std::vector<double> fresh = draw_samples(DataLaw::gaussian, y.size(), d, 9, step);
    std::copy(fresh.begin(), fresh.end(), x.begin());
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = target(fresh.data() + i * d);
  };
  std::vector<double> x(1000 * d), y(1000);
  draw(std::uint64_t{1} << 40, {x.data(), x.size()}, {y.data(), y.size()});
  auto held_out = std::make_unique<SampledData<test::FlowBackend>>(
      backend(), AnyActivation{ActivationKind::tanh}, Scaling::mean_field, test::as_view(x),
      test::as_view(y), d);
  const Online<test::FlowBackend> field(backend(), {ActivationKind::tanh}, Scaling::mean_field,
                                        {batch, d, draw}, std::move(held_out));
  const ParticleArray w = test::gaussian_particles(20, d);
  const auto first = test::velocity_of(field, w, 1).values;
  EXPECT_NE(test::velocity_of(field, w, 2).values, first);
  EXPECT_EQ(test::velocity_of(field, w, 1).values, first);
  const auto result =
      run(field, {}, fixed_step(Method::euler, .05), test::gaussian_particles(200, d), {0, 30});
  EXPECT_LT(result.records.back().risk, .2 * result.records.front().risk);
}

}  // namespace
}  // namespace mckean
