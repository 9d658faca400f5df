// Teachers: making them, evaluating them, and their part in the population risk.
#include "host/data/teacher.hpp"

#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <utility>

#include "host/data/direction.hpp"
#include "host/data/error.hpp"
#include "host/data/sphere_mean.hpp"
#include "mckean/philox.hpp"

namespace mckean {
namespace {

Teacher make_atoms(ParticleArray atoms) {
  Teacher teacher;
  teacher.kind = Teacher::Kind::atoms;
  teacher.d = atoms.d;
  teacher.atoms = std::move(atoms);
  return teacher;
}

void check_sizes(std::size_t count, std::size_t d) {
  if (count == 0) throw InputError("teacher: 0 neurons make no teacher; give at least 1");
  if (d == 0) throw InputError("teacher: dimension 0 has no neurons; give d >= 1");
}

template <class A>
void evaluate_atoms(const A& activation, const ParticleArray& atoms, const std::vector<double>& x,
                    std::vector<double>& f) {
  const std::size_t d = atoms.d;
  const Matrix rows = to_rows(atoms.view());
  const auto n = static_cast<std::ptrdiff_t>(f.size());
#pragma omp parallel for schedule(static)
  for (std::ptrdiff_t i = 0; i < n; ++i) {
    const double* xi = x.data() + static_cast<std::size_t>(i) * d;
    double sum = 0;
    for (std::size_t k = 0; k < rows.rows; ++k) {
      const double* row = rows.values.data() + k * rows.cols;
      double z = 0;
      for (std::size_t c = 0; c < d; ++c) z += row[1 + c] * xi[c];
      sum += row[0] * activation.value(z);
    }
    f[static_cast<std::size_t>(i)] = sum / static_cast<double>(rows.rows);
  }
}

void evaluate_uniform(const AnyActivation& activation, std::size_t d, const std::vector<double>& x,
                      std::vector<double>& f) {
  double last_radius = std::numeric_limits<double>::quiet_NaN();
  double last_value = 0;
  for (std::size_t i = 0; i < f.size(); ++i) {
    double square = 0;
    for (std::size_t k = 0; k < d; ++k) square += x[i * d + k] * x[i * d + k];
    const double radius = std::sqrt(square);
    if (radius != last_radius) {
      last_value = sphere_mean(activation, radius, d);
      last_radius = radius;
    }
    f[i] = last_value;
  }
}

}  // namespace

std::vector<double> Teacher::evaluate(const AnyActivation& activation, const std::vector<double>& x,
                                      std::size_t n) const {
  if (d == 0 || x.size() / d != n || x.size() % d != 0) {
    throw InputError("teacher: it takes " + std::to_string(n) + " x " + std::to_string(d) +
                     " inputs and got " + std::to_string(x.size()) +
                     " values; give the data and the teacher the same dimension");
  }
  std::vector<double> f(n);
  if (kind == Kind::uniform_sphere) {
    evaluate_uniform(activation, d, x, f);
  } else {
    visit(activation, [&](const auto& sigma) { evaluate_atoms(sigma, atoms, x, f); });
  }
  return f;
}

std::optional<RadialTeacher> Teacher::radial(const AnyActivation& activation, DataLaw law) const {
  if (kind != Kind::uniform_sphere) return std::nullopt;
  const std::optional<PairKernel> kernel = pair_kernel(activation, law, d);
  if (!kernel) return std::nullopt;
  const auto dim = static_cast<double>(d);
  switch (kernel->kind) {
    case PairKernelKind::arc_cosine: {  // f* = c |x|, E[relu(b . x) |x|] = c |b| E|x|^2
      const double c = mean_positive_part(d);
      const double kappa = c * c * norm_moment(law, d, 2);
      return RadialTeacher{kappa, 1, kappa};
    }
    case PairKernelKind::square: {  // f* = |x|^2/d, E[(b . x)^2 |x|^2] = |b|^2 E|x|^4/d
      const double kappa = norm_moment(law, d, 4) / (dim * dim);
      return RadialTeacher{kappa, 2, kappa};
    }
    case PairKernelKind::arcsine:
      break;  // odd: f* = 0
  }
  return RadialTeacher{};
}

Teacher make_uniform_sphere_teacher(std::size_t d) {
  check_sizes(1, d);
  Teacher teacher;
  teacher.kind = Teacher::Kind::uniform_sphere;
  teacher.d = d;
  return teacher;
}

Teacher make_neurons(std::size_t count, std::size_t d, std::uint64_t seed) {
  check_sizes(count, d);
  Matrix rows(count, 1 + d);
  for (std::size_t k = 0; k < count; ++k) {
    rows(k, 0) = 1;
    draw_direction(seed, Purpose::teacher, 0, k, d, &rows(k, 1));
  }
  return make_atoms(from_rows(rows));
}

Teacher make_circle_neuron(std::size_t d, std::size_t count) {
  check_sizes(count, d);
  if (d < 2) throw InputError("teacher: a circle of neurons needs d >= 2; raise d");
  Matrix rows(count, 1 + d);
  for (std::size_t k = 0; k < count; ++k) {
    const double angle = 2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(count);
    rows(k, 0) = 1;
    rows(k, 1) = std::cos(angle);
    rows(k, 2) = std::sin(angle);
  }
  return make_atoms(from_rows(rows));
}

Teacher make_file_teacher(const Matrix& rows) { return make_atoms(from_rows(rows)); }

}  // namespace mckean
