// The cheap bounds in d = 10, with the bound that each one finds: their growth in each side and in
// both.
#include "host/transport/bounds/bounds.hpp"

#include "growth.hpp"
#include "host/transport/bounds/couplings.hpp"

namespace mckean::bench {
namespace {

constexpr auto cost = GroundCost::euclidean;

/// The time of a bound with the name and value `bound`.
template <class Bound>
Growth growth_of(const char* name, const char* side, const Bound& bound) {
  return Growth(name, 10, [side, bound](const auto& a, const auto& b, benchmark::State& run) {
    run.counters[side] = bound(a, b);
  });
}

const Growth::Sizes sizes{10000, 100000, 1000000};

const auto gelbrich = growth_of("gelbrich", "lower", [](const auto& a, const auto& b) {
                        return gelbrich_lower(a, b, 2);
                      }).order(benchmark::oN);
const auto projection = growth_of("projection", "lower", [](const auto& a, const auto& b) {
                          return projection_lower(a, b, 2);
                        }).order(benchmark::oNLogN);
const auto synchronous = growth_of("synchronous", "upper", [](const auto& a, const auto& b) {
                           return synchronous_upper(a, b, cost, 2).value();
                         }).order(benchmark::oN);
const auto ordered = growth_of("ordered", "upper", [](const auto& a, const auto& b) {
                       return ordered_upper(a, b, cost);
                     }).order(benchmark::oNLogN);
const auto nearest_to_each = growth_of("nearest", "upper", [](const auto& a, const auto& b) {
  return nearest_bounds(a, b, cost, *make_cpu_passes(2)).upper;
});

const auto registered = [] {
  for (const Growth& bound : {gelbrich, projection, ordered})
    bound.in_both(sizes).in_m(sizes, 1000).in_atoms(sizes, 1000);
  synchronous.in_both(sizes);  // needs equal sizes
  nearest_to_each.order(benchmark::oNSquared).in_both({1000, 4000, 16000});
  nearest_to_each.order(benchmark::oN)
      .in_m({4000, 16000, 64000}, 4000)
      .in_atoms({4000, 16000, 64000}, 4000);
  return true;
}();

}  // namespace
}  // namespace mckean::bench
