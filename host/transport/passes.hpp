// c-transforms and searches in parts between which the clock is read.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "host/transport/deadline.hpp"
#include "host/transport/pair_passes.hpp"

namespace mckean {

/// Points begin..end-1 of a measure.
DiscreteMeasure part_of(const DiscreteMeasure& measure, std::size_t begin, std::size_t end);

/// How many points of `from` a part of a pass takes: a few hundredths of a second of work.
std::size_t points_of_part(const Pairs& pairs, const PassPart& part);

/// Whether that is all of them: such a pass is made whatever the clock says.
inline bool is_one_part(const Pairs& pairs, const PassPart& part) {
  return points_of_part(pairs, part) >= pairs.from.n;
}

/// use(begin, end) for the parts of `from`: one part where there is no deadline. False where the
/// deadline came before the last one; the first one is done in any case.
template <class Use>
bool for_each_part(const Pairs& pairs, const PassPart& part, const Deadline& deadline,
                   const Use& use) {
  const std::size_t n = pairs.from.n;
  const std::size_t step = points_of_part(pairs, part);
  check_interruption();
  if (step >= n || !deadline.given()) {
    use(std::size_t{0}, n);
    return true;
  }
  for (std::size_t begin = 0; begin < n; begin += step) {
    if (begin > 0 && deadline.passed()) return false;
    use(begin, std::min(n, begin + step));
  }
  return true;
}

/// A soft c-transform: value_i = softmin_j c(x_i, y_j) + p_j and its mean cost, as c_transform of
/// the back ends has them, for the points x of `from` and y of `to`.
struct SoftMinima {
  std::vector<double> value;
  std::vector<double> mean_cost;
};
/// False where the deadline came first.
bool soft_c_transform(const PairPasses& passes, const Pairs& pairs, const std::vector<double>& p,
                      double epsilon, const Deadline& deadline, SoftMinima& minima);

/// The c-transform u_i = min_j c(x_i, y_j) + p_j; empty where the deadline came first.
std::vector<double> c_transform(const PairPasses& passes, const Pairs& pairs,
                                const std::vector<double>& p, const Deadline& deadline = {});

/// The potential -u of the points of `from` that is best for p of those of `to`: seen from there,
/// u_i <= c_ij + p_j reads -p_j <= c_ij - u_i. Zeros, which are no worse than others, where the
/// deadline came first.
std::vector<double> conjugate_potential(const PairPasses& passes, const Pairs& pairs,
                                        const std::vector<double>& p,
                                        const Deadline& deadline = {});

/// For each point of `from` the k points of `to` of least cost plus potential p, as nearest_targets
/// of the back ends has them: rows of k costs plus potentials and of k indices.
struct NearestLists {
  std::vector<double>& value;
  std::vector<std::uint32_t>& target;
};
/// False where the deadline came first.
bool nearest_targets(const PairPasses& passes, const Pairs& pairs, const std::vector<double>& p,
                     std::size_t k, const Deadline& deadline, const NearestLists& lists);

/// What a c-transform takes in seconds, by its first part.
double seconds_of_c_transform(const PairPasses& passes, const Pairs& pairs);

}  // namespace mckean
