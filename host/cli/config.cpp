// From settings to a typed configuration.
#include "config.hpp"

#include <algorithm>
#include <cmath>

#include "checks.hpp"
#include "mckean/error.hpp"

namespace mckean::cli {
namespace {

template <class T>
struct Named {
  const char* name;
  T value;
};

template <class T, std::size_t N>
T pick(const Settings& settings, const std::string& option, const Named<T> (&names)[N]) {
  for (const Named<T>& named : names) {
    if (settings.text(option) == named.name) return named.value;
  }
  throw InputError(settings.spelled(option) + ": no such choice: '" + settings.text(option) + "'");
}

DeviceChoice parse_device(const Settings& settings) {
  using Kind = DeviceChoice::Kind;
  const std::string& text = settings.text("device");
  if (text == "auto") return {Kind::automatic, 0};
  if (text == "cpu") return {Kind::cpu, 0};
  if (text == "cuda") return {Kind::cuda, 0};
  if (text.rfind("cuda:", 0) == 0 && text.find_first_not_of("0123456789", 5) == std::string::npos) {
    const auto ordinal = parse_count(text.substr(5));
    if (ordinal && *ordinal < 1024) return {Kind::cuda, static_cast<int>(*ordinal)};
  }
  throw InputError(settings.spelled("device") + ": '" + text +
                   "' is not one of: auto, cpu, cuda, cuda:N");
}

/// 0 and the powers of ten down to t_end/1000, then t_end; or K log-spaced times; or the list
/// given.
std::vector<double> record_times(Settings& settings) {
  std::vector<double> times;
  const bool has_end =
      settings.given("t-end") || settings.given("steps") || settings.given("epochs");
  if (settings.given("record-at")) {
    times = settings.list("record-at");
    if (!std::is_sorted(times.begin(), times.end(), std::less_equal<>()) || times.front() < 0) {
      throw InputError(settings.spelled("record-at") +
                       ": times must increase from 0 on: give for example 0,1,10");
    }
    if (!has_end) {
      require(times.back() > 0, settings, "record-at", "ends at 0, so nothing moves: add a time");
      settings.resolve("t-end", shortest(times.back()));
    }
  }
  const double t_end = settings.number("t-end");
  if (settings.given("record-at")) {
    if (times.back() > t_end) {
      throw InputError(settings.spelled("record-at") + ": " + shortest(times.back()) +
                       " is after the end, " + shortest(t_end) + ": raise --t-end");
    }
    if (times.back() < t_end) times.push_back(t_end);
    return times;
  }
  times.push_back(0);
  if (settings.given("records")) {
    const std::uint64_t count = settings.count("records");
    require(count >= 2 && count <= 1000000, settings, "records",
            "must be between 2 (0 and t-end) and 1e6");
    for (std::uint64_t i = 1; i + 1 < count; ++i) {
      const double fraction = static_cast<double>(i - 1) / static_cast<double>(count - 2);
      times.push_back(t_end * std::pow(10., 3 * (fraction - 1)));
    }
  } else {
    for (int exponent = -300; exponent <= 300; ++exponent) {
      const double time = std::stod("1e" + std::to_string(exponent));
      if (time >= t_end / 1000 * (1 - 1e-12) && time < t_end * (1 - 1e-12)) times.push_back(time);
    }
  }
  times.push_back(t_end);
  return times;
}

std::optional<double> optional_number(const Settings& settings, const char* option) {
  if (settings.empty(option)) return {};
  require(settings.number(option) > 0, settings, option, "must be above 0");
  return settings.number(option);
}

/// The seed of one purpose; --seed where it has none of its own.
std::uint64_t seed_of(Settings& settings, const char* option) {
  if (settings.empty(option)) settings.resolve(option, settings.text("seed"));
  return settings.count(option);
}

IntegratorSpec parse_integrator(Settings& settings) {
  using Method = IntegratorSpec::Method;
  if (settings.text("integrator") == "auto") {
    const bool stochastic =
        settings.number("temperature") > 0 || !settings.empty("batch") || !settings.empty("online");
    const bool counted =
        !settings.empty("steps") || !settings.empty("epochs") || !settings.empty("lr");
    if (stochastic || counted) settings.resolve("integrator", "euler");
  }
  IntegratorSpec spec;
  spec.method = pick<Method>(settings, "integrator",
                             {{"euler", Method::euler},
                              {"heun", Method::heun},
                              {"rk4", Method::rk4},
                              {"dopri5", Method::dopri5},
                              {"rkc", Method::rkc},
                              {"auto", Method::automatic},
                              {"proximal", Method::proximal}});
  if (spec.adaptive()) {
    if (!settings.given("dt")) settings.resolve("dt", "0");
    if (settings.empty("atol")) settings.resolve("atol", shortest(settings.number("rtol") / 100));
  }
  spec.dt = settings.number("dt");
  spec.rtol = settings.number("rtol");
  spec.atol = settings.number("atol");
  spec.eta = settings.number("eta");
  spec.proximal_tolerance = settings.number("proximal-tolerance");
  spec.temperature = settings.number("temperature");
  spec.seed = seed_of(settings, "seed-noise");
  spec.audit = !settings.flag("no-audit");
  spec.stop = {optional_number(settings, "stop-risk"), optional_number(settings, "stop-gradient"),
               optional_number(settings, "stop-w2")};
  return spec;
}

/// Where lr is given, dt.
void resolve_learning_rate(RunConfig& run, Settings& settings, std::size_t m) {
  if (settings.empty("lr")) return;
  require(settings.number("lr") > 0, settings, "lr", "must be above 0");
  const bool mean_field = run.model.spec.scaling == Scaling::mean_field;
  run.integrator.dt = 2 * settings.number("lr") / (mean_field ? static_cast<double>(m) : 1.0);
  settings.resolve("dt", shortest(run.integrator.dt));
}

/// Where a number of steps or epochs is given, the end of the flow.
void resolve_end(const RunConfig& run, Settings& settings, std::size_t samples) {
  double steps = static_cast<double>(settings.count("steps"));
  if (settings.given("epochs")) {
    const auto batch = static_cast<double>(run.batch.value_or(std::max<std::size_t>(samples, 1)));
    const double per_epoch = std::max(std::floor(static_cast<double>(samples) / batch), 1.0);
    steps = std::round(settings.number("epochs") * per_epoch);
    require(steps >= 1, settings, "epochs", "makes no step: raise it");
  }
  if (settings.given("steps") || settings.given("epochs"))
    settings.resolve("t-end", shortest(steps * run.integrator.fixed_size()));
}

InitialMeasure parse_initial(const Settings& settings) {
  InitialMeasure initial;
  initial.law = pick<InitLaw>(settings, "init",
                              {{"uniform", InitLaw::uniform},
                               {"gaussian", InitLaw::gaussian},
                               {"cos2", InitLaw::cos2},
                               {"cos1", InitLaw::cos1},
                               {"file", InitLaw::file}});
  initial.sampling =
      pick<InitSampling>(settings, "init-sampling",
                         {{"iid", InitSampling::iid}, {"quantile", InitSampling::quantile}});
  initial.amplitude = pick<Amplitude>(settings, "amplitude",
                                      {{"zero", Amplitude::zero},
                                       {"one", Amplitude::one},
                                       {"sign", Amplitude::sign},
                                       {"gaussian", Amplitude::gaussian}});
  initial.scale_a = settings.number("init-scale-a");
  initial.scale_b = settings.number("init-scale-b");
  initial.paired = settings.flag("init-paired");
  return initial;
}

}  // namespace

JobKind job_kind(const Settings& settings) {
  for (const char* name : {"x", "y", "test-x", "test-y"}) {
    if (settings.given(name)) return JobKind::data;
  }
  const bool circle = (!settings.given("law") || settings.text("law") == "circle") &&
                      (!settings.given("dim") || settings.count("dim") == 2) &&
                      (!settings.given("target") || settings.text("target") == "uniform-circle") &&
                      !settings.given("teacher");
  return circle ? JobKind::circle : JobKind::law;
}

ModelConfig resolve_model(Settings& settings, unsigned readers) {
  ModelConfig model;
  model.kind = job_kind(settings);
  settings.take_defaults(model.kind, readers);
  // A file of neurons says what the target is, and a file of particles what the start is.
  if (settings.given("teacher") && !settings.given("target")) settings.resolve("target", "file");
  if (settings.given("init-file") && !settings.given("init")) settings.resolve("init", "file");
  // On a law given by name alone, the circle is a circle.
  if (settings.text("law") == "circle" && !settings.given("dim") && model.kind == JobKind::law) {
    settings.resolve("dim", "2");
  }
  check_model(settings, model.kind);

  const auto activation = find_activation(settings.text("activation"));
  if (!activation) {
    throw InputError(settings.spelled("activation") + ": '" + settings.text("activation") +
                     "' is not one of: relu, relu:C, leaky-relu, leaky-relu:SLOPE, abs, tanh, "
                     "sigmoid, erf, softplus, "
                     "silu, gelu, square");
  }
  model.activation = *activation;
  model.spec.scaling = pick<Scaling>(settings, "scaling",
                                     {{"mean-field", Scaling::mean_field},
                                      {"standard", Scaling::standard},
                                      {"ntk", Scaling::ntk}});
  model.spec.regularizer = pick<Regularizer>(
      settings, "regularizer",
      {{"none", Regularizer::none}, {"path", Regularizer::path}, {"l2", Regularizer::l2}});
  model.spec.lambda = settings.number("lambda");
  model.seed = settings.count("seed");
  model.seed_data = seed_of(settings, "seed-data");
  model.seed_teacher = seed_of(settings, "seed-teacher");
  model.precision = settings.text("precision") == "float" ? Precision::float32 : Precision::float64;
  model.device = parse_device(settings);
  model.threads = static_cast<int>(settings.count("threads"));
  return model;
}

RunConfig resolve_run(Settings& settings) {
  RunConfig run;
  run.model = resolve_model(settings, run_only);
  run.integrator = parse_integrator(settings);
  check_run(settings, run.model.kind);
  FieldSpec& spec = run.model.spec;
  spec.train = pick<Train>(
      settings, "train", {{"both", Train::both}, {"inner", Train::inner}, {"outer", Train::outer}});
  spec.constraint = settings.text("constraint") == "sphere" ? Constraint::sphere : Constraint::none;
  spec.mobility_a = settings.number("mobility-a");
  spec.mobility_b = settings.number("mobility-b");
  run.initial = parse_initial(settings);
  run.seed_init = seed_of(settings, "seed-init");
  if (!settings.empty("batch")) run.batch = settings.count("batch");
  if (!settings.empty("online")) run.online = settings.count("online");
  return run;
}

void resolve_time(RunConfig& run, Settings& settings, std::size_t samples, std::size_t m) {
  resolve_learning_rate(run, settings, m);
  resolve_end(run, settings, samples);
  run.record_times = record_times(settings);
  const double t_end = settings.number("t-end");
  const IntegratorSpec& spec = run.integrator;
  if (!spec.adaptive() && !(t_end / spec.fixed_size() <= 1e12)) {
    const char* step = spec.method == IntegratorSpec::Method::proximal ? "eta" : "dt";
    throw InputError(settings.spelled(step) + ": " + settings.text(step) +
                     " makes more than 1e12 steps to t = " + settings.text("t-end") +
                     ": raise it, or lower --t-end");
  }
}

}  // namespace mckean::cli
