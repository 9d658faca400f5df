// Work against precision: evaluations, and the errors in J and in the particles, of each method and
// tolerance against fixed steps of rk4 in fp64. A Markdown table on stdout; `work_precision NAME`
// runs the problems whose name contains NAME, and --write FOLDER leaves their data for
// peers/ode_solvers.py.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <numbers>
#include <optional>
#include <string>
#include <vector>

#include "host/data/initial_measure.hpp"
#include "host/data/law.hpp"
#include "host/data/read.hpp"
#include "host/data/teacher.hpp"
#include "host/flow/integrate.hpp"
#include "host/flow/planar.hpp"
#include "host/flow/sampled_data.hpp"
#include "kernels/cpu/cpu_backend.hpp"

namespace mckean::bench {
namespace {

using Cpu = CpuBackend<double>;
using Clock = std::chrono::steady_clock;
using Method = IntegratorSpec::Method;
using std::numbers::pi;

constexpr double limit_seconds = 10;  // of one run

const Cpu& cpu() {
  static const Cpu backend{1};
  return backend;
}

struct Case {
  std::string name;
  std::string activation;
  FieldSpec spec;
  std::size_t d = 0;
  std::vector<double> x, y;  // empty: the circle's closed form
  ParticleArray start;
  double t_end = 0;
  double reference_step = 0;
  double fixed_step = 0;  // the largest of euler and rk4; halved twice
  double tightest = 1e-10;

