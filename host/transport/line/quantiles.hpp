// Quantile functions of measures on a line: steps of integer mass, and the pieces of two of them.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "host/transport/deadline.hpp"
#include "kernels/cpu/tiles.hpp"

namespace mckean {

/// Step j has value[j] on the masses between end[j - 1] and end[j] of end.back(), and is atom
/// index[j] of the measure as it was given. Values ascend; no step is empty.
struct QuantileSteps {
  std::vector<double> value;
  std::vector<std::int64_t> end;
  std::vector<std::uint32_t> index;

  std::size_t size() const { return end.size(); }
  std::int64_t total() const { return end.back(); }
  std::int64_t begin(std::size_t j) const { return j == 0 ? 0 : end[j - 1]; }
  /// The step at the masses just above `mass`.
  std::size_t at(std::int64_t mass) const {
    return static_cast<std::size_t>(std::upper_bound(end.begin(), end.end(), mass) - end.begin());
  }
};

/// Atoms on a line in any order; without weights all have the same mass. Fewer than 2^32.
struct LineAtoms {
  std::span<const double> value;
  std::span<const double> weight;
};

/// The largest total of masses. Cumulative weights are rounded to units of it (see
/// rounding_of_ends), and atoms of less than half a unit may be left out.
constexpr std::int64_t largest_total = std::int64_t{1} << 60;

/// A total in which both measures are whole if all their atoms have the same mass (and it is below
/// largest_total), else largest_total.
std::int64_t common_total(const LineAtoms& a, const LineAtoms& b);

/// How much mass a boundary between atoms of quantile_steps(atoms, total) may be off: 0 where the
/// atoms have equal masses and their number divides the total.
double rounding_of_ends(const LineAtoms& atoms, std::int64_t total);

/// The measure in units of 1/total: exact where the atoms have equal masses and their number
/// divides the total; else cumulative weights (divided by their sum, 1 within 1e-6) are rounded to
/// units, and atoms left without a unit are dropped. Equal measures give equal values and ends,
/// whatever the order of their atoms. O(n log n). OutOfTime where the deadline leaves too little to
/// sort.
QuantileSteps quantile_steps(const LineAtoms& atoms, std::int64_t total, int threads,
                             const Deadline& deadline = {});

constexpr std::size_t steps_a_chunk = 8192;
/// More than a chunk has, so that none throws inside a parallel loop.
constexpr std::size_t pieces_between_checks = 4 * steps_a_chunk;

/// The masses u in [from, to) of a, coupled with u + shift of b, which are between 0 and the total.
struct CoupledMasses {
  const QuantileSteps& a;
  const QuantileSteps& b;
  std::int64_t shift;
  std::int64_t from;
  std::int64_t to;
};

/// Calls use(i, j, begin, end) for the pieces of the masses u on which a(u) and b(u + shift) are
/// constant, in their order: steps i of a and j of b.
template <class Use>
void for_each_piece(const CoupledMasses& masses, const Use& use) {
  const auto& [a, b, shift, from, to] = masses;
  if (from >= to) return;
  std::size_t i = a.at(from);
  std::size_t j = b.at(from + shift);
  std::size_t pieces = 0;
  for (std::int64_t u = from; u < to;) {
    if (++pieces % pieces_between_checks == 0) check_interruption();
    const std::int64_t end_a = a.end[i];
    const std::int64_t end_b = b.end[j] - shift;
    const std::int64_t end = std::min({end_a, end_b, to});
    use(i, j, u, end);
    i += end == end_a;
    j += end == end_b;
    u = end;
  }
}

/// Masses that cut [from, to] into chunks of at most 2 steps_a_chunk pieces, both ends among them.
std::vector<std::int64_t> chunk_cuts(const CoupledMasses& masses);

/// Of measures with `steps` steps in all, how many terms fold_pieces adds up one after the other,
/// those of a chunk and the chunks: its sums are off by as many roundings.
std::size_t terms_in_order(std::size_t steps);

/// Over all pieces, K sums or (by `join`) other folds from 0: fold(sums, i, j, begin,
/// end) takes in one piece. Chunks are folded one by one in parallel and joined in their order: the
/// number of threads does not show.
template <std::size_t K, class Fold, class Join>
std::array<double, K> fold_pieces(const CoupledMasses& masses, int threads, const Fold& fold,
                                  const Join& join) {
  std::array<double, K> result{};
  if (masses.from >= masses.to) return result;
  const std::vector<std::int64_t> cuts = chunk_cuts(masses);
  const std::size_t chunks = cuts.size() - 1;
  std::vector<std::array<double, K>> partial(cuts.size());
  cpu::EarlyEnd early;
  const int most = chunks > 16 ? cpu::thread_count(threads) : 1;
  cpu::for_each_index(chunks, most, [&](std::size_t chunk, std::size_t) {
    if (early.asked()) return;
    std::array<double, K> sums{};
    for_each_piece({masses.a, masses.b, masses.shift, cuts[chunk], cuts[chunk + 1]},
                   [&](std::size_t i, std::size_t j, std::int64_t begin, std::int64_t end) {
                     fold(sums, i, j, begin, end);
                   });
    partial[chunk] = sums;
  });
  early.check();
  for (const auto& sums : partial) {
    for (std::size_t k = 0; k < K; ++k) result[k] = join(result[k], sums[k]);
  }
  return result;
}

}  // namespace mckean
