// W2 on the circle, the clouds being angles, for equal and for other weights: its growth in each
// side and, between clouds of unlike sizes, in both; and that of the distance of the second cloud
// from the uniform law.
#include "host/transport/line/circle.hpp"

#include "growth.hpp"

namespace mckean::bench {
namespace {

void between(const DiscreteMeasure& a, const DiscreteMeasure& b, benchmark::State&) {
  benchmark::DoNotOptimize(w2_circle(a, b, 2));
}

void to_uniform_law(const DiscreteMeasure&, const DiscreteMeasure& b, benchmark::State&) {
  benchmark::DoNotOptimize(w2_circle_uniform(b, 2));
}

const Growth::Sizes sizes{10000, 100000, 1000000};
const Growth::Sizes large_sizes{10000, 100000, 1000000, 10000000};

const auto circle = Growth("circle", 1, between)
                        .order(benchmark::oNLogN)
                        .in_both(large_sizes, 1)
                        .in_m(sizes, 1000)
                        .in_atoms(sizes, 1000);
const auto circle_weighted = Growth("circle_weighted", 1, between)
                                 .order(benchmark::oNLogN)
                                 .weighted()
                                 .in_both(large_sizes, 1)
                                 .in_m(sizes, 1000)
                                 .in_atoms(sizes, 1000);
const auto uniform =
    Growth("circle_uniform", 1, to_uniform_law).order(benchmark::oNLogN).in_atoms(large_sizes, 1);
const auto uniform_weighted = Growth("circle_uniform_weighted", 1, to_uniform_law)
                                  .order(benchmark::oNLogN)
                                  .weighted()
                                  .in_atoms(large_sizes, 1);

}  // namespace
}  // namespace mckean::bench
