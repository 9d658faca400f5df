// From what was given to the configuration of a command: defaults of the kind of job, defaults that
// follow from other options, and every nonsense combination refused with a remedy (InputError).
#pragma once

#include "host/cli/options/draft.hpp"

namespace mckean::cli {

RunConfig make_run_config(Draft& draft);
EvalConfig make_eval_config(Draft& draft);
W2Config make_w2_config(Draft& draft);
InfoConfig make_info_config(Draft& draft);

/// Of what `run` and `eval` share: data or law, target, regulariser.
void check_flow(const Draft& draft, const FlowConfig& config);
/// Of a run: start, integrator, batches, records, distances.
void check_run(const Draft& draft, const RunConfig& config);
/// Of two clouds.
void check_w2(const Draft& draft, const W2Config& config);

}  // namespace mckean::cli
