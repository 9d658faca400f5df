// From settings to a typed configuration.
#include "config.hpp"

#include <algorithm>
#include <cmath>

#include "checks.hpp"
#include "host/data/error.hpp"

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
  if (settings.given("record-at")) {
    times = settings.list("record-at");
    if (!std::is_sorted(times.begin(), times.end(), std::less_equal<>()) || times.front() < 0) {
      throw InputError(settings.spelled("record-at") +
                       ": times must increase from 0 on: give for example 0,1,10");
    }
    if (!settings.given("t-end")) {
      require(times.back() > 0, settings, "record-at", "ends at 0, so nothing moves: add a time");
      settings.resolve("t-end", shortest(times.back()));
    }
  }
  const double t_end = settings.number("t-end");
  require(t_end > 0, settings, "t-end", "must be above 0");
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

IntegratorSpec parse_integrator(Settings& settings) {
  using Method = IntegratorSpec::Method;
  const bool stochastic =
      settings.number("temperature") > 0 || !settings.empty("batch") || !settings.empty("online");
  if (!settings.given("integrator") && stochastic) settings.resolve("integrator", "euler");
  IntegratorSpec spec;
  spec.method = pick<Method>(settings, "integrator",
                             {{"euler", Method::euler},
                              {"heun", Method::heun},
                              {"rk4", Method::rk4},
                              {"dopri5", Method::dopri5},
                              {"proximal", Method::proximal}});
  if (spec.method == Method::dopri5 && !settings.given("dt")) settings.resolve("dt", "0");
  spec.dt = settings.number("dt");
  spec.rtol = settings.number("rtol");
  spec.atol = settings.number("atol");
  spec.eta = settings.number("eta");
  spec.proximal_tolerance = settings.number("proximal-tolerance");
  spec.temperature = settings.number("temperature");
  spec.seed = settings.count("seed");
  return spec;
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
  run.record_times = record_times(settings);
  if (!settings.empty("batch")) run.batch = settings.count("batch");
  if (!settings.empty("online")) run.online = settings.count("online");
  return run;
}

}  // namespace mckean::cli
