// Combinations of options that make no sense, each refused with the mend.
#pragma once

#include "settings.hpp"

namespace mckean::cli {

/// InputError "OPTION: VALUE rule" where `holds` is false.
void require(bool holds, const Settings& settings, const std::string& option,
             const std::string& rule);

/// Of the model: data or law, target, regulariser, precision.
void check_model(const Settings& settings, JobKind kind);
/// Of a run: start, constraint, integrator, batches. Defaults and the integrator are resolved.
void check_run(const Settings& settings, JobKind kind);

}  // namespace mckean::cli
