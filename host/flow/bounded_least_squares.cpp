// The active-set method of Stark and Parker.
#include "host/flow/bounded_least_squares.hpp"

#include <vector>

#include "host/linear_algebra/dense.hpp"

namespace mckean {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// Gradients at bounds, relative to their terms, that count as none.
constexpr double rounding = 1e-12;

}  // namespace

VectorXd bounded_least_squares(const VectorXd& base, const MatrixXd& columns) {
  const Index k = columns.cols();
  VectorXd s = VectorXd::Constant(k, 0.5);
  std::vector<bool> is_free(static_cast<std::size_t>(k), true);
  const double size = base.norm() + columns.norm();
  // Every pass lowers the norm, so that no set of free unknowns comes twice; the limit is for
  // rounding.
  for (Index pass = 0; pass < 20 * (k + 1); ++pass) {
    std::vector<Index> free;
    for (Index i = 0; i < k; ++i) {
      if (is_free[static_cast<std::size_t>(i)]) free.push_back(i);
    }
    if (!free.empty()) {
      MatrixXd part(columns.rows(), static_cast<Index>(free.size()));
      for (std::size_t f = 0; f < free.size(); ++f)
        part.col(static_cast<Index>(f)) = columns.col(free[f]);
      // By the shortest way: where columns depend on each other there are many.
      const VectorXd change = solve_least_squares(part, -(base + columns * s));
      // As far towards the best as the cube allows.
      double step = 1;
      Index blocking = -1;
      for (std::size_t f = 0; f < free.size(); ++f) {
        const double from = s[free[f]];
        const double to = from + change[static_cast<Index>(f)];
        const double bound = to > 1 ? 1 : 0;
        if (to >= 0 && to <= 1) continue;
        const double reach = (bound - from) / (to - from);
        if (reach < step) {
          step = reach;
          blocking = free[f];
        }
      }
      for (std::size_t f = 0; f < free.size(); ++f)
        s[free[f]] += step * change[static_cast<Index>(f)];
      if (blocking >= 0) {
        s[blocking] = s[blocking] > 0.5 ? 1 : 0;
        is_free[static_cast<std::size_t>(blocking)] = false;
        continue;
      }
    }
    // The best for these free unknowns: is one of the others better off inside?
    const VectorXd gradient = columns.transpose() * (base + columns * s);
    double worst = 0;
    Index freed = -1;
    for (Index i = 0; i < k; ++i) {
      if (is_free[static_cast<std::size_t>(i)]) continue;
      const double inward = s[i] == 0 ? -gradient[i] : gradient[i];
      if (inward > rounding * columns.col(i).norm() * size && inward > worst) {
        worst = inward;
        freed = i;
      }
    }
    if (freed < 0) break;
    is_free[static_cast<std::size_t>(freed)] = true;
  }
  return s;
}

}  // namespace mckean
