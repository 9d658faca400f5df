// Lists from the search for nearest targets.
#include "host/transport/semidiscrete/near_atoms.hpp"

#include <algorithm>
#include <limits>

#include "host/data/interruptible.hpp"
#include "host/transport/passes.hpp"
#include "kernels/cpu/tiles.hpp"

namespace mckean {
namespace {

double median_of_positive(std::vector<double>& values) {
  const auto end = std::remove(values.begin(), values.end(), 0.);
  const auto middle = values.begin() + (end - values.begin()) / 2;
  std::nth_element(values.begin(), middle, end);
  return middle == end ? 0 : *middle;
}

}  // namespace

NearAtoms::NearAtoms(const Pairs& pairs, std::size_t k, const PairPasses& passes, int threads)
    : pairs_(pairs),
      k_(std::min(k, pairs.to.n)),
      passes_(passes),
      kept_{passes.keep(pairs.from), passes.keep(pairs.to)},
      threads_(threads),
      cost_(make_zeros(size() * k_)),
      atom_(make_filled(size() * k_, 0u)),
      u_(make_zeros(size())) {}

bool NearAtoms::search(const std::vector<double>& potential, const Deadline& deadline) {
  has_lists_ = nearest_targets(passes_, pairs_, potential, k_, deadline, {cost_, atom_});
  if (!has_lists_) return false;
  std::vector<double> slack = make_zeros(size()), spread = make_zeros(size());
  cpu::for_each_long_tile(size(), cpu::element_tile, threads_,
                          [&](std::size_t begin, std::size_t end, cpu::EarlyEnd&) {
                            for (std::size_t i = begin; i < end; ++i) {
                              double* const row = cost_.data() + i * k_;
                              double best = std::numeric_limits<double>::infinity();
                              double second = best;
                              spread[i] = row[0];  // the largest
                              for (std::size_t s = 0; s < k_; ++s) {
                                const double value = row[s];
                                second = std::min(second, std::max(best, value));
                                best = std::min(best, value);
                                row[s] -= potential[atom_[i * k_ + s]];
                              }
                              u_[i] = best;
                              slack[i] = k_ > 1 ? second - best : 0;
                              spread[i] -= best;
                            }
                          });
  typical_slack_ = median_of_positive(slack);
  typical_spread_ = median_of_positive(spread);
  searched_ = potential;
  return true;
}

double NearAtoms::outdated_share(const std::vector<double>& potential) const {
  if (k_ == pairs_.to.n) return 0;
  std::vector<double> change(potential.size());
  for (std::size_t j = 0; j < potential.size(); ++j) change[j] = potential[j] - searched_[j];
  const double outdated = cpu::sum_long_elements(size(), threads_, [&](std::size_t i) {
    const std::uint32_t* const list = atoms(i);
    double least = change[list[0]];
    double most = least;
    for (std::size_t s = 1; s < k_; ++s) {
      least = std::min(least, change[list[s]]);
      most = std::max(most, change[list[s]]);
    }
    // The first of a list was the last one to be in it.
    const double spread = costs(i)[0] + searched_[list[0]] - u_[i];
    return most - least > spread / 2 ? 1. : 0.;
  });
  return outdated / static_cast<double>(size());
}

}  // namespace mckean
