// A run or an evaluation as the user described it, with types, and every nonsense combination
// refused.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/flow/integrator.hpp"
#include "host/flow/make_backend.hpp"
#include "mckean/formula/activation.hpp"
#include "mckean/initial_measure.hpp"
#include "mckean/law.hpp"
#include "mckean/model.hpp"
#include "settings.hpp"

namespace mckean::cli {

enum class TargetKind { uniform, neurons, circle_neuron, file };

/// What `run` and `eval` share.
struct ModelConfig {
  JobKind kind = JobKind::circle;
  AnyActivation activation;
  FieldSpec spec;
  std::uint64_t seed = 1;
  std::uint64_t seed_data = 1;  // samples, split, mini-batches
  std::uint64_t seed_teacher = 1;
  Precision precision = Precision::float64;
  DeviceChoice device;
  int threads = 0;
};

/// What `run` adds.
struct RunConfig {
  ModelConfig model;
  InitialMeasure initial;
  IntegratorSpec integrator;
  std::uint64_t seed_init = 1;
  std::vector<double> record_times;
  std::optional<std::uint64_t> batch;
  std::optional<std::uint64_t> online;
};

/// The kind of job that the given options describe.
JobKind job_kind(const Settings& settings);

/// Fill in the defaults, check the combinations (InputError that says the mend) and read the types.
ModelConfig resolve_model(Settings& settings, unsigned readers);
RunConfig resolve_run(Settings& settings);
/// What depends on the number of samples and particles: --lr, --epochs, and with them dt, the end
/// and the record times. Called once the problem is there.
void resolve_time(RunConfig& run, Settings& settings, std::size_t samples, std::size_t m);

}  // namespace mckean::cli
