// Data, teacher and start from files and laws.
#include "problem.hpp"

#include <algorithm>
#include <cmath>

#include "checks.hpp"
#include "host/data/interruptible.hpp"
#include "host/data/linear_regression.hpp"
#include "host/data/read.hpp"
#include "host/flow/population.hpp"
#include "mckean/error.hpp"

namespace mckean::cli {
namespace {

// Streams of samples of one seed; steps of online runs count from 0.
constexpr std::uint64_t training_stream = std::uint64_t{1} << 55;

/// x and y of two files, with the rows they must share.
DataSet read_data(const Settings& settings, const std::string& x_option,
                  const std::string& y_option) {
  DataSet data;
  data.x = read_matrix(settings.text(x_option));
  Matrix y = read_matrix(settings.text(y_option));
  if (y.cols != 1 && y.rows == 1) std::swap(y.rows, y.cols);
  if (y.cols != 1) {
    throw InputError(settings.text(y_option) + ": is " + shape(y) +
                     ", and y is one value for each sample: give n x 1");
  }
  if (y.rows != data.x.rows) {
    throw InputError(settings.text(y_option) + ": has " + std::to_string(y.rows) +
                     " values for the " + std::to_string(data.x.rows) + " samples of " +
                     settings.text(x_option) + ": give as many of one as of the other");
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

Problem read_problem(const ModelConfig& model, Settings& settings) {
  Problem problem;
  TrainTest parts;
  parts.train = read_data(settings, "x", "y");
  if (settings.given("test-x")) {
    parts.test = read_data(settings, "test-x", "test-y");
    if (parts.test.x.cols != parts.train.x.cols) {
      throw InputError(settings.text("test-x") + ": has " + std::to_string(parts.test.x.cols) +
                       " columns and " + settings.text("x") + " has " +
                       std::to_string(parts.train.x.cols) + ": give the same columns");
    }
  } else if (settings.given("test-fraction")) {
    const auto rows = static_cast<double>(parts.train.x.rows);
    const double test_rows = std::round(settings.number("test-fraction") * rows);
    require(test_rows >= 1 && test_rows < rows, settings, "test-fraction",
            "leaves no test or no training data of " + std::to_string(parts.train.x.rows) +
                " rows: give one nearer to 0.5");
    parts = split_data(parts.train, settings.number("test-fraction"), model.seed_data);
  }
  if (parts.test.x.rows == 0) parts.test.x = Matrix(0, parts.train.x.cols);
  if (settings.flag("standardize")) {
    standardize(parts.train.x, parts.test.x);
    standardize(parts.train.y, parts.test.y);
  }
  if (parts.test.x.rows > 0) {
    problem.linear_regression_risk =
        linear_regression_risk(parts.train.x, parts.train.y, parts.test.x, parts.test.y);
  }
  if (settings.flag("bias")) {
    parts.train.x = with_ones(parts.train.x);
    parts.test.x = with_ones(parts.test.x);
  }
  problem.d = parts.train.x.cols;
  if (settings.given("dim") && settings.count("dim") != problem.d) {
    throw InputError(settings.spelled("dim") + ": " + settings.text("dim") +
                     ", but the samples have " + std::to_string(problem.d) +
                     " columns: leave it out");
  }
  settings.resolve("dim", std::to_string(problem.d));
  settings.resolve("samples", std::to_string(parts.train.x.rows));
  if (parts.test.x.rows > 0) problem.test = std::move(parts.test);
  problem.data = std::move(parts.train);
  return problem;
}

Teacher make_teacher(const ModelConfig& model, Settings& settings) {
  const std::string& target = settings.text("target");
  const auto width = static_cast<std::size_t>(settings.count("teacher-width"));
  if (target == "file") {
    const Matrix rows = read_matrix(settings.text("teacher"));
    if (rows.cols < 2) {
      throw InputError(settings.text("teacher") + ": is " + shape(rows) +
                       ", and neurons (a*, b*) are M x (1 + d): give at least 2 columns");
    }
    const Teacher teacher = make_file_teacher(rows);
    if (settings.given("dim") && settings.count("dim") != teacher.d) {
      throw InputError(settings.text("teacher") + ": has neurons in dimension " +
                       std::to_string(teacher.d) + ", not " + settings.text("dim") +
                       ": rows are (a*, b*), 1 + dim columns");
    }
    settings.resolve("dim", std::to_string(teacher.d));
    if (settings.text("law") == "circle" && teacher.d != 2) {
      throw InputError(settings.text("teacher") + ": has neurons in dimension " +
                       std::to_string(teacher.d) +
                       ", and --law circle is in dimension 2: choose another law");
    }
    return teacher;
  }
  const auto dim = static_cast<std::size_t>(settings.count("dim"));
  if (target == "neurons") return make_neurons(width, dim, model.seed_teacher);
  if (target == "circle-neuron") return make_circle_neuron(dim, width);
  return make_uniform_sphere_teacher(dim);
}

Problem draw_problem(const ModelConfig& model, Settings& settings) {
  Problem problem;
  problem.law = find_law(settings.text("law")).value();
  problem.teacher = make_teacher(model, settings);
  problem.d = static_cast<std::size_t>(settings.count("dim"));
  const bool solvable = problem.teacher->kind == Teacher::Kind::atoms ||
                        problem.teacher->radial(model.activation, *problem.law).has_value();
  if (solvable) problem.kernel = pair_kernel(model.activation, *problem.law, problem.d);
  const auto samples = settings.samples("samples");
  const bool online = settings.given("online");
  if (!samples && !online && !problem.kernel) {
    throw InputError(settings.spelled("samples") + ": inf has no closed form for --activation " +
                     settings.text("activation") + ", --law " + settings.text("law") +
                     ", --target " + settings.text("target") +
                     ": give --samples N, for example 10000, or --online B");
  }
  if (samples && !online) {
    DataSet data;
    data.x = Matrix(0, problem.d);
    data.x.rows = static_cast<std::size_t>(*samples);
    data.x.values =
        draw_samples(*problem.law, data.x.rows, problem.d, model.seed_data, training_stream);
    data.y = problem.teacher->evaluate(model.activation, data.x.values, data.x.rows, model.threads);
    problem.data = std::move(data);
  }
  return problem;
}

}  // namespace

Problem make_problem(const ModelConfig& model, Settings& settings) {
  return model.kind == JobKind::data ? read_problem(model, settings)
                                     : draw_problem(model, settings);
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
    if (constraint == Constraint::sphere && largest == 0) {
      throw InputError(
          source + ": b of particle " + std::to_string(j + 1) +
          " is 0, which has no direction on the sphere: move it, or choose --constraint none");
    }
  }
}

ParticleArray read_start(const Problem& problem, Settings& settings) {
  const std::string& path = settings.text("init-file");
  ParticleArray particles = read_particles(path, problem.d);
  if (settings.given("width") && settings.count("width") != particles.m) {
    throw InputError(settings.spelled("width") + ": " + settings.text("width") + ", but " + path +
                     " has " + std::to_string(particles.m) + " particles: leave it out");
  }
  settings.resolve("width", std::to_string(particles.m));
  return particles;
}

}  // namespace

ParticleArray make_start(const RunConfig& run, const Problem& problem, Settings& settings) {
  const bool from_file = run.initial.law == InitLaw::file;
  ParticleArray particles =
      from_file ? read_start(problem, settings)
                : draw_initial(run.initial, static_cast<std::size_t>(settings.count("width")),
                               problem.d, run.seed_init);
  check_start(particles, run.model.spec.constraint,
              from_file ? settings.text("init-file") : "the start");
  return particles;
}

}  // namespace mckean::cli
