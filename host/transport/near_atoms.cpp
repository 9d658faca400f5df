// Lists from the search for nearest targets.
#include "host/transport/near_atoms.hpp"

#include <algorithm>
#include <limits>

#include "kernels/cpu/nearest_targets.hpp"
#include "kernels/cpu/tiles.hpp"

namespace mckean {

NearAtoms::NearAtoms(GroundCost cost, const DiscreteMeasure& points, const DiscreteMeasure& atoms,
                     std::size_t k, int threads)
    : kind_(cost),
      points_(points),
      atoms_(atoms),
      k_(std::min(k, atoms.n)),
      threads_(threads),
      cost_(points.n * k_),
      atom_(points.n * k_),
      u_(points.n) {}

void NearAtoms::search(const std::vector<double>& prices) {
  cpu::nearest_targets(kind_, points_.points(), atoms_.points(), {prices.data(), prices.size()}, k_,
                       threads_, {cost_.data(), cost_.size()}, {atom_.data(), atom_.size()});
  const auto sums = cpu::sum_tiles<2>(
      points_.n, cpu::element_tile, threads_, [&](std::size_t begin, std::size_t end) {
        std::array<double, 2> sum{};
        for (std::size_t i = begin; i < end; ++i) {
          double* const row = cost_.data() + i * k_;
          double best = std::numeric_limits<double>::infinity();
          double second = best;
          double total = 0;
          for (std::size_t s = 0; s < k_; ++s) {
            const double value = row[s];
            second = std::min(second, std::max(best, value));
            best = std::min(best, value);
            total += value;
            row[s] -= prices[atom_[i * k_ + s]];
          }
          u_[i] = best;
          if (k_ > 1) sum[0] += points_.weights[i] * (second - best);
          sum[1] += points_.weights[i] * (total / static_cast<double>(k_) - best);
        }
        return sum;
      });
  mean_slack_ = sums[0];
  mean_spread_ = sums[1];
}

}  // namespace mckean
