// Semi-discrete W2 to a gap of 1e-6 in d = 10, with the peak memory of the process so far (filter
// for one size): its growth in the points and in the atoms.
#include "host/transport/semidiscrete/semidiscrete.hpp"

#include <sys/resource.h>

#include "growth.hpp"

namespace mckean::bench {
namespace {

void solve(const DiscreteMeasure& a, const DiscreteMeasure& b, benchmark::State& run) {
  SemidiscreteOptions options;
  options.threads = 2;
  count(run, solve_semidiscrete(a, b, options));
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  run.counters["peak_MiB"] = static_cast<double>(usage.ru_maxrss) / 1024;
}

const auto registered = Growth("semidiscrete", 10, solve)
                            .once()
                            .in_m({32000, 125000, 500000}, 500)
                            .in_atoms({125, 250, 500, 1000}, 32000);

}  // namespace
}  // namespace mckean::bench
