// W2 on a line: the coupling of quantiles.
#include "host/transport/line.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

#include "host/transport/check_points.hpp"

namespace mckean {
namespace {

constexpr const char* kName = "w2";

double distance(const LineAtoms& a, const LineAtoms& b, int threads) {
  const std::int64_t total = common_total(a, b);
  return w2_of_steps(quantile_steps(a, total, threads), quantile_steps(b, total, threads), threads);
}

LineAtoms atoms_of(const DiscreteMeasure& measure) {
  if (measure.d != 1) {
    throw InputError(std::string(kName) +
                     ": points on a line have one coordinate, and these have " +
                     std::to_string(measure.d));
  }
  check_points(kName, measure.planes);
  if (measure.uniform) return {measure.planes, {}};
  return {measure.planes, measure.weights};
}

}  // namespace

double w2_of_steps(const QuantileSteps& a, const QuantileSteps& b, int threads) {
  const auto difference = [&](std::size_t i, std::size_t j) { return a.value[i] - b.value[j]; };
  const double largest = fold_pieces<1>(
      a, b, 0, 0, a.total(), threads,
      [&](auto& fold, std::size_t i, std::size_t j, std::int64_t, std::int64_t) {
        fold[0] = std::max(fold[0], std::abs(difference(i, j)));
      },
      [](double x, double y) { return std::max(x, y); })[0];
  if (largest == 0) return 0;
  // Squares relative to the largest, so that none overflows.
  const double sum = fold_pieces<1>(
      a, b, 0, 0, a.total(), threads,
      [&](auto& fold, std::size_t i, std::size_t j, std::int64_t begin, std::int64_t end) {
        const double ratio = difference(i, j) / largest;
        fold[0] += static_cast<double>(end - begin) * ratio * ratio;
      },
      std::plus<>())[0];
  return largest * std::sqrt(sum / static_cast<double>(a.total()));
}

double w2_line(std::vector<double> a, std::vector<double> b, int threads) {
  check_points(kName, a);
  check_points(kName, b);
  return distance({a, {}}, {b, {}}, threads);
}

double w2_line(const DiscreteMeasure& a, const DiscreteMeasure& b, int threads) {
  return distance(atoms_of(a), atoms_of(b), threads);
}

}  // namespace mckean
