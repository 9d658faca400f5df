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

std::vector<double> solve_dense(std::vector<double>& lower, const std::vector<double>& shift,
                                const std::vector<double>& rhs) {
  const std::vector<double> sum = laplacian_diagonal(lower, shift);
  const auto n = static_cast<Eigen::Index>(shift.size());
  for (std::size_t j = 0; j < shift.size(); ++j) lower[j * shift.size() + j] = sum[j];
  // What is below the diagonal by rows is above it by columns.
  Eigen::Map<Eigen::MatrixXd> matrix(lower.data(), n, n);
  const Eigen::LLT<Eigen::Ref<Eigen::MatrixXd>, Eigen::Upper> factor(matrix);
  std::vector<double> x(rhs.size());
  if (factor.info() != Eigen::Success) {
    for (std::size_t j = 0; j < x.size(); ++j) x[j] = rhs[j] / sum[j];
    return x;
  }
  Eigen::Map<Eigen::VectorXd>(x.data(), n) =
      factor.solve(Eigen::Map<const Eigen::VectorXd>(rhs.data(), n));
  return x;
}

/// A sparse factor that tells, once its pattern is known, what its numbers will take.
class SparseFactor : public Eigen::SimplicialLDLT<Eigen::SparseMatrix<double>> {
 public:
  double steps() const { return m_nonZerosPerCol.cast<double>().squaredNorm(); }
};

/// Empty where the factor is not sparse.
std::vector<double> solve_few_entries(const std::vector<double>& lower,
                                      const std::vector<double>& shift,
                                      const std::vector<double>& rhs, const Deadline& deadline) {
  const std::size_t n = shift.size();
  const auto size = static_cast<Eigen::Index>(n);
  const std::vector<double> sum = laplacian_diagonal(lower, shift);
  std::vector<Eigen::Triplet<double>> entries;
  for (std::size_t j = 0; j < n; ++j) {
    const auto row = static_cast<int>(j);
    for (std::size_t l = 0; l < j; ++l) {
      if (lower[j * n + l] != 0) entries.emplace_back(row, static_cast<int>(l), lower[j * n + l]);
    }
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
  Eigen::Map<Eigen::VectorXd>(x.data(), size) =
      factor.solve(Eigen::Map<const Eigen::VectorXd>(rhs.data(), size));
  return x;
}

/// The entries of a symmetric matrix beside its diagonal that are not 0, by rows.
struct SparseRows {
  std::vector<std::size_t> first;
  std::vector<std::uint32_t> column;
  std::vector<double> value;

  SparseRows(const std::vector<double>& lower, std::size_t n) : first(n + 1) {
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t l = 0; l < j; ++l) {
        if (lower[j * n + l] == 0) continue;
        ++first[j + 1];
        ++first[l + 1];
      }
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
      for (std::size_t l = 0; l < j; ++l) {
        if (lower[j * n + l] == 0) continue;
        put(j, l, lower[j * n + l]);
        put(l, j, lower[j * n + l]);
      }
    }
  }
};

double dot(const std::vector<double>& x, const std::vector<double>& y) {
  return cpu::sum_terms(0, x.size(), [&](std::size_t j) { return x[j] * y[j]; });
}

std::vector<double> solve_conjugate(const std::vector<double>& lower,
                                    const std::vector<double>& shift,
                                    const std::vector<double>& rhs, int threads,
                                    const Deadline& deadline) {
  const std::size_t n = shift.size();
  const std::vector<double> sum = laplacian_diagonal(lower, shift);
  const SparseRows rows(lower, n);
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

std::vector<double> laplacian_diagonal(const std::vector<double>& lower,
                                       const std::vector<double>& shift) {
  const std::size_t n = shift.size();
  std::vector<double> sum = shift;
  for (std::size_t j = 0; j < n; ++j) {
    check_interruption();
    for (std::size_t l = 0; l < j; ++l) {
      sum[j] -= lower[j * n + l];
      sum[l] -= lower[j * n + l];
    }
  }
  return sum;
}

std::vector<double> solve_laplacian(std::vector<double>& lower, const std::vector<double>& shift,
                                    const std::vector<double>& rhs, int threads,
                                    const Deadline& deadline) {
  const std::size_t n = shift.size();
  deadline.expect_left();
  std::size_t entries = 0;
  for (std::size_t j = 0; j < n; ++j) {
    check_interruption();
    for (std::size_t l = 0; l < j; ++l) entries += lower[j * n + l] != 0 ? 1 : 0;
  }
  if (2 * sparse * entries < n * n) {
    std::vector<double> x = solve_few_entries(lower, shift, rhs, deadline);
    if (!x.empty()) return x;
  }
  if (n > largest_dense) return solve_conjugate(lower, shift, rhs, threads, deadline);
  const auto size = static_cast<double>(n);
  deadline.expect_left(seconds_of_dense_step * size * size * size / 3);
  return solve_dense(lower, shift, rhs);
}

}  // namespace mckean
