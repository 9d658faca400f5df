// The option table itself.
#include "options.hpp"

#include <algorithm>

namespace mckean::cli {
namespace {

using enum ValueType;

constexpr std::array<const char*, job_kinds> all(const char* value) {
  return {value, value, value};
}

constexpr OptionSpec table[] = {
    // The model.
    {"dim",
     count,
     "",
     {"2", "10", ""},
     run_and_eval,
     "dimension d of x and b; data files bring their own"},
    {"width", count, "", {"100000", "1000", "1000"}, run_only, "number m of particles"},
    {"activation", text, "", all("relu"), run_and_eval,
     "sigma: relu, relu:C (max(z + C, 0)), leaky-relu, leaky-relu:SLOPE, abs, tanh, sigmoid, erf, "
     "softplus, silu, gelu, square"},
    {"scaling", choice, "mean-field|standard|ntk", all("mean-field"), run_and_eval,
     "factor of f: 1/m, 1, 1/sqrt(m)"},
    {"train",
     choice,
     "both|inner|outer",
     {"inner", "both", "both"},
     run_only,
     "what moves: (a, b), b alone, a alone"},
    {"constraint",
     choice,
     "none|sphere",
     {"sphere", "none", "none"},
     run_only,
     "b free, or on the unit sphere"},
    {"regularizer", choice, "none|path|l2", all("none"), run_and_eval,
     "r(w): |a||b| (path), (a^2 + |b|^2)/2 (l2)"},
    {"lambda", number, "", all("0"), run_and_eval, "weight of the regulariser in the objective"},
    {"temperature", number, "", all("0"), run_only, "tau: adds sqrt(2 tau) dB (Euler-Maruyama)"},
    {"mobility-a", number, "", all("1"), run_only, "relative speed of a"},
    {"mobility-b", number, "", all("1"), run_only, "relative speed of b"},
    // The data.
    {"samples",
     ValueType::samples,
     "",
     {"inf", "inf", ""},
     run_and_eval,
     "number n of samples drawn from the law; inf: the closed form"},
    {"law",
     choice,
     "circle|sphere|gaussian|gaussian-scaled|cube",
     {"circle", "sphere", ""},
     run_and_eval,
     "law of x: U(S^1), U(S^(d-1)), N(0, I), N(0, I/d), U([-1, 1]^d)"},
    {"x", path, "", all(""), run_and_eval,
     "samples, n x d: .npy, .npz:NAME, .csv, .tsv, .txt, .dat, or *.gz of all but .npz"},
    {"y", path, "", all(""), run_and_eval, "values, n: files as of --x"},
    {"test-x", path, "", all(""), run_and_eval, "test samples"},
    {"test-y", path, "", all(""), run_and_eval, "test values"},
    {"test-fraction", number, "", all("0"), run_and_eval,
     "part of x and y set aside for the test risk, drawn by seed"},
    {"standardize", flag, "", all("false"), run_and_eval,
     "columns of x, and y, to mean 0 and variance 1 (of the training data)"},
    {"bias", flag, "", all("false"), run_and_eval, "add a column of ones to x"},
    // The target.
    {"target",
     choice,
     "uniform-circle|uniform-sphere|neurons|circle-neuron|file",
     {"uniform-circle", "neurons", ""},
     run_and_eval,
     "law of the teacher's neurons, a* = 1: uniform, M random ones, or M on the circle b1^2 + b2^2 "
     "= 1"},
    {"teacher", path, "", all(""), run_and_eval,
     "the teacher's rows (a*, b*), M x (1 + d), for --target file"},
    {"teacher-width",
     count,
     "",
     {"1024", "10", ""},
     run_and_eval,
     "M of --target neurons or circle-neuron"},
    // The start.
    {"init",
     choice,
     "uniform|gaussian|cos2|cos1|file",
     {"cos2", "gaussian", "gaussian"},
     run_only,
     "law of b at t = 0: U(S^(d-1)), N(0, I/d), angles of density 1 + .8 cos(2 theta) or 1 + .8 "
     "cos(theta)"},
    {"init-file", path, "", all(""), run_only, "initial particles, m x (1 + d)"},
    {"init-sampling",
     choice,
     "iid|quantile",
     {"quantile", "iid", "iid"},
     run_only,
     "random draws, or quantiles of the angle"},
    {"amplitude",
     choice,
     "zero|one|sign|gaussian",
     {"one", "gaussian", "gaussian"},
     run_only,
     "a at t = 0: 0, 1, +-1, N(0, 1)"},
    {"init-scale-a", number, "", all("1"), run_only, "multiplies a at t = 0"},
    {"init-scale-b", number, "", all("1"), run_only, "multiplies b at t = 0"},
    {"init-paired", flag, "", all("false"), run_only,
     "every b twice, with a and -a: the network starts at zero"},
    // Time.
    {"integrator", choice, "auto|euler|heun|rk4|dopri5|rkc|proximal", all("auto"), run_only,
     "method; auto: adaptive, rkc (stabilised) for stiff and kinked flows and dopri5 for others; "
     "euler where there is --temperature, --batch, --online, --steps, --epochs or --lr"},
    {"dt", number, "", all("0.1"), run_only,
     "step of euler, heun and rk4; first step of rkc and dopri5 (default there: estimated)"},
    {"lr", number, "", all(""), run_only,
     "learning rate of euler as PyTorch's SGD on MSELoss means it, instead of --dt: dt = 2 lr, "
     "under mean-field scaling dt = 2 lr/m"},
    {"rtol", number, "", all("1e-4"), run_only,
     "auto, rkc, dopri5: error of a step in L2(pi), relative to the root mean square of |w|"},
    {"atol", number, "", all(""), run_only,
     "auto, rkc, dopri5: error allowed beside it (default: rtol/100)"},
    {"no-audit", flag, "", all("false"), run_only,
     "do not end with exit code 3 where the energy identity is broken (fixed steps: by 10%)"},
    {"eta", number, "", all("0.1"), run_only, "step of the proximal method"},
    {"proximal-tolerance", number, "", all("1e-8"), run_only,
     "residual at which a proximal step is solved"},
    {"t-end", number, "", {"1000", "100", "100"}, run_only, "end of the flow"},
    {"steps", count, "", all(""), run_only, "end after so many steps of dt, instead of --t-end"},
    {"epochs", number, "", all(""), run_only,
     "end after so many passes over the data, each of floor(n/batch) steps, instead of --t-end"},
    {"stop-risk", number, "", all(""), run_only,
     "end as converged once the risk is at most this (mini-batches and noise: at a record)"},
    {"stop-gradient", number, "", all(""), run_only,
     "end as converged once the root of the dissipation is at most this"},
    {"stop-w2", number, "", all(""), run_only,
     "end as converged at the first record whose w2 is at most this"},
    {"batch", count, "", all(""), run_only, "mini-batch size; full batch without"},
    {"batch-replacement", flag, "", all("false"), run_only, "draw mini-batches with replacement"},
    {"online", count, "", all(""), run_only, "fresh samples of the law at each step"},
    {"record-at", list, "", all(""), run_only,
     "record times T1,T2,... (default: 0, powers of ten, t-end)"},
    {"records", count, "", all(""), run_only, "number of record times: 0 and log-spaced to t-end"},
    {"w2", choice, "auto|none|line|circle|exact|semidiscrete|sinkhorn|sliced|bounds", all("auto"),
     run_only,
     "method of W2 to the teacher's neurons, or to the uniform law on the circle; without this "
     "option only where it is a closed form or has m M <= 1e9"},
    {"w2-rtol", number, "", all("1e-3"), run_only,
     "width of the bracket of W2, w2_lower to w2_upper, relative to w2_upper"},
    {"w2-time-limit", number, "", all(""), run_only,
     "seconds that one record's W2 may take, within 10 % and 0.1 s"},
    {"w2-subsample", count, "", all(""), run_only,
     "W2 of min(K, m) particles drawn once by seed; w2_lower and w2_upper then bracket the "
     "distance of these"},
    {"w2-antipodal", flag, "", all("false"), run_only,
     "add W2 of the antipodal symmetrisation (uniform circle target)"},
    // The machine.
    {"seed", count, "", all("1"), run_and_eval, "of everything random without a seed of its own"},
    {"seed-data", count, "", all(""), run_and_eval,
     "of samples, test split, mini-batches (default: seed)"},
    {"seed-teacher", count, "", all(""), run_and_eval, "of the teacher (default: seed)"},
    {"seed-init", count, "", all(""), run_only, "of the start (default: seed)"},
    {"seed-noise", count, "", all(""), run_only, "of the temperature's noise (default: seed)"},
    {"precision", choice, "float|double", all("double"), run_and_eval,
     "arithmetic of the field; states and sums are double"},
    {"device", text, "", all("auto"), run_and_eval, "auto, cpu, cuda or cuda:N"},
    {"threads", count, "", all("0"), run_and_eval, "CPU threads; 0: all"},
    // Input and output.
    {"particles", path, "", all(""), eval_only, "particles to evaluate, m x (1 + d)"},
    {"velocity", path, "", all(""), eval_only, "write v, m x (1 + d), to this .npy"},
    {"repeat", count, "", all("1"), eval_only, "evaluations; seconds is their median"},
    {"out", path, "", all(""), run_only, "folder for metrics.csv, summary.json and particles.npy"},
    {"force", flag, "", all("false"), run_and_eval,
     "replace the results of an earlier run in --out (eval: the file of --velocity)"},
    {"json", flag, "", all("false"), run_and_eval, "print one JSON object"},
    {"quiet", flag, "", all("false"), run_and_eval,
     "print nothing but the JSON object, and on stderr only why a run failed"},
};

}  // namespace

std::span<const OptionSpec> option_table() { return table; }

const OptionSpec* find_option(std::string_view name) {
  const auto found = std::find_if(std::begin(table), std::end(table),
                                  [&](const OptionSpec& option) { return option.name == name; });
  return found == std::end(table) ? nullptr : found;
}

std::string describe_defaults(const OptionSpec& option) {
  const auto& [circle, law, data] = option.defaults;
  const std::string_view first = circle;
  if (first == law && first == data) return circle;
  const auto show = [](const char* value) {
    return *value == '\0' ? std::string("-") : std::string(value);
  };
  return show(circle) + " | " + show(law) + " | " + show(data);
}

std::string options_as_markdown() {
  std::string text =
      "| option | values | default | |\n"
      "|---|---|---|---|\n";
  for (const OptionSpec& option : option_table()) {
    std::string values;
    switch (option.type) {
      case ValueType::text:
        values = "text";
        break;
      case path:
        values = "file";
        break;
      case choice:
        values = option.choices;
        break;
      case number:
        values = "number";
        break;
      case count:
        values = "whole number";
        break;
      case ValueType::samples:
        values = "whole number or inf";
        break;
      case list:
        values = "numbers";
        break;
      case flag:
        values = "flag";
        break;
    }
    std::string help = option.help;
    if (option.readers == eval_only) help += " (eval)";
    std::string row = "`--" + std::string(option.name) + "` @ " + values + " @ " +
                      describe_defaults(option) + " @ " + help;
    // A bar inside a cell is escaped.
    std::string escaped;
    for (const char c : row)
      escaped += c == '|' ? std::string("\\|") : c == '@' ? std::string("|") : std::string(1, c);
    text += "| " + escaped + " |\n";
  }
  return text;
}

}  // namespace mckean::cli
