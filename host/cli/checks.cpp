// One rule after the other, from the data to the integrator.
#include "checks.hpp"

#include "mckean/error.hpp"

namespace mckean::cli {
namespace {

/// Refuses an option that nothing would read.
void refuse(const Settings& settings, const std::string& option, const std::string& why) {
  if (settings.given(option)) throw InputError(settings.spelled(option) + ": " + why);
}

void check_data(const Settings& settings) {
  for (const auto& [first, second] :
       {std::pair{"x", "y"}, {"y", "x"}, {"test-x", "test-y"}, {"test-y", "test-x"}}) {
    if (settings.given(first) && !settings.given(second)) {
      throw InputError(settings.spelled(first) + ": needs --" + second + " beside it");
    }
  }
  if (settings.given("test-x") && !settings.given("x")) {
    throw InputError(settings.spelled("test-x") + ": needs training data: give --x and --y");
  }
  for (const char* option : {"law", "samples", "target", "teacher", "teacher-width", "online"}) {
    refuse(settings, option,
           "the data files already say what to learn: leave it out, or leave out --x and --y");
  }
  const double fraction = settings.number("test-fraction");
  if (settings.given("test-fraction")) {
    require(fraction > 0 && fraction < 1, settings, "test-fraction", "must be between 0 and 1");
    if (settings.given("test-x")) {
      throw InputError(settings.spelled("test-fraction") +
                       ": there is test data already: leave out --test-x and "
                       "--test-y, or this");
    }
  }
}

void check_law(const Settings& settings) {
  for (const char* option : {"test-fraction", "standardize", "bias"}) {
    refuse(settings, option, "is about data files: give --x and --y, or leave it out");
  }
  const std::uint64_t dim = settings.count("dim");
  require(dim >= 1 && dim <= 100000, settings, "dim", "must be between 1 and 100000");
  if (settings.text("law") == "circle")
    require(dim == 2, settings, "dim", "must be 2 on --law circle; or choose --law sphere");
  const std::string& target = settings.text("target");
  if (target == "uniform-circle" && dim != 2) {
    throw InputError(settings.spelled("target") +
                     ": uniform-circle needs --dim 2: choose uniform-sphere");
  }
  if (target == "circle-neuron")
    require(dim >= 2, settings, "dim", "must be at least 2 for --target circle-neuron");
  if (target == "file" && !settings.given("teacher")) {
    throw InputError(settings.spelled("target") + ": file needs --teacher FILE");
  }
  if (target != "file") refuse(settings, "teacher", "is read by --target file only");
  if (target != "neurons" && target != "circle-neuron") {
    refuse(settings, "teacher-width", "is read by --target neurons and circle-neuron only");
  } else {
    const std::uint64_t width = settings.count("teacher-width");
    require(width >= 1 && width <= 10000000, settings, "teacher-width",
            "must be between 1 and 1e7");
  }
  const auto samples = settings.samples("samples");
  if (samples)
    require(*samples >= 1 && *samples <= 1000000000, settings, "samples",
            "must be between 1 and 1e9, or inf");
}

void check_start(const Settings& settings) {
  const std::string& init = settings.text("init");
  if (init == "file" && !settings.given("init-file")) {
    throw InputError(settings.spelled("init") + ": file needs --init-file FILE");
  }
  if (init == "file") {
    for (const char* option :
         {"init-sampling", "amplitude", "init-scale-a", "init-scale-b", "init-paired"}) {
      refuse(settings, option, "the start comes from a file as it is: leave it out");
    }
  } else {
    refuse(settings, "init-file", "is read by --init file only");
    const std::uint64_t width = settings.count("width");
    require(width >= 1 && width <= 4000000000, settings, "width", "must be between 1 and 4e9");
  }
  const bool frozen = settings.text("train") == "inner" || settings.number("mobility-a") == 0;
  const bool zero = settings.text("amplitude") == "zero" || settings.number("init-scale-a") == 0;
  if (init != "file" && frozen && zero) {
    throw InputError(settings.spelled("amplitude") +
                     ": the network would stay at 0, since a does not move: choose "
                     "--amplitude one, or --train both");
  }
}

void check_adaptive(const Settings& settings) {
  require(settings.number("dt") >= 0, settings, "dt", "must not be negative");
  require(settings.number("rtol") >= 0, settings, "rtol", "must not be negative");
  require(settings.number("atol") >= 0, settings, "atol", "must not be negative");
  if (settings.number("rtol") + settings.number("atol") == 0) {
    throw InputError(settings.spelled("rtol") + ": rtol and atol are both 0: raise one");
  }
  for (const char* option : {"lr", "steps", "epochs"}) {
    refuse(settings, option,
           "--integrator " + settings.text("integrator") +
               " chooses its steps by itself: choose euler, heun or rk4, or leave it out");
  }
}

void check_fixed(const Settings& settings) {
  for (const char* option : {"rtol", "atol"})
    refuse(settings, option, "is read by --integrator auto, rkc and dopri5 only");
  if (settings.text("integrator") == "proximal") {
    require(settings.number("eta") > 0, settings, "eta", "must be above 0");
    require(settings.number("proximal-tolerance") > 0, settings, "proximal-tolerance",
            "must be above 0");
    refuse(settings, "dt", "the step of --integrator proximal is --eta");
    refuse(settings, "lr", "the step of --integrator proximal is --eta");
    return;
  }
  require(settings.number("dt") > 0, settings, "dt", "must be above 0");
  if (settings.given("lr")) {
    refuse(settings, "dt", "the step is given by --lr already: leave one out");
    if (settings.text("integrator") != "euler")
      throw InputError(settings.spelled("lr") +
                       ": gradient descent is --integrator euler: choose that, or give --dt");
  }
}

/// Who says when the run ends.
void check_end(const Settings& settings) {
  require(settings.number("t-end") > 0, settings, "t-end", "must be above 0");
  if (settings.given("steps")) {
    require(settings.count("steps") >= 1, settings, "steps", "must be at least 1");
    for (const char* option : {"t-end", "epochs"})
      refuse(settings, option, "the end is given by --steps already: leave one out");
  }
  if (!settings.given("epochs")) return;
  require(settings.number("epochs") > 0, settings, "epochs", "must be above 0");
  refuse(settings, "t-end", "the end is given by --epochs already: leave one out");
  const bool has_samples = settings.given("x") || settings.samples("samples");
  if (settings.given("online") || !has_samples) {
    throw InputError(settings.spelled("epochs") +
                     ": there are no data to pass over: give --steps or --t-end");
  }
}

void check_integrator(const Settings& settings) {
  const std::string& method = settings.text("integrator");
  const bool adaptive = method == "auto" || method == "rkc" || method == "dopri5";
  const double temperature = settings.number("temperature");
  require(temperature >= 0, settings, "temperature", "must not be negative");
  if (temperature > 0 && method != "euler") {
    throw InputError(settings.spelled("temperature") +
                     ": noise needs --integrator euler (Euler-Maruyama)");
  }
  const bool batches = settings.given("batch") || settings.given("online");
  if (batches && method == "proximal") {
    throw InputError(settings.spelled("integrator") +
                     ": proximal minimizes one objective, and samples that change have none: "
                     "choose euler, heun or rk4");
  }
  if (batches && adaptive) {
    throw InputError(settings.spelled("integrator") + ": " + method +
                     " would take the noise of samples for error: choose euler, heun or rk4");
  }
  if (method != "proximal") {
    for (const char* option : {"eta", "proximal-tolerance"})
      refuse(settings, option, "is read by --integrator proximal only");
  }
  if (adaptive) {
    check_adaptive(settings);
  } else {
    check_fixed(settings);
  }
  check_end(settings);
}

void check_w2(const Settings& settings) {
  if (settings.text("w2") == "none") {
    for (const char* option :
         {"w2-rtol", "w2-time-limit", "w2-subsample", "w2-antipodal", "stop-w2"})
      refuse(settings, option, "--w2 none computes no W2: leave one of the two out");
  }
  const double rtol = settings.number("w2-rtol");
  require(rtol >= 0 && rtol < 1, settings, "w2-rtol", "must be at least 0 and below 1");
  if (settings.given("w2-time-limit"))
    require(settings.number("w2-time-limit") > 0, settings, "w2-time-limit", "must be above 0");
  if (settings.given("w2-subsample"))
    require(settings.count("w2-subsample") >= 1, settings, "w2-subsample", "must be at least 1");
}

}  // namespace

void require(bool holds, const Settings& settings, const std::string& option,
             const std::string& rule) {
  if (!holds)
    throw InputError(settings.spelled(option) + ": " + settings.text(option) + " " + rule);
}

void check_model(const Settings& settings, JobKind kind) {
  if (kind == JobKind::data) {
    check_data(settings);
  } else {
    check_law(settings);
  }
  const bool regularized = settings.text("regularizer") != "none";
  require(settings.number("lambda") >= 0, settings, "lambda", "must not be negative");
  if (regularized && settings.number("lambda") == 0) {
    throw InputError(settings.spelled("regularizer") + ": has no weight: give --lambda above 0");
  }
  if (!regularized && settings.number("lambda") > 0) {
    throw InputError(settings.spelled("lambda") +
                     ": weighs nothing: give --regularizer path or l2");
  }
  require(settings.count("threads") <= 4096, settings, "threads", "must be at most 4096");
}

void check_run(const Settings& settings, JobKind kind) {
  check_start(settings);
  check_integrator(settings);
  check_w2(settings);
  for (const char* option : {"mobility-a", "mobility-b"}) {
    require(settings.number(option) >= 0, settings, option, "must not be negative");
  }
  const bool a_moves = settings.text("train") != "inner" && settings.number("mobility-a") > 0;
  const bool b_moves = settings.text("train") != "outer" && settings.number("mobility-b") > 0;
  if (!a_moves && !b_moves) {
    throw InputError(settings.spelled("train") +
                     ": nothing moves: raise --mobility-a or --mobility-b, or choose --train both");
  }
  if (settings.given("records"))
    refuse(settings, "record-at", "the times are given by --records already: leave one out");
  if (settings.given("batch")) {
    require(settings.count("batch") >= 1, settings, "batch", "must be at least 1");
    refuse(settings, "online",
           "samples are either mini-batches of fixed data or fresh: leave out --batch or --online");
    if (kind != JobKind::data && !settings.samples("samples")) {
      throw InputError(settings.spelled("batch") +
                       ": there are no samples to take batches of: give --samples N, or "
                       "--online for fresh ones");
    }
  } else {
    refuse(settings, "batch-replacement", "is about mini-batches: give --batch");
  }
  if (settings.given("online")) {
    require(settings.count("online") >= 1 && settings.count("online") <= 100000000, settings,
            "online", "must be between 1 and 1e8");
    refuse(settings, "samples", "--online draws fresh samples at each step: leave it out");
  }
}

}  // namespace mckean::cli
