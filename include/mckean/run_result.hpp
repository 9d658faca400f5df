// What a run tells on its way and at its end.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "mckean/integrator_spec.hpp"
#include "mckean/particle_array.hpp"
#include "mckean/record.hpp"

namespace mckean {

/// How far a run has come.
struct Progress {
  double t = 0;
  double t_end = 0;
  std::uint64_t step = 0;
  std::uint64_t rejected = 0;
  std::uint64_t evaluations = 0;
};

/// Gives the particles of a record on the host; copies them at the first call only. Throws
/// std::runtime_error for a device that fails. Not to be called after on_record has returned.
using FetchParticles = std::function<const ParticleArray&()>;

/// Called by Flow::run() in its thread; either may be empty. What they throw leaves run(), with the
/// step just taken; Interrupted alone ends the run as an interruption does.
struct IntegrateCallbacks {
  /// At each record; may fill what the flow does not know (w2).
  std::function<void(Record&, const FetchParticles&)> on_record;
  /// After each step; false ends the run as interrupted.
  std::function<bool(const Progress&)> on_step;
};

/// How a run, or a step, ended.
struct IntegrationResult {
  Outcome outcome = Outcome::finished;
  std::string message;  // why, where the outcome is not finished
  Progress reached;
  double solver_residual = 0;             // the largest of the proximal steps
  std::optional<double> at_rest_from;     // t from which the velocity was nothing but rounding
  std::size_t sliding = 0;                // particle-kink pairs at the end
  std::optional<double> stiff_from;       // where the automatic method changed to rkc
  std::optional<double> energy_residual;  // of the whole run, relative to J(0) - J(t)
};

}  // namespace mckean
