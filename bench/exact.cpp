// The exact solver to a gap of 1e-9: its growth in each side and in both, in d = 3 and 10.
#include "host/transport/exact/exact.hpp"

#include "growth.hpp"

namespace mckean::bench {
namespace {

void solve(const DiscreteMeasure& a, const DiscreteMeasure& b, benchmark::State& run) {
  count(run, solve_exact(a, b, {.rtol = 1e-9, .threads = 2}));
}

const auto in_space = Growth("exact_d3", 3, solve)
                          .in_both({1000, 2000, 4000, 8000, 16000})
                          .in_m({2000, 4000, 8000, 16000}, 1000)
                          .in_atoms({2000, 4000, 8000, 16000}, 1000);
const auto in_ten_dimensions = Growth("exact_d10", 10, solve)
                                   .in_both({1000, 2000, 4000, 8000})
                                   .in_m({2000, 4000, 8000, 16000}, 1000)
                                   .in_atoms({2000, 4000, 8000, 16000}, 1000);

}  // namespace
}  // namespace mckean::bench
