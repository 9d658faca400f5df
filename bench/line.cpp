// W2 on the line, for equal and for other weights: its growth in each side and, between clouds of
// unlike sizes, in both; on one thread and on two.
#include "host/transport/line/line.hpp"

#include "growth.hpp"

namespace mckean::bench {
namespace {

Growth::Solve on(int threads) {
  return [threads](const DiscreteMeasure& a, const DiscreteMeasure& b, benchmark::State&) {
    benchmark::DoNotOptimize(w2_line(a, b, threads));
  };
}

const Growth::Sizes sizes{10000, 100000, 1000000};
const Growth::Sizes large_sizes{10000, 100000, 1000000, 10000000};

const auto alone = Growth("line_alone", 1, on(1)).order(benchmark::oNLogN).in_both(large_sizes, 1);
const auto equal = Growth("line", 1, on(2))
                       .order(benchmark::oNLogN)
                       .in_both(large_sizes, 1)
                       .in_m(sizes, 1000)
                       .in_atoms(sizes, 1000);
const auto weighted = Growth("line_weighted", 1, on(2))
                          .order(benchmark::oNLogN)
                          .weighted()
                          .in_both(large_sizes, 1)
                          .in_m(sizes, 1000)
                          .in_atoms(sizes, 1000);

}  // namespace
}  // namespace mckean::bench
