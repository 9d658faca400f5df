// Problems from data, laws and teachers.
#include "mckean/problem.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "host/data/interruptible.hpp"
#include "host/data/sample_streams.hpp"
#include "mckean/error.hpp"

namespace mckean {
namespace {

void check(const DataSet& data, std::size_t d) {
  if (data.x.rows != data.y.size() || data.y.empty() || data.x.cols != d || d == 0) {
    throw InputError("samples: x is " + shape(data.x) + " and y has " +
                     std::to_string(data.y.size()) + " values: give n x " + std::to_string(d) +
                     " and n of them, n and d not 0");
  }
  check_shape(data.x, "samples");
  for (const auto* values : {&data.x.values, &data.y}) {
    for_each_range(values->size(), [&](std::size_t begin, std::size_t end) {
      const bool finite = std::all_of(values->data() + begin, values->data() + end,
                                      [](double value) { return std::isfinite(value); });
      if (!finite) throw InputError("samples: a value is not finite: remove or replace it");
    });
  }
}

void check(const DrawSamples& draw, std::size_t d) {
  if (!draw || d == 0) throw InputError("samples: give a function that draws them, and d not 0");
}

void check(const Teacher& teacher) {
  if (teacher.kind == Teacher::Kind::atoms) {
    check_shape(teacher.atoms, "teacher");
    if (teacher.atoms.m == 0 || teacher.atoms.d != teacher.d)
      throw InputError("teacher: give at least one neuron, in the dimension of the teacher");
  } else if (teacher.d == 0) {
    throw InputError("teacher: dimension 0 has no directions: give d >= 1");
  }
}

/// `teacher` values of fresh inputs.
DrawSamples draw_of(DataLaw law, Teacher teacher, const AnyActivation& activation,
                    std::uint64_t seed, int threads) {
  return [activation, seed, threads, law, teacher = std::move(teacher)](
             std::uint64_t stream, HostView<double> x, HostView<double> y) {
    const std::vector<double> fresh = draw_samples(law, y.size(), teacher.d, seed, stream);
    const std::vector<double> values = teacher.evaluate(activation, fresh, y.size(), threads);
    std::copy(fresh.begin(), fresh.end(), x.begin());
    std::copy(values.begin(), values.end(), y.begin());
  };
}

}  // namespace

DataSet draw_data(const DrawSamples& draw, std::size_t n, std::size_t d, std::uint64_t stream) {
  DataSet data{make_matrix(n, d), std::vector<double>(n)};
  draw(stream, {data.x.values.data(), data.x.values.size()}, {data.y.data(), data.y.size()});
  return data;
}

Problem data_problem(DataSet data, std::optional<DataSet> test) {
  Problem problem;
  problem.d = data.x.cols;
  check(data, problem.d);
  if (test) check(*test, problem.d);
  problem.data = std::move(data);
  problem.test = std::move(test);
  return problem;
}

Problem law_problem(DataLaw law, Teacher teacher) {
  check(teacher);
  Problem problem;
  problem.d = teacher.d;
  problem.law = law;
  problem.teacher = std::move(teacher);
  return problem;
}

Problem sampled_problem(DataLaw law, Teacher teacher, const AnyActivation& activation,
                        std::size_t n, std::uint64_t seed, int threads) {
  Problem problem = law_problem(law, std::move(teacher));
  DataSet data;
  data.x = Matrix(0, problem.d);
  data.x.rows = n;
  data.x.values = draw_samples(law, n, problem.d, seed, training_stream);
  data.y = problem.teacher->evaluate(activation, data.x.values, n, threads);
  check(data, problem.d);
  problem.data = std::move(data);
  return problem;
}

Problem online_problem(DataLaw law, Teacher teacher, const AnyActivation& activation,
                       std::uint64_t seed, int threads) {
  Problem problem = law_problem(law, std::move(teacher));
  problem.draw = draw_of(law, *problem.teacher, activation, seed, threads);
  return problem;
}

Problem online_problem(std::size_t d, DrawSamples draw) {
  check(draw, d);
  Problem problem;
  problem.d = d;
  problem.draw = std::move(draw);
  return problem;
}

Problem sampled_problem(std::size_t d, const DrawSamples& draw, std::size_t n, std::size_t test) {
  check(draw, d);
  std::optional<DataSet> held_out;
  if (test > 0) held_out = draw_data(draw, test, d, held_out_stream);
  return data_problem(draw_data(draw, n, d, training_stream), std::move(held_out));
}

}  // namespace mckean
