// The six flows that methods of integration are measured on: stiff and not, smooth and kinked, on
// samples and in closed form.
#pragma once

#include <cmath>
#include <filesystem>
#include <fstream>
#include <memory>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "host/flow/gradient_flow.hpp"
#include "host/flow/planar.hpp"
#include "host/flow/sampled_data.hpp"
#include "kernels/cpu/cpu_backend.hpp"
#include "mckean/files.hpp"
#include "mckean/initial_measure.hpp"
#include "mckean/law.hpp"
#include "mckean/teacher.hpp"

namespace mckean::bench {

using Cpu = CpuBackend<double>;

/// A backend of one thread.
inline const Cpu& cpu() {
  static const Cpu backend{1};
  return backend;
}

struct Samples {
  std::size_t d = 0;
  std::vector<double> x = {},
                      y = {};  // empty: the closed form on the circle, against the uniform teacher
};

/// How finely a problem is resolved.
struct Resolution {
  double reference_step = 0;  // of rk4
  double fixed_step = 0;      // the largest of euler and rk4; halved twice
  double tightest = 1e-10;    // rtol
};

struct FlowProblem {
  std::string name;
  std::string activation;
  FieldSpec spec;
  Samples data;
  ParticleArray start;
  double t_end = 0;
  Resolution resolution;

  std::size_t n() const { return data.y.size(); }

  std::unique_ptr<Field<Cpu>> field() const {
    const AnyActivation sigma = find_activation(activation).value();
    if (data.x.empty()) {
      const DataLaw law = DataLaw::circle;
      return std::make_unique<Planar<Cpu>>(
          cpu(), pair_kernel(sigma, law, 2)->moment, spec.scaling,
          population_teacher(make_uniform_sphere_teacher(2), sigma, law));
    }
    return std::make_unique<SampledData<Cpu>>(
        cpu(), sigma, spec.scaling, HostView<const double>(data.x.data(), data.x.size()),
        HostView<const double>(data.y.data(), data.y.size()), data.d);
  }

  double initial_objective() const {
    const auto f = field();
    return GradientFlow<Cpu>(cpu(), *f, spec, start.m, start.d).energy(start.view()).objective;
  }
};

inline Matrix stored_matrix(const char* name) {
  return read_matrix(std::filesystem::path(MCKEAN_BENCH_DATA) / name);
}
inline Samples tanh_samples() {
  return {4, stored_matrix("tanh_x.csv").values, stored_matrix("tanh_y.csv").values};
}

inline FlowProblem stiff_tanh() {
  return {"tanh, standard scaling (stiff)",
          "tanh",
          {.scaling = Scaling::standard},
          tanh_samples(),
          from_rows(stored_matrix("tanh_p.csv")),
          50,
          {.reference_step = .005, .fixed_step = .08}};
}

/// sin(pi x) at 50 points of [-1, 1], with a bias.
inline FlowProblem sigmoid_curve() {
  Samples data{.d = 2};
  for (int i = 0; i < 50; ++i) {
    const double x = -1 + (i + .5) / 25;
    data.x.insert(data.x.end(), {x, 1});
    data.y.push_back(std::sin(std::numbers::pi * x));
  }
  const InitialMeasure start{
      .law = InitLaw::gaussian, .amplitude = Amplitude::gaussian, .scale_a = .3, .scale_b = 5};
  return {"sigmoid curve fitting (stiff)",
          "sigmoid",
          {.scaling = Scaling::standard},
          std::move(data),
          draw_initial(start, 30, 2, 1),
          1000,
          {.reference_step = .02, .fixed_step = .3}};
}

inline FlowProblem relu_teacher() {
  Samples data{.d = 5, .x = draw_samples(DataLaw::gaussian, 1000, 5, 1, 0)};
  data.y = make_neurons(10, 5, 2).evaluate({}, data.x, 1000, 1);
  return {"relu, teacher and student",
          "relu",
          {},
          std::move(data),
          draw_initial({.law = InitLaw::uniform, .amplitude = Amplitude::sign}, 300, 5, 3),
          100,
          {.reference_step = .05, .fixed_step = 1, .tightest = 1e-6}};
}

inline FlowProblem few_abs() {
  Samples data{.d = 5, .x = draw_samples(DataLaw::gaussian, 50, 5, 1, 0)};
  for (std::size_t i = 0; i < 50; ++i)
    data.y.push_back(std::sin(2 * data.x[5 * i]) + data.x[5 * i + 1]);
  return {"abs, 40 particles on 50 samples",
          "abs",
          {},
          std::move(data),
          draw_initial({.law = InitLaw::gaussian, .amplitude = Amplitude::sign}, 40, 5, 3),
          5,
          {.reference_step = 1e-4, .fixed_step = .1, .tightest = 1e-6}};
}

inline FlowProblem path_norm_tanh() {
  return {"tanh with lambda |a||b|, lambda = 0.03",
          "tanh",
          {.regularizer = Regularizer::path, .lambda = .03},
          tanh_samples(),
          from_rows(stored_matrix("tanh_p.csv")),
          50,
          {.reference_step = 1e-3, .fixed_step = .4, .tightest = 1e-6}};
}

inline FlowProblem theorem4() {
  return {"circle (Theorem 4)",
          "relu",
          {.train = Train::inner, .constraint = Constraint::sphere},
          {.d = 2},
          draw_initial({.law = InitLaw::cos2, .sampling = InitSampling::quantile}, 2000, 2, 1),
          100,
          {.reference_step = .02, .fixed_step = 1}};
}

inline std::vector<FlowProblem> flow_problems() {
  return {stiff_tanh(), sigmoid_curve(), relu_teacher(), few_abs(), path_norm_tanh(), theorem4()};
}

/// For other programs, problemN.txt: the name; a line of the activation, the number of the scaling
/// (mean-field, standard, ntk), lambda of |a||b|, t_end, n, m, d and J(0); then a line each of x
/// (rows of d), y and the start (planes). n = 0 stands for the closed form on the circle.
inline void write(const FlowProblem& problem, const std::filesystem::path& folder,
                  std::size_t number) {
  std::filesystem::create_directories(folder);
  std::ofstream out(folder / ("problem" + std::to_string(number) + ".txt"));
  out.precision(17);
  out << problem.name << '\n'
      << problem.activation << ' ' << static_cast<int>(problem.spec.scaling) << ' '
      << problem.spec.lambda << ' ' << problem.t_end << ' ' << problem.n() << ' ' << problem.start.m
      << ' ' << problem.data.d << ' ' << problem.initial_objective() << '\n';
  for (const auto* values : {&problem.data.x, &problem.data.y, &problem.start.values}) {
    for (const double value : *values) out << value << ' ';
    out << '\n';
  }
}

}  // namespace mckean::bench
