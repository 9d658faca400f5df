// What data and start tell of a run that its options leave open: steps, end and record times.
#pragma once

#include <vector>

#include "host/cli/problem.hpp"
#include "mckean/integrator_spec.hpp"

namespace mckean::cli {

struct Schedule {
  IntegratorSpec integrator;
  double t_end = 0;
  std::vector<double> record_times;  // increasing, to t_end
};

/// Of a run of m particles over `samples` samples (0: the law): dt from the learning rate, the end
/// from the number of steps or epochs. InputError where these make no run.
Schedule make_schedule(const RunConfig& config, std::size_t samples, std::size_t m);

/// The configuration with what data, start and schedule have told: what the results show.
RunConfig resolve(RunConfig config, const Problem& problem, std::size_t m,
                  const Schedule& schedule);

}  // namespace mckean::cli
