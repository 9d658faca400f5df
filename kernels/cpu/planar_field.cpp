// The arc-cosine field on the plane in O((m + M) log(m + M)): atoms sorted by angle, prefix sums
// over arcs.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

#include "kernels/cpu/cpu_backend.hpp"
#include "kernels/cpu/tiles.hpp"
#include "mckean/planar.hpp"

namespace mckean {
namespace {

// Short tiles: the error of a prefix is that of a compensated sum of tiles and of one tile's own
// serial sum.
constexpr std::size_t prefix_tile = 256;

/// Orders doubles as integers, NaN included, so that sorting is safe whatever the state.
std::uint64_t sortable(double x) {
  const auto bits = std::bit_cast<std::uint64_t>(x);
  return bits >> 63 ? ~bits : bits | std::uint64_t{1} << 63;
}

struct Key {
  std::uint64_t angle;
  std::uint32_t atom;
  bool operator<(const Key& other) const {
    return angle != other.angle ? angle < other.angle : atom < other.atom;
  }
};

/// The sorted sequence is unique, so that the chunks, one for each thread, do not show.
void sort_keys(std::vector<Key>& keys, int threads) {
  constexpr std::size_t worth_a_thread = 8192;
  const std::size_t chunks =
      std::clamp<std::size_t>(keys.size() / worth_a_thread, 1, static_cast<std::size_t>(threads));
  std::vector<std::size_t> bound(chunks + 1);
  for (std::size_t c = 0; c <= chunks; ++c) bound[c] = keys.size() * c / chunks;
  const auto at = [&](std::size_t c) {
    return keys.begin() + static_cast<std::ptrdiff_t>(bound[c]);
  };
#pragma omp parallel for schedule(static, 1) num_threads(threads) if (chunks > 1)
  for (std::size_t c = 0; c < chunks; ++c) std::sort(at(c), at(c + 1));
  for (std::size_t width = 1; width < chunks; width *= 2) {
#pragma omp parallel for schedule(static, 1) num_threads(threads)
    for (std::size_t c = 0; c < chunks - width; c += 2 * width) {
      std::inplace_merge(at(c), at(c + width), at(std::min(c + 2 * width, chunks)));
    }
  }
}

/// An atom of the signed measure: angle, unit vector, |b| and mass Q = weight a |b|.
struct Atom {
  double angle = 0, cosine = 1, sine = 0, norm = 0, mass = 0;
};

Atom make_atom(double a, double b0, double b1, double weight) {
  const double norm = std::hypot(b0, b1);
  if (norm == 0) return {};
  return {std::atan2(b1, b0), b0 / norm, b1 / norm, norm, weight * a * norm};
}

/// Exclusive prefix sums over the sorted atoms, in tiles whose starts are summed with compensation.
class Prefixes {
 public:
  Prefixes(const std::vector<Atom>& sorted, int threads)
      : within_(sorted.size() + 1), start_(sorted.size() / prefix_tile + 1) {
    std::vector<ArcSums> total(start_.size());
    cpu::for_each_tile(sorted.size() + 1, prefix_tile, threads,
                       [&](std::size_t begin, std::size_t end) {
                         ArcSums sum;
                         for (std::size_t i = begin; i < end; ++i) {
                           within_[i] = sum;
                           if (i == sorted.size()) break;
                           const Atom& atom = sorted[i];
                           sum = sum + arc_term(atom.mass, atom.angle, atom.cosine, atom.sine);
                         }
                         total[begin / prefix_tile] = sum;
                       });
    ArcSums sum, lost;
    for (std::size_t t = 0; t < start_.size(); ++t) {
      start_[t] = sum;
      const ArcSums corrected = total[t] - lost;
      const ArcSums next = sum + corrected;
      lost = (next - sum) - corrected;
      sum = next;
    }
  }
  /// The sums over the atoms of ranks below `rank`.
  ArcSums before(std::size_t rank) const { return start_[rank / prefix_tile] + within_[rank]; }

 private:
  std::vector<ArcSums> within_;
  std::vector<ArcSums> start_;
};

}  // namespace

template <class Real>
double CpuBackend<Real>::planar_field(double moment, ConstState w, double weight,
                                      ConstState teacher, double teacher_weight, State v) const {
  MCKEAN_EXPECT(w.d == 2 && (teacher.m == 0 || teacher.d == 2) && v.m == w.m);
  const std::size_t count = w.m + teacher.m;
  std::vector<Atom> atoms(count);
  std::vector<Key> keys(count);
  cpu::for_each_tile(count, cpu::element_tile, threads_, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const bool own = i < w.m;
      const ConstState& from = own ? w : teacher;
      const std::size_t j = own ? i : i - w.m;
      atoms[i] = make_atom(from.a()[j], from.b(0)[j], from.b(1)[j], own ? weight : teacher_weight);
      keys[i] = {sortable(atoms[i].angle), static_cast<std::uint32_t>(i)};
    }
  });
  sort_keys(keys, threads_);
  std::vector<Atom> sorted(count);
  cpu::for_each_tile(count, cpu::element_tile, threads_, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) sorted[i] = atoms[keys[i].atom];
  });
  const Prefixes prefixes(sorted, threads_);
  const ArcSums all = prefixes.before(count);
  const double factor = moment / (2 * std::numbers::pi);

  const auto energy = cpu::sum_tiles<
      1>(count, cpu::particle_tile, threads_, [&](std::size_t begin, std::size_t end) {
    double sum = 0;
    for (std::size_t i = begin; i < end; ++i) {
      const Atom& atom = sorted[i];
      const double opposite = atom.angle + (atom.angle <= 0 ? std::numbers::pi : -std::numbers::pi);
      const auto antipode = std::lower_bound(keys.begin(), keys.end(), Key{sortable(opposite), 0});
      const auto rank = static_cast<std::size_t>(antipode - keys.begin());
      const PlanarPotential potential = planar_potential(prefixes.before(i), prefixes.before(rank),
                                                         all, atom.angle, atom.cosine, atom.sine);
      sum += atom.mass * potential.value;
      const std::size_t j = keys[i].atom;
      if (j >= w.m) continue;
      const double slope = atom.norm > 0 ? factor * w.a()[j] : 0;
      v.a()[j] = factor * atom.norm * potential.value;
      v.b(0)[j] = slope * (potential.value * atom.cosine - potential.slope * atom.sine);
      v.b(1)[j] = slope * (potential.value * atom.sine + potential.slope * atom.cosine);
    }
    return std::array{sum};
  });
  return factor * energy[0];
}

template class CpuBackend<float>;
template class CpuBackend<double>;

}  // namespace mckean
