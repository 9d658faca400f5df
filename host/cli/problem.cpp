// Data, teacher and start from files and laws.
#include "host/cli/problem.hpp"

#include <algorithm>
#include <cmath>

#include "host/cli/options/option_table.hpp"
#include "mckean/error.hpp"
#include "mckean/files.hpp"
#include "mckean/interruption.hpp"
#include "mckean/linear_regression.hpp"

namespace mckean::cli {
namespace {

/// x and y of two files, with the rows they must share.
DataSet read_data(const std::string& x_path, const std::string& y_path) {
  DataSet data;
  data.x = read_matrix(x_path);
  Matrix y = read_matrix(y_path);
  if (y.cols != 1 && y.rows == 1) std::swap(y.rows, y.cols);
  if (y.cols != 1) {
    throw InputError(y_path + ": is " + shape(y) +
                     ", and y is one value for each sample: give n x 1");
  }
  if (y.rows != data.x.rows) {
    throw InputError(y_path + ": has " + std::to_string(y.rows) + " values for the " +
                     std::to_string(data.x.rows) + " samples of " + x_path +
                     ": give as many of one as of the other");
  }
  data.y = std::move(y.values);
  return data;
}

Matrix with_ones(const Matrix& x) {
  Matrix out = make_matrix(x.rows, x.cols + 1);
  for (std::size_t i = 0; i < x.rows; ++i) {
    check_interruption();
    std::copy_n(x.values.begin() + static_cast<std::ptrdiff_t>(i * x.cols), x.cols,
                out.values.begin() + static_cast<std::ptrdiff_t>(i * out.cols));
    out(i, x.cols) = 1;
  }
  return out;
}

/// The samples of the files, and those set aside or given for a test.
TrainTest read_parts(const FlowConfig& config) {
  const ProblemConfig& problem = config.problem;
  TrainTest parts;
  parts.train = read_data(problem.x, problem.y);
  if (!problem.test_x.empty()) {
    parts.test = read_data(problem.test_x, problem.test_y);
    if (parts.test.x.cols != parts.train.x.cols) {
      throw InputError(problem.test_x + ": has " + std::to_string(parts.test.x.cols) +
                       " columns and " + problem.x + " has " + std::to_string(parts.train.x.cols) +
                       ": give the same columns");
    }
  } else if (problem.test_fraction > 0) {
    const auto rows = static_cast<double>(parts.train.x.rows);
    const double test_rows = std::round(problem.test_fraction * rows);
    require<&ProblemConfig::test_fraction>(test_rows >= 1 && test_rows < rows, config,
                                           "leaves no test or no training data of " +
                                               std::to_string(parts.train.x.rows) +
                                               " rows: give one nearer to 0.5");
    parts = split_data(parts.train, problem.test_fraction, config.seeds.data);
  }
  if (parts.test.x.rows == 0) parts.test.x = Matrix(0, parts.train.x.cols);
  return parts;
}

ProblemWithBaseline read_problem(const FlowConfig& config) {
  ProblemWithBaseline problem;
  TrainTest parts = read_parts(config);
  if (config.problem.standardize) {
    standardize(parts.train.x, parts.test.x);
    standardize(parts.train.y, parts.test.y);
  }
  if (parts.test.x.rows > 0) {
    problem.linear_regression_risk =
        linear_regression_risk(parts.train.x, parts.train.y, parts.test.x, parts.test.y);
  }
  if (config.problem.bias) {
    parts.train.x = with_ones(parts.train.x);
    parts.test.x = with_ones(parts.test.x);
  }
  problem.d = parts.train.x.cols;
  require<&ProblemConfig::dim>(config.problem.dim.value_or(problem.d) == problem.d, config,
                               "is not the number of columns of the samples, " +
                                   std::to_string(problem.d) + ": leave it out");
  if (parts.test.x.rows > 0) problem.test = std::move(parts.test);
  problem.data = std::move(parts.train);
  return problem;
}

Teacher read_teacher(const ProblemConfig& config) {
  const std::string& path = config.teacher;
  const Matrix rows = read_matrix(path);
  if (rows.cols < 2) {
    throw InputError(path + ": is " + shape(rows) +
                     ", and neurons (a*, b*) are M x (1 + d): give at least 2 columns");
  }
  Teacher teacher = make_file_teacher(rows);
  const std::string found = path + ": has neurons in dimension " + std::to_string(teacher.d);
  if (config.dim.value_or(teacher.d) != teacher.d) {
    throw InputError(found + ", not " + std::to_string(*config.dim) +
                     ": rows are (a*, b*), 1 + dim columns");
  }
  if (config.law == DataLaw::circle && teacher.d != 2)
    throw InputError(found + ", and --law circle is in dimension 2: choose another law");
  return teacher;
}

Teacher make_teacher(const FlowConfig& config) {
  const ProblemConfig& problem = config.problem;
  const auto dim = static_cast<std::size_t>(problem.dim.value_or(0));
  const auto width = static_cast<std::size_t>(problem.teacher_width.value_or(0));
  switch (problem.target.value()) {
    case TeacherLaw::file:
      return read_teacher(problem);
    case TeacherLaw::neurons:
      return make_neurons(width, dim, config.seeds.teacher);
    case TeacherLaw::circle_neuron:
      return make_circle_neuron(dim, width);
    case TeacherLaw::uniform_circle:
    case TeacherLaw::uniform_sphere:
      break;
  }
  return make_uniform_sphere_teacher(dim);
}

ProblemWithBaseline draw_problem(const FlowConfig& config, bool online) {
  const AnyActivation& activation = config.model.activation;
  const DataLaw law = config.problem.law.value();
  const Teacher teacher = make_teacher(config);
  const std::uint64_t seed = config.seeds.data;
  const int threads = config.machine.threads;
  const std::optional<std::uint64_t> samples = config.problem.samples.value().finite;
  if (online) return {online_problem(law, teacher, activation, seed, threads), {}};
  if (samples) {
    return {sampled_problem(law, teacher, activation, static_cast<std::size_t>(*samples), seed,
                            threads),
            {}};
  }
  ProblemWithBaseline problem{law_problem(law, teacher), {}};
  if (!closed_form(problem, activation)) {
    refuse<&ProblemConfig::samples>("inf has no closed form for --activation " +
                                    name_of(activation) + ", --law " + name_of(law) +
                                    ", --target " + name_of(*config.problem.target) +
                                    ": give --samples N, for example 10000, or --online B");
  }
  return problem;
}

}  // namespace

ProblemWithBaseline make_problem(const FlowConfig& config, bool online) {
  return config.problem.kind == JobKind::data ? read_problem(config) : draw_problem(config, online);
}

ParticleArray read_particles(const std::string& path, std::size_t d) {
  const Matrix rows = read_matrix(path);
  if (rows.cols != d + 1) {
    throw InputError(path + ": is " + shape(rows) + ", and particles in dimension " +
                     std::to_string(d) + " are m x " + std::to_string(d + 1) +
                     ": give rows (a, b)");
  }
  return from_rows(rows);
}

namespace {

/// Refuses a start that is not finite, or that has no direction where b lives on the sphere.
void check_start(const ParticleArray& particles, Constraint constraint, const std::string& source) {
  for (std::size_t j = 0; j < particles.m; ++j) {
    check_interruption();
    double largest = 0;
    for (std::size_t k = 0; k < particles.d; ++k)
      largest = std::max(largest, std::abs(particles.view().b(k)[j]));
    const double size = std::abs(particles.view().a()[j]) + largest;
    // Not even its square may overflow: the first record would not be finite.
    if (!(size < 1e150)) {
      throw InputError(source + ": particle " + std::to_string(j + 1) +
                       " is too large to compute with: scale it down");
    }
    // Nor may the square of a direction vanish.
    if (constraint == Constraint::sphere && largest < 1e-150) {
      throw InputError(source + ": b of particle " + std::to_string(j + 1) + " is " +
                       (largest == 0 ? "0" : "below 1e-150") +
                       ", which has no direction on the sphere: move it, or choose --constraint "
                       "none");
    }
  }
}

ParticleArray read_start(const RunConfig& config, const Problem& problem) {
  const StartConfig& start = config.start;
  ParticleArray particles = read_particles(start.file, problem.d);
  require<&StartConfig::width>(start.width.value_or(particles.m) == particles.m, config,
                               "is not the number of rows of " + start.file + ", which has " +
                                   std::to_string(particles.m) + " particles: leave it out");
  return particles;
}

}  // namespace

ParticleArray make_start(const RunConfig& config, const Problem& problem) {
  const StartConfig& start = config.start;
  const bool from_file = start.measure.law == InitLaw::file;
  ParticleArray particles =
      from_file ? read_start(config, problem)
                : draw_initial(start.measure, static_cast<std::size_t>(start.width.value()),
                               problem.d, config.seeds.init);
  check_start(particles, config.model.spec.constraint, from_file ? start.file : "the start");
  return particles;
}

}  // namespace mckean::cli
