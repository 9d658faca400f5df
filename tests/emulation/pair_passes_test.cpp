// W2 whose passes over all pairs run in the CUDA kernels, over the emulator.
#include "host/transport/pair_passes.hpp"

#include <gtest/gtest.h>

#include "emulation/emulated_backend.hpp"
#include "host/transport/backend_passes.hpp"
#include "host/transport/distance.hpp"
#include "host/transport/normalization.hpp"
#include "transport/measures.hpp"

namespace mckean::emulation {
namespace {

using Backend = EmulatedBackend<double>;

TEST(EmulatedPairPasses, BracketsHoldTheDistanceByPermutations) {
  for (const GroundCost cost : {GroundCost::euclidean, GroundCost::geodesic}) {
    const bool sphere = cost == GroundCost::geodesic;
    const DiscreteMeasure x = test::random_measure(7, 3, 1, false);
    const DiscreteMeasure y = test::random_measure(7, 3, 2, false);
    const DiscreteMeasure a = sphere ? on_unit_sphere(x) : x;
    const DiscreteMeasure b = sphere ? on_unit_sphere(y) : y;
    const double w2 = test::w2_by_permutations(a, b, cost);
    for (const W2Method method : {W2Method::exact, W2Method::semidiscrete, W2Method::sinkhorn}) {
      for (const Order order : orders) {
        const Backend backend(0, order);
        const BackendPasses<Backend> passes(backend);
        W2Options options{{.method = method, .cost = cost, .threads = 1}, &passes};
        if (method == W2Method::sinkhorn) options.rtol = .2;
        const Distance result = compute_w2(a, b, options);
        EXPECT_TRUE(result.converged) << name_of(method);
        EXPECT_LE(result.lower, w2 * (1 + 1e-14)) << name_of(method);
        EXPECT_GE(result.upper, w2 * (1 - 1e-14)) << name_of(method);
        // Those of the cheap bounds, and what proves the lower end.
        const bool certified_by_search = method == W2Method::semidiscrete;
        EXPECT_GE(backend.traffic().hard_transforms, certified_by_search ? 1u : 2u)
            << name_of(method);
        EXPECT_GE(backend.traffic().searches, certified_by_search ? 3u : 1u) << name_of(method);
        EXPECT_EQ(backend.traffic().soft_transforms > 0, method != W2Method::exact)
            << name_of(method);
      }
    }
  }
}

}  // namespace
}  // namespace mckean::emulation
