// The k nearest targets from their definition: a sort of all of them in long double.
#pragma once

#include <algorithm>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include "reference/c_transform.hpp"

namespace mckean::reference {

/// Rows of k values and indices.
struct NearestRows {
  std::size_t k;
  std::vector<double> value;
  std::vector<std::uint32_t> index;

  NearestRows(std::size_t n, std::size_t length)
      : k(length), value(n * length, NAN), index(n * length, 4294967295u) {}
  bool operator==(const NearestRows&) const = default;
};

/// What is wrong with a row, or an empty string: the first value is the largest, each is that of
/// its own target up to the rounding of c + p, rank by rank they are those of a sort, and no target
/// comes twice.
inline std::string wrong_row(GroundCost cost, const PointSet& sources, std::size_t i,
                             const PointSet& targets, const std::vector<double>& potential,
                             const NearestRows& rows) {
  std::vector<long double> exact(targets.n), error(targets.n), low(targets.n), high(targets.n);
  for (std::size_t j = 0; j < targets.n; ++j) {
    const long double c = pair_cost(cost, sources, i, targets, j);
    exact[j] = c + potential[j];
    error[j] = transform_error(sources.d, c, potential[j]);
    low[j] = exact[j] - error[j];
    high[j] = exact[j] + error[j];
  }
  std::sort(low.begin(), low.end());
  std::sort(high.begin(), high.end());

  const double* const value = rows.value.data() + i * rows.k;
  const std::uint32_t* const index = rows.index.data() + i * rows.k;
  std::vector<double> sorted(value, value + rows.k);
  std::vector<std::uint32_t> distinct(index, index + rows.k);
  std::sort(distinct.begin(), distinct.end());
  if (distinct.back() >= targets.n) return "an index that is none";
  if (std::unique(distinct.begin(), distinct.end()) != distinct.end())
    return "a target comes twice";
  for (std::size_t r = 0; r < rows.k; ++r) {
    if (!(value[r] <= value[0])) return "the first is not the largest";
    if (!(std::abs(value[r] - exact[index[r]]) <= error[index[r]])) return "a value is wrong";
  }
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t r = 0; r < rows.k; ++r) {
    if (sorted[r] < low[r] || sorted[r] > high[r]) return "not the nearest";
  }
  return {};
}

/// The first source whose row is wrong, or an empty string.
inline std::string first_wrong(GroundCost cost, const PointSet& sources, const PointSet& targets,
                               const std::vector<double>& potential, const NearestRows& rows) {
  for (std::size_t i = 0; i < sources.n; ++i) {
    const std::string wrong = wrong_row(cost, sources, i, targets, potential, rows);
    if (wrong.empty()) continue;
    std::ostringstream text;
    text << "source " << i << " of " << sources.n << ", targets " << targets.n << ", d "
         << sources.d << ", k " << rows.k << ": " << wrong;
    return text.str();
  }
  return {};
}

}  // namespace mckean::reference
