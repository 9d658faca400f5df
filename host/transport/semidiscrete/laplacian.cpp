// Cholesky by Eigen, dense or sparse, or conjugate gradients with the diagonal as preconditioner.
#include "host/transport/semidiscrete/laplacian.hpp"

#include <Eigen/Cholesky>
#include <Eigen/SparseCholesky>
#include <algorithm>
#include <cmath>
#include <cstdint>

#include "kernels/cpu/tiles.hpp"

namespace mckean {
namespace {

constexpr std::size_t largest_dense = 1500;
constexpr std::size_t sparse = 40;  // less than 1 in so many entries
constexpr double most_sparse_steps = 5e8;
constexpr double seconds_of_sparse_step = 1e-9;
constexpr double seconds_of_dense_step = 3e-10;
constexpr double residual_tolerance = 1e-3;

Eigen::Map<const Eigen::VectorXd> as_vector(const std::vector<double>& values) {
  return {values.data(), static_cast<Eigen::Index>(values.size())};
}

std::vector<double> solve_dense(const Laplacian& laplacian, const std::vector<double>& shift,
                                const std::vector<double>& rhs) {
  const std::vector<double> sum = laplacian_diagonal(laplacian, shift);
  const auto n = static_cast<Eigen::Index>(shift.size());
  Eigen::MatrixXd matrix = Eigen::MatrixXd::Zero(n, n);
  for (Eigen::Index j = 0; j < n; ++j) {
    const auto row = static_cast<std::size_t>(j);
    for (std::size_t e = laplacian.first[row]; e < laplacian.first[row + 1]; ++e)
      matrix(laplacian.column[e], j) = laplacian.value[e];
    matrix(j, j) = sum[row];
  }
  const Eigen::LLT<Eigen::Ref<Eigen::MatrixXd>, Eigen::Upper> factor(matrix);
  std::vector<double> x(rhs.size());
  if (factor.info() != Eigen::Success) {
    for (std::size_t j = 0; j < x.size(); ++j) x[j] = rhs[j] / sum[j];
    return x;
  }
  Eigen::Map<Eigen::VectorXd>(x.data(), n) = factor.solve(as_vector(rhs));
  return x;
}

/// A sparse factor that tells, once its pattern is known, what its numbers will take.
class SparseFactor : public Eigen::SimplicialLDLT<Eigen::SparseMatrix<double>> {
 public:
  double steps() const { return m_nonZerosPerCol.cast<double>().squaredNorm(); }
};

/// Empty where the factor is not sparse.
std::vector<double> solve_sparse(const Laplacian& laplacian, const std::vector<double>& shift,
                                 const std::vector<double>& rhs, const Deadline& deadline) {
  const std::size_t n = shift.size();
  const auto size = static_cast<Eigen::Index>(n);
  const std::vector<double> sum = laplacian_diagonal(laplacian, shift);
  std::vector<Eigen::Triplet<double>> entries;
  entries.reserve(laplacian.entries() + n);
  for (std::size_t j = 0; j < n; ++j) {
    const auto row = static_cast<int>(j);
    for (std::size_t e = laplacian.first[j]; e < laplacian.first[j + 1]; ++e)
      entries.emplace_back(row, static_cast<int>(laplacian.column[e]), laplacian.value[e]);
    entries.emplace_back(row, row, sum[j]);
  }
  Eigen::SparseMatrix<double> matrix(size, size);
  matrix.setFromTriplets(entries.begin(), entries.end());
  SparseFactor factor;
  factor.analyzePattern(matrix);
  if (factor.steps() > most_sparse_steps) return {};
  deadline.expect_left(seconds_of_sparse_step * factor.steps());
  factor.factorize(matrix);
  std::vector<double> x(n);
  Eigen::Map<Eigen::VectorXd>(x.data(), size) = factor.solve(as_vector(rhs));
  return x;
}

/// Both triangles without the diagonal, by rows.
struct SymmetricRows {
  std::vector<std::size_t> first;
  std::vector<std::uint32_t> column;
  std::vector<double> value;

