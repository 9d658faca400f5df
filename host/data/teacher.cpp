// Teachers: making them, evaluating them, and their part in the population risk.
#include "mckean/teacher.hpp"
#include "kernels/cpu/tiles.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <utility>

#include "host/data/direction.hpp"
#include "host/data/sphere_mean.hpp"
#include "mckean/custom_activation.hpp"
#include "mckean/error.hpp"
#include "mckean/formula/philox.hpp"
#include "mckean/interruption.hpp"

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

/// Times of multiplications between two looks at whether an interruption was asked for: below a
/// tenth of a second of one thread.
constexpr std::size_t kUninterrupted = std::size_t{1} << 25;
constexpr std::size_t kWorthThreads = std::size_t{1} << 17;
constexpr std::size_t kActivationCost = 32;
constexpr std::size_t kQuadratureCost = std::size_t{1} << 14;
constexpr std::size_t kRowsAtOnce = 1024;  // enough for all threads

/// Calls body(i) for i = begin..end-1, each of `cost`.
template <class Body>
void for_each_row(std::size_t begin, std::size_t end, std::size_t cost, int threads,
                  const Body& body) {
  check_interruption();
  const bool worth_threads = cost > kWorthThreads / (end - begin);
  const std::size_t rows = (end - begin) / static_cast<std::size_t>(4 * threads) + 1;
  cpu::for_each_tile(end - begin, rows, worth_threads ? threads : 1,
                     [&](std::size_t first, std::size_t last) {
                       for (std::size_t i = begin + first; i < begin + last; ++i) body(i);
                     });
}

template <class A>
void evaluate_atoms(const A& activation, const ParticleArray& atoms, const std::vector<double>& x,
                    int threads, std::vector<double>& f) {
  const std::size_t d = atoms.d;
  const std::size_t n = f.size();
  const Matrix rows = to_rows(atoms.view());
  const std::size_t pairs = std::max<std::size_t>(1, kUninterrupted / (d + kActivationCost));
  // Each sum runs over the atoms in their order, whatever the blocks are.
  const std::size_t row_block = std::max(kRowsAtOnce, pairs / rows.rows);
  const std::size_t atom_block = std::max<std::size_t>(1, pairs / std::min(row_block, n));
  for (std::size_t first = 0; first < n; first += row_block) {
    const std::size_t last = std::min(first + row_block, n);
    for (std::size_t from = 0; from < rows.rows; from += atom_block) {
      const std::size_t to = std::min(from + atom_block, rows.rows);
      const std::size_t cost = (to - from) * (d + kActivationCost);
      for_each_row(first, last, cost, threads, [&](std::size_t i) {
        const double* xi = x.data() + i * d;
        double sum = f[i];
        for (std::size_t k = from; k < to; ++k) {
          const double* row = rows.values.data() + k * rows.cols;
          double z = 0;
          for (std::size_t c = 0; c < d; ++c) z += row[1 + c] * xi[c];
          sum += row[0] * activation.value(z);
        }
        f[i] = to == rows.rows ? sum / static_cast<double>(rows.rows) : sum;
      });
    }
  }
}

void evaluate_uniform(const AnyActivation& activation, std::size_t d, const std::vector<double>& x,
                      int threads, std::vector<double>& f) {
  constexpr std::size_t kRun = 64;  // rows, of which equal radii are common, for one thread
  const std::size_t runs = (f.size() + kRun - 1) / kRun;
  const std::size_t cost = kRun * (2 * d + (is_closed_form(activation) ? 0 : kQuadratureCost));
  const std::size_t block = std::max(kRowsAtOnce / kRun, kUninterrupted / cost);
  for (std::size_t first = 0; first < runs; first += block) {
    for_each_row(first, std::min(first + block, runs), cost, threads, [&](std::size_t run) {
      double last_radius = std::numeric_limits<double>::quiet_NaN();
      double last_value = 0;
      for (std::size_t i = run * kRun; i < std::min((run + 1) * kRun, f.size()); ++i) {
        double square = 0;
        for (std::size_t k = 0; k < d; ++k) square += x[i * d + k] * x[i * d + k];
        const double radius = std::sqrt(square);
        if (radius != last_radius) {
          last_value = sphere_mean(activation, radius, d);
          last_radius = radius;
        }
        f[i] = last_value;
      }
    });
  }
}

}  // namespace

std::vector<double> Teacher::evaluate(const AnyActivation& activation, const std::vector<double>& x,
                                      std::size_t n, int threads) const {
  if (d == 0 || x.size() / d != n || x.size() % d != 0) {
    throw InputError("teacher: it takes " + std::to_string(n) + " x " + std::to_string(d) +
                     " inputs and got " + std::to_string(x.size()) +
                     " values; give the data and the teacher the same dimension");
  }
  std::vector<double> f = make_zeros(n);
  if (n == 0) return f;
  const int workers = cpu::thread_count(threads);
  if (kind == Kind::uniform_sphere) {
    evaluate_uniform(activation, d, x, workers, f);
  } else {
    visit_any(activation, [&](const auto& sigma) { evaluate_atoms(sigma, atoms, x, workers, f); });
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
  Matrix rows = make_matrix(count, 1 + d);
  for (std::size_t k = 0; k < count; ++k) {
    check_interruption();
    rows(k, 0) = 1;
    draw_direction(seed, Purpose::teacher, 0, k, d, &rows(k, 1));
  }
  return make_atoms(from_rows(rows));
}

Teacher make_circle_neuron(std::size_t d, std::size_t count) {
  check_sizes(count, d);
  if (d < 2) throw InputError("teacher: a circle of neurons needs d >= 2; raise d");
  Matrix rows = make_matrix(count, 1 + d);
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