  std::unique_ptr<Field<Cpu>> field() const {
    if (x.empty()) {
      const AnyActivation relu{};
      return std::make_unique<Planar<Cpu>>(
          cpu(), pair_kernel(relu, DataLaw::circle, 2)->moment, spec.scaling,
          population_teacher(make_uniform_sphere_teacher(2), relu, DataLaw::circle));
    }
    return std::make_unique<SampledData<Cpu>>(
        cpu(), find_activation(activation).value(), spec.scaling,
        HostView<const double>(x.data(), x.size()), HostView<const double>(y.data(), y.size()), d);
  }
};

struct End {
  IntegrationResult result;
  ParticleArray particles;
  double objective = 0;
  double seconds = 0;
};

End run(const Case& c, IntegratorSpec spec, double limit = limit_seconds) {
  const auto field = c.field();
  GradientFlow<Cpu> flow(cpu(), *field, c.spec, c.start.m, c.start.d);
  End end{{}, c.start};
  const auto begin = Clock::now();
  IntegrateCallbacks callbacks;
  callbacks.on_record = [&](Record& record, const FetchParticles&) {
    end.objective = record.objective;
  };
  callbacks.on_step = [&](const Progress&) {
    return std::chrono::duration<double>(Clock::now() - begin).count() < limit;
  };
  spec.audit = spec.adaptive();
  end.result = integrate(flow, spec, end.particles.view(), {0, c.t_end}, callbacks);
  end.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  return end;
}

double distance(const ParticleArray& left, const ParticleArray& right) {
  double sum = 0;
  for (std::size_t i = 0; i < left.values.size(); ++i)
    sum += std::pow(left.values[i] - right.values[i], 2);
  return std::sqrt(sum / static_cast<double>(left.m));
}

IntegratorSpec fixed(Method method, double dt) {
  IntegratorSpec spec;
  spec.method = method;
  spec.dt = dt;
  return spec;
}

/// The largest step up to `step` of which a whole number ends at t_end.
double divisor(double t_end, double step) { return t_end / std::ceil(t_end / step); }

const char* describe(const IntegrationResult& result) {
  switch (result.outcome) {
    case Outcome::finished:
    case Outcome::converged:
      return "";
    case Outcome::diverged:
      return "diverged";
    case Outcome::not_converged:
      return "not converged";
    case Outcome::interrupted:
      return "given up after 10 s";
  }
  return "";
}

const char* name_of(Method method) {
  switch (method) {
    case Method::automatic:
      return "auto";
    case Method::rkc:
      return "rkc";
    case Method::dopri5:
      return "dopri5";
    case Method::rk4:
      return "rk4";
    default:
      return "euler";
  }
}

void print_row(const char* method, double parameter, const End& end, const End& reference) {
  std::printf("| %s | %.0e | %llu | %llu | %.1e | %.1e | %.3g | %s |\n", method, parameter,
              static_cast<unsigned long long>(end.result.reached.evaluations),
              static_cast<unsigned long long>(end.result.reached.rejected),
              std::abs(end.objective / reference.objective - 1),
              distance(end.particles, reference.particles), end.seconds, describe(end.result));
  std::fflush(stdout);
}

void measure(const Case& c) {
  const double step = divisor(c.t_end, c.reference_step);
  const End reference = run(c, fixed(Method::rk4, step), 600);
  const End coarser = run(c, fixed(Method::rk4, 2 * step), 600);
  std::printf(
      "\n### %s\n\nd = %zu, n = %zu, m = %zu, t = %g, J from %.6g to %.8g. Reference: rk4, dt = "
      "%.3g, "
      "%llu evaluations%s; twice the step differs by %.1e in J and %.1e in the particles.\n\n",
      c.name.c_str(), c.d, c.y.size(), c.start.m, c.t_end,
      run(c, fixed(Method::euler, c.t_end * 1e-9), 0).objective, reference.objective, step,
      static_cast<unsigned long long>(reference.result.reached.evaluations),
      *describe(reference.result) ? " (not ended)" : "",
      std::abs(coarser.objective / reference.objective - 1),
      distance(coarser.particles, reference.particles));
  std::printf(
      "| method | rtol or dt | evaluations | rejected | error of J, relative | rms error of "
      "particles | s | |\n"
      "|---|---|---|---|---|---|---|---|\n");
  for (const Method method : {Method::automatic, Method::rkc, Method::dopri5}) {
    for (double rtol = 1e-2; rtol > .5 * c.tightest; rtol /= 10) {
      IntegratorSpec spec;
      spec.method = method;
      spec.rtol = rtol;
      spec.atol = rtol / 100;
      const End end = run(c, spec);
      print_row(name_of(method), rtol, end, reference);
      if (end.result.outcome == Outcome::interrupted) break;
    }
  }
  for (const Method method : {Method::euler, Method::rk4}) {
    for (double dt = divisor(c.t_end, c.fixed_step); dt > .2 * c.fixed_step && dt > 1.5 * step;
         dt /= 2)
      print_row(name_of(method), dt, run(c, fixed(method, dt)), reference);
  }
}

std::vector<double> column(const Matrix& matrix) { return matrix.values; }

Case tanh_case(const std::string& name) {
  const std::filesystem::path folder = MCKEAN_BENCH_DATA;
  Case c;
  c.name = name;
  c.activation = "tanh";
  c.d = 4;
  c.x = column(read_matrix((folder / "tanh_x.csv").string()));
  c.y = column(read_matrix((folder / "tanh_y.csv").string()));
  c.start = from_rows(read_matrix((folder / "tanh_p.csv").string()));
  return c;
}

std::vector<Case> cases() {
  std::vector<Case> all;
  {
    Case c = tanh_case("tanh, standard scaling (stiff)");
    c.spec.scaling = Scaling::standard;
    c.t_end = 50;
    c.reference_step = .005;
    c.fixed_step = .08;
    all.push_back(c);
  }
  {
    Case c;
    c.name = "sigmoid curve fitting (stiff)";
    c.activation = "sigmoid";
    c.d = 2;
    c.spec.scaling = Scaling::standard;
    for (std::size_t i = 0; i < 50; ++i) {
      const double x = -1 + (static_cast<double>(i) + .5) / 25;
      c.x.insert(c.x.end(), {x, 1});
      c.y.push_back(std::sin(pi * x));
    }
    c.start = draw_initial(
        {.law = InitLaw::gaussian, .amplitude = Amplitude::gaussian, .scale_a = .3, .scale_b = 5},
        30, 2, 1);
    c.t_end = 1000;
    c.reference_step = .02;
    c.fixed_step = .3;
    all.push_back(c);
  }
  {
    Case c;
    c.name = "relu, teacher and student";
    c.activation = "relu";
    c.d = 5;
    c.x = draw_samples(DataLaw::gaussian, 1000, 5, 1, 0);
    c.y = make_neurons(10, 5, 2).evaluate({}, c.x, 1000, 1);
    c.start = draw_initial({.law = InitLaw::uniform, .amplitude = Amplitude::sign}, 300, 5, 3);
    c.t_end = 100;
    c.reference_step = .05;
    c.fixed_step = 1;
    c.tightest = 1e-6;
    all.push_back(c);
  }
  {
    Case c;
    c.name = "abs, 40 particles on 50 samples";
    c.activation = "abs";
    c.d = 5;
    c.x = draw_samples(DataLaw::gaussian, 50, 5, 1, 0);
    for (std::size_t i = 0; i < 50; ++i) c.y.push_back(std::sin(2 * c.x[5 * i]) + c.x[5 * i + 1]);
    c.start = draw_initial({.law = InitLaw::gaussian, .amplitude = Amplitude::sign}, 40, 5, 3);
    c.t_end = 5;
    c.reference_step = 1e-4;
    c.fixed_step = .1;
    c.tightest = 1e-6;
    all.push_back(c);
  }
  {
    Case c = tanh_case("tanh with lambda |a||b|, lambda = 0.03");
    c.spec.regularizer = Regularizer::path;
    c.spec.lambda = .03;
    c.t_end = 50;
    c.reference_step = 1e-3;
    c.fixed_step = .4;
    c.tightest = 1e-6;
    all.push_back(c);
  }
  {
    Case c;
    c.name = "circle (Theorem 4)";
    c.d = 2;
    c.spec.train = Train::inner;
    c.spec.constraint = Constraint::sphere;
    c.start = draw_initial({.law = InitLaw::cos2, .sampling = InitSampling::quantile}, 2000, 2, 1);
    c.t_end = 100;
    c.reference_step = .02;
    c.fixed_step = 1;
    all.push_back(c);
  }
  return all;
}

/// Rows x (d columns) then y, the start and the sizes, for other programs.
void write(const Case& c, const std::filesystem::path& folder, std::size_t index) {
  if (c.x.empty()) return;
  std::filesystem::create_directories(folder);
  std::ofstream out(folder / ("case" + std::to_string(index) + ".txt"));
  out.precision(17);
  out << c.name << '\n'
      << c.activation << ' ' << static_cast<int>(c.spec.scaling) << ' ' << c.spec.lambda << ' '
      << c.t_end << ' ' << c.reference_step << ' ' << c.y.size() << ' ' << c.start.m << ' ' << c.d
      << '\n';
  for (const auto* values : {&c.x, &c.y, &c.start.values}) {
    for (const double value : *values) out << value << ' ';
    out << '\n';
  }
}

}  // namespace
}  // namespace mckean::bench

int main(int argc, char** argv) {
  const auto cases = mckean::bench::cases();
  if (argc == 3 && std::strcmp(argv[1], "--write") == 0) {
    for (std::size_t i = 0; i < cases.size(); ++i) mckean::bench::write(cases[i], argv[2], i);
    return 0;
  }
  for (const auto& c : cases)
    if (argc < 2 || c.name.find(argv[1]) != std::string::npos) mckean::bench::measure(c);
}