  explicit SymmetricRows(const Laplacian& laplacian) : first(laplacian.first.size()) {
    const std::size_t n = laplacian.size();
    for (std::size_t j = 0; j < n; ++j) {
      first[j + 1] += laplacian.first[j + 1] - laplacian.first[j];
      for (std::size_t e = laplacian.first[j]; e < laplacian.first[j + 1]; ++e)
        ++first[laplacian.column[e] + 1];
    }
    for (std::size_t j = 0; j < n; ++j) first[j + 1] += first[j];
    column.resize(first[n]);
    value.resize(first[n]);
    std::vector<std::size_t> next(first.begin(), first.end() - 1);
    const auto put = [&](std::size_t row, std::size_t col, double entry) {
      column[next[row]] = static_cast<std::uint32_t>(col);
      value[next[row]++] = entry;
    };
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t e = laplacian.first[j]; e < laplacian.first[j + 1]; ++e) {
        put(j, laplacian.column[e], laplacian.value[e]);
        put(laplacian.column[e], j, laplacian.value[e]);
      }
    }
  }
};

double dot(const std::vector<double>& x, const std::vector<double>& y) {
  return cpu::sum_terms(0, x.size(), [&](std::size_t j) { return x[j] * y[j]; });
}

std::vector<double> solve_conjugate(const Laplacian& laplacian, const std::vector<double>& shift,
                                    const std::vector<double>& rhs, int threads,
                                    const Deadline& deadline) {
  const std::size_t n = shift.size();
  const std::vector<double> sum = laplacian_diagonal(laplacian, shift);
  const SymmetricRows rows(laplacian);
  std::vector<double> x(n), r = rhs, z(n), direction(n), image(n);
  for (std::size_t j = 0; j < n; ++j) direction[j] = z[j] = r[j] / sum[j];
  double rz = dot(r, z);
  const double enough = residual_tolerance * std::sqrt(dot(r, r));
  for (std::size_t step = 0; step < 2 * n && std::sqrt(dot(r, r)) > enough; ++step) {
    deadline.expect_left();
    cpu::for_each_tile(n, 64, threads, [&](std::size_t begin, std::size_t end) {
      for (std::size_t j = begin; j < end; ++j) {
        image[j] = sum[j] * direction[j] +
                   cpu::sum_terms(rows.first[j], rows.first[j + 1], [&](std::size_t e) {
                     return rows.value[e] * direction[rows.column[e]];
                   });
      }
    });
    const double curvature = dot(direction, image);
    if (!(curvature > 0)) break;
    const double length = rz / curvature;
    for (std::size_t j = 0; j < n; ++j) {
      x[j] += length * direction[j];
      r[j] -= length * image[j];
      z[j] = r[j] / sum[j];
    }
    const double before = rz;
    rz = dot(r, z);
    for (std::size_t j = 0; j < n; ++j) direction[j] = z[j] + rz / before * direction[j];
  }
  return x;
}

}  // namespace

std::vector<double> laplacian_diagonal(const Laplacian& laplacian,
                                       const std::vector<double>& shift) {
  std::vector<double> sum = shift;
  for (std::size_t j = 0; j < laplacian.size(); ++j) {
    for (std::size_t e = laplacian.first[j]; e < laplacian.first[j + 1]; ++e) {
      sum[j] -= laplacian.value[e];
      sum[laplacian.column[e]] -= laplacian.value[e];
    }
  }
  return sum;
}

std::vector<double> solve_laplacian(const Laplacian& laplacian, const std::vector<double>& shift,
                                    const std::vector<double>& rhs, int threads,
                                    const Deadline& deadline) {
  const std::size_t n = shift.size();
  deadline.expect_left();
  if (2 * sparse * laplacian.entries() < n * n) {
    std::vector<double> x = solve_sparse(laplacian, shift, rhs, deadline);
    if (!x.empty()) return x;
  }
  if (n > largest_dense) return solve_conjugate(laplacian, shift, rhs, threads, deadline);
  const auto size = static_cast<double>(n);
  deadline.expect_left(seconds_of_dense_step * size * size * size / 3);
  return solve_dense(laplacian, shift, rhs);
}

}  // namespace mckean
