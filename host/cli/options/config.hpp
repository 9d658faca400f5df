// What a user asked of a command, with types: nothing in it is text that has to be read once more,
// and nothing changes it. What only the data tell stands in a Schedule or in a resolved copy.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "host/cli/options/values.hpp"
#include "mckean/device.hpp"
#include "mckean/formula/activation.hpp"
#include "mckean/formula/ground_cost.hpp"
#include "mckean/initial_measure.hpp"
#include "mckean/integrator_spec.hpp"
#include "mckean/law.hpp"
#include "mckean/model.hpp"
#include "mckean/teacher.hpp"
#include "mckean/w2_method.hpp"

namespace mckean::cli {

struct OptionRow;

/// What kind of job a run is decides its defaults: Theorem 4 on the circle, another law of x, or
/// files of data.
enum class JobKind { circle, law, data };
inline constexpr std::size_t job_kinds = 3;

/// What is learned. law, teacher and their numbers are empty where the data are files.
struct ProblemConfig {
  JobKind kind = JobKind::circle;
  std::optional<std::uint64_t> dim;  // empty: files say it
  std::optional<SampleCount> samples;
  std::optional<DataLaw> law;
  std::string x, y, test_x, test_y;
  double test_fraction = 0;
  bool standardize = false;
  bool bias = false;
  std::optional<TeacherLaw> target;
  std::string teacher;
  std::optional<std::uint64_t> teacher_width;
};

struct ModelConfig {
  AnyActivation activation;
  FieldSpec spec;

  Model model() const {
    return {activation,       spec.scaling, spec.train,      spec.constraint,
            spec.regularizer, spec.lambda,  spec.mobility_a, spec.mobility_b};
  }
};

struct SeedConfig {
  std::uint64_t seed = 1;
  // One of its own for each purpose; seed where there is none.
  std::uint64_t data = 1, teacher = 1, init = 1, noise = 1;
};

struct MachineConfig {
  Precision precision = Precision::float64;
  DeviceChoice device;
  int threads = 0;
};

struct OutputConfig {
  std::string out;
  bool force = false;
  bool json = false;
  bool quiet = false;
};

/// What `run` and `eval` share.
struct FlowConfig {
  ProblemConfig problem;
  ModelConfig model;
  SeedConfig seeds;
  MachineConfig machine;
  OutputConfig output;
};

struct StartConfig {
  std::optional<std::uint64_t> width;  // empty: the file says it
  InitialMeasure measure;
  std::string file;
};

struct TimeConfig {
  IntegratorSpec::Method method = IntegratorSpec::Method::automatic;
  double dt = 0;  // 0: estimated
  std::optional<double> lr;
  std::optional<double> rtol;
  std::optional<double> atol;
  bool no_audit = false;
  double eta = 0;
  double proximal_tolerance = 0;
  double temperature = 0;
  double t_end = 0;
  std::optional<std::uint64_t> steps;  // in place of t_end
  std::optional<double> epochs;        // likewise

  bool adaptive() const { return IntegratorSpec{.method = method}.adaptive(); }
};

/// Which samples a step reads; all of them where neither is there.
struct BatchConfig {
  std::optional<std::uint64_t> batch;
  bool replacement = false;
  std::optional<std::uint64_t> online;
};

struct RecordConfig {
  std::vector<double> at;
  std::optional<std::uint64_t> count;
};

struct DistanceConfig {
  RecordedMethod method;
  double rtol = 0;
  std::optional<double> time_limit;
  std::optional<std::uint64_t> subsample;
  bool antipodal = false;
  const OptionRow* asked_by = nullptr;  // the given option that asks for a distance
};

struct RunConfig : FlowConfig {
  StartConfig start;
  TimeConfig time;
  BatchConfig batch;
  StopRules stop;
  RecordConfig records;
  DistanceConfig distance;
};

struct EvaluationConfig {
  std::string particles;
  std::string velocity;
  std::uint64_t repeat = 1;
};

struct EvalConfig : FlowConfig {
  EvaluationConfig evaluation;
};

struct CloudConfig {
  CloudSource a, b;
  std::string weights_a, weights_b;
  std::uint64_t samples = 0;       // of a law
  std::optional<Sampled> sampled;  // empty beside a law
  std::optional<Projection> projection;
};

struct TransportConfig {
  W2Method method = W2Method::automatic;
  std::optional<GroundCost> cost;
  std::optional<double> rtol;
  std::optional<double> time_limit;
};

struct W2Config {
  CloudConfig clouds;
  TransportConfig transport;
  SeedConfig seeds;
  MachineConfig machine;
  OutputConfig output;
};

struct InfoConfig {
  OutputConfig output;
};

/// The parts of a command's configuration, each a struct whose members options fill.
template <class Config>
auto parts_of(Config& config) {
  using Plain = std::remove_const_t<Config>;
  if constexpr (std::is_same_v<Plain, InfoConfig>) {
    return std::tie(config.output);
  } else if constexpr (std::is_same_v<Plain, W2Config>) {
    return std::tie(config.clouds, config.transport, config.seeds, config.machine, config.output);
  } else {
    const auto shared = std::tie(config.problem, config.model, config.model.spec, config.seeds,
                                 config.machine, config.output);
    if constexpr (std::is_same_v<Plain, FlowConfig>) {
      return shared;
    } else if constexpr (std::is_same_v<Plain, EvalConfig>) {
      return std::tuple_cat(shared, std::tie(config.evaluation));
    } else {
      return std::tuple_cat(shared,
                            std::tie(config.start, config.start.measure, config.time, config.batch,
                                     config.stop, config.records, config.distance));
    }
  }
}

}  // namespace mckean::cli
