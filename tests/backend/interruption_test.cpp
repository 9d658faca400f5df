// An interruption that was asked for ends what may last, and leaves alone what changes a state.
#include "mckean/interruption.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "backend/on_backend.hpp"
#include "backend/test_backend.hpp"

namespace mckean {
namespace {

using B = TestBackend<double>;
using test::OnBackend;
using test::random_state;
using test::random_values;

const PairKernel kernel{PairKernelKind::arc_cosine, .5};

/// m particles, and as many samples, in dimension d.
struct Problem {
  Problem(const B& some, std::size_t m, std::size_t d)
      : backend(some),
        w(some, random_state(m, d, 1)),
        v(some, random_state(m, d, 2)),
        x(some, random_values(m * d, 3)),
        y(some, random_values(m, 4)),
        out(some, random_values(m, 5)),
        points{x.vector(), m, d},
        samples{x.vector(), std::as_const(y).vector(), m, d} {}

  void pairwise_field() { backend.add_pairwise_field(kernel, w.state(), w.state(), 1, v.state()); }
  void pairwise_energy() {
    const auto& state = w;
    backend.pairwise_energy(kernel, state.state(), state.state(), slot());
  }
  void planar_field() {
    backend.planar_field(1, {w.state(), 1}, {w.state(), -1}, v.state(), slot());
  }
  void sampled_field(ActivationKind kind) {
    backend.sampled_field(AnyActivation{kind, {}}, w.state(), 1, samples, v.state(), slot());
  }
  void c_transform() { backend.c_transform(pairs(), 0.1, out.vector(), out.vector()); }
  void nearest_targets() {
    auto index = backend.template allocate<std::uint32_t>(points.n);
    backend.nearest_targets(pairs(), 1, out.vector(), index.view());
  }
  PointPairs<B::space> pairs() const { return {GroundCost::euclidean, points, points, y.vector()}; }

  View<double, B::space> slot() { return out.vector().subview(0, 1); }

  const B& backend;
  OnBackend<B> w, v, x, y, out;
  Points<B::space> points;
  Samples<double, B::space> samples;
};

class Interruption : public ::testing::Test {
 protected:
  void TearDown() override { clear_interruption(); }
  const B backend{};
};

TEST_F(Interruption, EndsWhatMayLast) {
  Problem problem(backend, 300, 2);
  request_interruption();
  EXPECT_THROW(problem.pairwise_field(), Interrupted);
  EXPECT_THROW(problem.pairwise_energy(), Interrupted);
  EXPECT_THROW(problem.planar_field(), Interrupted);
  EXPECT_THROW(problem.sampled_field(ActivationKind::tanh), Interrupted);
  EXPECT_THROW(problem.sampled_field(ActivationKind::piecewise_linear), Interrupted);
  EXPECT_THROW(problem.c_transform(), Interrupted);
  EXPECT_THROW(problem.nearest_targets(), Interrupted);
  clear_interruption();
  EXPECT_NO_THROW(problem.pairwise_field());
}

TEST_F(Interruption, LeavesAloneWhatChangesAState) {
  const FieldSpec spec;
  OnBackend<B> asked(backend, random_state(5000, 3, 1)), plain(backend, random_state(5000, 3, 1));
  for (OnBackend<B>* const w : {&plain, &asked}) {
    backend.normalize_directions(w->state());
    backend.add_noise(spec, 0.1, 1, 2, w->state());
    backend.add_radial_field(0.5, 1, std::as_const(*w).state(), w->state());
    backend.finish_drift(spec, std::as_const(*w).state(), w->state());
    EXPECT_TRUE(test::all_finite(backend, std::as_const(*w).vector()));
    request_interruption();
  }
  EXPECT_EQ(plain.fetch(), asked.fetch());
}

#ifdef MCKEAN_TEST_CPU
TEST_F(Interruption, IsSeenWithinASecond) {
  // Each takes a minute or more on one core.
  using Job = void (*)(Problem&);
  const std::pair<std::size_t, Job> jobs[] = {
      {20, [](Problem& p) { p.pairwise_field(); }},
      {20, [](Problem& p) { p.pairwise_energy(); }},
      {20, [](Problem& p) { p.sampled_field(ActivationKind::tanh); }},
      {20, [](Problem& p) { p.sampled_field(ActivationKind::piecewise_linear); }},
      {20, [](Problem& p) { p.c_transform(); }}};
  for (const auto& [d, job] : jobs) {
    Problem problem(backend, 200000, d);
    std::chrono::steady_clock::time_point asked;
    std::thread other([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
      asked = std::chrono::steady_clock::now();
      request_interruption();
    });
    EXPECT_THROW(job(problem), Interrupted);
    const auto ended = std::chrono::steady_clock::now();
    other.join();
    clear_interruption();
    EXPECT_LT(std::chrono::duration<double>(ended - asked).count(), 1);
  }
}
#endif

}  // namespace
}  // namespace mckean
