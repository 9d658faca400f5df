// Sinkhorn to a bracket of 5 %: its growth in each side and in both, in d = 3 and 10.
#include "host/transport/entropic/sinkhorn.hpp"

#include "growth.hpp"

namespace mckean::bench {
namespace {

void solve(const DiscreteMeasure& a, const DiscreteMeasure& b, benchmark::State& run) {
  count(run, solve_sinkhorn(a, b, {.rtol = .05, .threads = 2}));
}

const auto in_space = Growth("sinkhorn_d3", 3, solve)
                          .in_both({500, 1000, 2000, 4000})
                          .in_m({500, 1000, 2000, 4000}, 500)
                          .in_atoms({500, 1000, 2000, 4000}, 500);
const auto in_ten_dimensions = Growth("sinkhorn_d10", 10, solve)
                                   .in_both({500, 1000, 2000, 4000})
                                   .in_m({500, 1000, 2000, 4000}, 500)
                                   .in_atoms({500, 1000, 2000, 4000}, 500);

}  // namespace
}  // namespace mckean::bench
