// The loops of every target that this processor has, against naive loops.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "backend/on_backend.hpp"
#include "kernels/cpu/sampled_loops.hpp"
#include "kernels/cpu/targets.hpp"
#include "mckean/find_choice.hpp"
#include "reference/sampled_field.hpp"

namespace mckean::cpu {
namespace {

using reference::PlaneState;
using reference::ReferenceActivation;
using reference::SampleSet;

template <class Real>
void compare(const ReferenceActivation& reference_activation, std::size_t m, std::size_t n,
             std::size_t d, const SampledLimits& limits = {}) {
  SCOPED_TRACE(name_of(target_in_use()) + " " + reference_activation.name + " m " +
               std::to_string(m) + " d " + std::to_string(d));
  PlaneState w = test::random_state(m, d, 1);
  SampleSet data{n, d, test::random_values(n * d, 2), test::random_values(n, 3)};
  for (double& x : data.x) x = static_cast<Real>(x / std::sqrt(static_cast<double>(d)));
  const std::vector<Real> x(data.x.begin(), data.x.end());
  const Samples<Real, Space::host> samples{
      {x.data(), x.size()}, {data.y.data(), data.y.size()}, n, d};
  const Particles<const double, Space::host> particles{{w.values.data(), w.values.size()}, m, d};
  const AnyActivation activation = find_activation(reference_activation.name).value();
  const double scale = 1 / static_cast<double>(m);

  // 512: no more numbers are added in Real before the sum goes on in fp64.
  const reference::SampledField expected = reference::sampled_field(
      reference_activation, w, scale, data, std::numeric_limits<Real>::epsilon() / 2, 512);
  const SampledLoops<Real> loops = loops_for<Real>(activation);
  std::vector<double> f(n), v(m * (1 + d)), again(v.size());
  run_predict(loops, 1, {particles, scale, samples}, f.data(), limits);
  const double square = run_sampled_field(loops, 1, {particles, scale, samples}, v.data(), limits);
  for (std::size_t i = 0; i < n; ++i) ASSERT_NEAR(f[i], expected.f[i], expected.f_bound[i]);
  for (std::size_t i = 0; i < v.size(); ++i) {
    ASSERT_NEAR(v[i], expected.v.values[i], expected.v_bound.values[i]);
  }
  EXPECT_NEAR(square, expected.mean_square, expected.mean_square_bound);
  EXPECT_LT(expected.mean_square_bound, 1e-3 * expected.mean_square);
  EXPECT_EQ(run_sampled_field(loops, 3, {particles, scale, samples}, again.data(), limits), square);
  EXPECT_EQ(again, v);
}

/// use() under each target, which is as before in the end.
template <class Use>
void under_each_target(const Use& use) {
  const Target before = target_in_use();
  for (const Target target : available_targets()) {
    use_target(target);
    use();
  }
  use_target(before);
}

TEST(Targets, AllLoopsMatchNaiveLoops) {
  under_each_target([] {
    for (const ReferenceActivation& activation : reference::all_activations()) {
      for (const std::size_t d : {1, 2, 3, 4, 5, 6, 7, 12, 13, 17, 25}) {
        compare<float>(activation, 77, 301, d);
        compare<double>(activation, 77, 301, d);
      }
    }
  });
}

// Sizes at which a run takes several chunks of samples and several tiles to a slab would be too
// many for naive loops, so the limits are narrowed: with slabs of samples, and without.
TEST(SampledRun, ChunksAndSlabsOfTilesAddUp) {
  for (const std::size_t pieces : {1, 64}) {
    for (const ReferenceActivation& activation : reference::all_activations()) {
      SampledLimits limits;
      limits.cache_bytes = 1;
      limits.least_tile = limits.most_tile = 60;
      limits.sign_bytes = 1;
      limits.most_slabs = 3;
      limits.enough_pieces = pieces;
      compare<float>(activation, 1003, 301, 3, limits);
      compare<double>(activation, 1003, 301, 3, limits);
    }
  }
}

}  // namespace
}  // namespace mckean::cpu
