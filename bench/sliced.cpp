// Sliced distances over 80 directions in d = 10: their growth in each side and in both.
#include "host/transport/bounds/sliced.hpp"

#include "growth.hpp"

namespace mckean::bench {
namespace {

void solve(const DiscreteMeasure& a, const DiscreteMeasure& b, benchmark::State& run) {
  const SlicedDistances found = sliced_distances(a, b, {80, 1, 2});
  run.counters["sliced"] = found.sliced;
  run.counters["standard_error"] = found.standard_error;
  run.counters["lower"] = found.lower;
}

const auto registered = Growth("sliced", 10, solve)
                            .order(benchmark::oNLogN)
                            .in_both({1000, 10000, 100000, 1000000})
                            .in_m({10000, 100000, 1000000}, 1000)
                            .in_atoms({10000, 100000, 1000000}, 1000);

}  // namespace
}  // namespace mckean::bench
