// W2 on a line: the coupling of quantiles.
#include "host/transport/line.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "host/transport/check_points.hpp"

namespace mckean {
namespace {

/// Calls use(a_i - b_j, length) for the pieces of (0, 1) on which both quantile functions are
/// constant; lengths are integers that sum to the product of the sizes.
template <class Use>
void for_each_piece(const std::vector<double>& a, const std::vector<double>& b, Use use) {
  const std::uint64_t step_a = b.size();
  const std::uint64_t step_b = a.size();
  std::uint64_t left_a = step_a;
  std::uint64_t left_b = step_b;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    const std::uint64_t length = std::min(left_a, left_b);
    use(a[i] - b[j], static_cast<double>(length));
    left_a -= length;
    left_b -= length;
    if (left_a == 0) {
      left_a = step_a;
      ++i;
    }
    if (left_b == 0) {
      left_b = step_b;
      ++j;
    }
  }
}

}  // namespace

double w2_line(std::vector<double> a, std::vector<double> b) {
  check_points("w2", a);
  check_points("w2", b);
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  double largest = 0;
  for_each_piece(
      a, b, [&](double difference, double) { largest = std::max(largest, std::abs(difference)); });
  if (largest == 0) return 0;
  double sum = 0;  // of squares relative to the largest, so that none overflows
  for_each_piece(a, b, [&](double difference, double length) {
    const double ratio = difference / largest;
    sum += length * ratio * ratio;
  });
  const double total = static_cast<double>(a.size()) * static_cast<double>(b.size());
  return largest * std::sqrt(sum / total);
}

}  // namespace mckean
