// Fields have no scratch of their own: threads that share a const one get what each gets alone.
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <thread>
#include <vector>

#include "backend/on_backend.hpp"
#include "host/flow/minibatch.hpp"
#include "host/flow/online.hpp"
#include "host/flow/planar.hpp"
#include "host/flow/population.hpp"
#include "kernels/cpu/cpu_backend.hpp"

namespace mckean {
namespace {

using Cpu = CpuBackend<double>;

constexpr std::size_t n = 300, d = 2, most_particles = 40;

/// The velocity and the risks of a field, at a state of its own for each `seed`.
std::vector<double> evaluate(const Field<Cpu>& field, unsigned seed) {
  const std::size_t m = most_particles - seed;
  std::vector<double> w = test::random_values(m * (1 + d), seed);
  std::vector<double> v(w.size() + 2);
  const Particles<const double, Space::host> state({w.data(), w.size()}, m, d);
  const View<double, Space::host> out(v.data(), v.size());
  field.velocity(state, {out.subview(0, w.size()), m, d}, seed, out.subview(w.size(), 1));
  field.risk(state, out.subview(w.size() + 1, 1));
  return v;
}

void expect_same_from_threads(const Field<Cpu>& field) {
  constexpr unsigned threads = 3;
  constexpr int rounds = 300;
  std::vector<std::vector<double>> alone;
  for (unsigned t = 0; t < threads; ++t) alone.push_back(evaluate(field, t));
  std::vector<int> wrong(threads);
  std::vector<std::thread> running;
  for (unsigned t = 0; t < threads; ++t) {
    running.emplace_back([&, t] {
      for (int round = 0; round < rounds; ++round) wrong[t] += evaluate(field, t) != alone[t];
    });
  }
  for (std::thread& thread : running) thread.join();
  for (unsigned t = 0; t < threads; ++t) EXPECT_EQ(wrong[t], 0) << "thread " << t;
}

class SharedField : public ::testing::Test {
 protected:
  HostView<const double> x() const { return {x_.data(), x_.size()}; }
  HostView<const double> y() const { return {y_.data(), y_.size()}; }
  std::unique_ptr<SampledData<Cpu>> sampled() const {
    return std::make_unique<SampledData<Cpu>>(backend_, AnyActivation{ActivationKind::tanh},
                                              Scaling::mean_field, x(), y(), d);
  }
  PopulationTeacher teacher() const {
    PopulationTeacher teacher{ParticleArray(7, d), RadialTeacher{.5, 1, .25}};
    teacher.atoms.values = test::random_values(7 * (1 + d), 9);
    return teacher;
  }

  const Cpu backend_{1};
  const std::vector<double> x_ = test::random_values(n * d, 11);
  const std::vector<double> y_ = test::random_values(n, 12);
};

TEST_F(SharedField, OfAllTheData) { expect_same_from_threads(*sampled()); }

TEST_F(SharedField, OfMiniBatches) {
  const MiniBatch<Cpu> field(backend_, {ActivationKind::tanh}, Scaling::mean_field, {x(), y(), d},
                             {32, false, 5});
  expect_same_from_threads(field);
}

TEST_F(SharedField, OfFreshSamples) {
  const auto draw = [](std::uint64_t step, HostView<double> rows, HostView<double> values) {
    for (std::size_t i = 0; i < rows.size(); ++i)
      rows[i] = std::sin(static_cast<double>(i + 100 * step));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::cos(static_cast<double>(i));
  };
  const Online<Cpu> field(backend_, {ActivationKind::tanh}, Scaling::mean_field, {32, d, draw},
                          sampled());
  expect_same_from_threads(field);
}

TEST_F(SharedField, OfAllPairs) {
  const Population<Cpu> field(backend_, {PairKernelKind::arc_cosine, 1}, Scaling::mean_field,
                              teacher(), d);
  expect_same_from_threads(field);
}

TEST_F(SharedField, OnThePlane) {
  const Planar<Cpu> field(backend_, 1, Scaling::mean_field, teacher());
  expect_same_from_threads(field);
}

}  // namespace
}  // namespace mckean
