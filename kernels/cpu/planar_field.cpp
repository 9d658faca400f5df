// The arc-cosine field on the plane in O((m + M) log(m + M)): atoms sorted by angle, sums over arcs
// that grow as two cursors go round the circle.
#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <numbers>
#include <vector>

#include "kernels/cpu/angle_order.hpp"
#include "kernels/cpu/cpu_backend.hpp"
#include "kernels/cpu/tiles.hpp"
#include "mckean/formula/planar.hpp"

namespace mckean {
namespace {

// Short tiles: the error of a prefix is that of a compensated sum of tiles and of one tile's own
// serial sum.
constexpr std::size_t prefix_tile = 256;
static_assert(cpu::element_tile % prefix_tile == 0);

/// An atom of the signed measure: angle, unit vector and mass Q = weight a |b|.
struct alignas(32) Atom {
  double angle, cosine, sine, mass;

  ArcSums term() const { return arc_term(mass, angle, cosine, sine); }
};

double norm_of(double b0, double b1) {
  const double squared = b0 * b0 + b1 * b1;
  return squared > 1e-280 && squared < 1e280 ? std::sqrt(squared) : std::hypot(b0, b1);
}

Atom make_atom(double a, double b0, double b1, double weight) {
  const double norm = norm_of(b0, b1);
  if (norm == 0) return {0, 1, 0, 0};
  return {std::atan2(b1, b0), b0 / norm, b1 / norm, weight * a * norm};
}

/// The atoms in the order of their angles, and the sums over all before each tile, added up with
/// compensation.
class SortedAtoms {
 public:
  SortedAtoms(const Atom* atoms, const cpu::AngleOrder& order, std::size_t count, int threads)
      : count_(count),
        atoms_(std::make_unique_for_overwrite<Atom[]>(count)),
        before_tile_(count / prefix_tile + 2) {
    std::vector<ArcSums> total(before_tile_.size());
    cpu::for_each_long_tile(count, cpu::element_tile, threads,
                            [&](std::size_t begin, std::size_t end, cpu::EarlyEnd&) {
                              for (std::size_t i = begin; i < end; ++i) {
                                atoms_[i] = atoms[order[i]];
                                total[i / prefix_tile] = total[i / prefix_tile] + atoms_[i].term();
                              }
                            });
    ArcSums sum, lost;
    for (std::size_t t = 0; t < before_tile_.size(); ++t) {
      before_tile_[t] = sum;
      const ArcSums corrected = total[t] - lost;
      const ArcSums next = sum + corrected;
      lost = (next - sum) - corrected;
      sum = next;
    }
  }

  std::size_t size() const { return count_; }
  const Atom& operator[](std::size_t rank) const { return atoms_[rank]; }
  const ArcSums& before_tile(std::size_t tile) const { return before_tile_[tile]; }
  const ArcSums& all() const { return before_tile_.back(); }
  /// The number of atoms whose angle is below `angle`.
  std::size_t rank_of(double angle) const {
    const Atom* const first = atoms_.get();
    const auto below = [](const Atom& atom, double value) { return atom.angle < value; };
    return static_cast<std::size_t>(std::lower_bound(first, first + count_, angle, below) - first);
  }

 private:
  std::size_t count_;
  std::unique_ptr<Atom[]> atoms_;
  std::vector<ArcSums> before_tile_;
};

/// The sums over the atoms before a rank that goes up. They depend on the rank only, wherever the
/// cursor started.
class Cursor {
 public:
  Cursor(const SortedAtoms& atoms, std::size_t rank)
      : atoms_(&atoms), rank_(rank / prefix_tile * prefix_tile) {
    while (rank_ < rank) step();
  }
  /// To the first atom from here on whose angle is not below `angle`.
  void advance(double angle) {
    while (rank_ < atoms_->size() && (*atoms_)[rank_].angle < angle) step();
  }
  void step() {
    within_ = within_ + (*atoms_)[rank_].term();
    if (++rank_ % prefix_tile == 0) within_ = {};
  }
  ArcSums before() const { return atoms_->before_tile(rank_ / prefix_tile) + within_; }

 private:
  const SortedAtoms* atoms_;
  std::size_t rank_;
  ArcSums within_;
};

double opposite(double angle) {
  return angle + (angle <= 0 ? std::numbers::pi : -std::numbers::pi);
}

}  // namespace

template <class Real>
void CpuBackend<Real>::planar_field(double moment, const WeightedParticles<space>& own,
                                    const WeightedParticles<space>& teacher_measure, State v,
                                    Vector energy) const {
  const ConstState w = own.particles;
  const ConstState teacher = teacher_measure.particles;
  MCKEAN_EXPECT(w.d == 2 && (teacher.m == 0 || teacher.d == 2) && v.m == w.m);
  const std::size_t count = w.m + teacher.m;
  const auto atoms = std::make_unique_for_overwrite<Atom[]>(count);
  cpu::for_each_long_tile(count, cpu::element_tile, threads_,
                          [&](std::size_t begin, std::size_t end, cpu::EarlyEnd&) {
                            for (std::size_t i = begin; i < end; ++i) {
                              const bool first = i < w.m;
                              const ConstState& from = first ? w : teacher;
                              const std::size_t j = first ? i : i - w.m;
                              atoms[i] = make_atom(from.a()[j], from.b(0)[j], from.b(1)[j],
                                                   first ? own.weight : teacher_measure.weight);
                            }
                          });
  const cpu::AngleOrder order(count, threads_, [&](std::size_t i) { return atoms[i].angle; });
  const SortedAtoms sorted(atoms.get(), order, count, threads_);

  auto buffer = allocate<PlanarPotential>(count);
  const HostView<PlanarPotential> potentials = buffer.view();
  const auto form = cpu::sum_long_tiles<1>(
      count, cpu::element_tile, threads_, [&](std::size_t begin, std::size_t end, cpu::EarlyEnd&) {
        Cursor here(sorted, begin);
        Cursor antipode(sorted, sorted.rank_of(opposite(sorted[begin].angle)));
        double sum = 0;
        for (std::size_t i = begin; i < end; ++i) {
          const Atom& atom = sorted[i];
          // Beyond angle 0 the opposite angle starts again at -pi.
          if (i > begin && atom.angle > 0 && sorted[i - 1].angle <= 0) antipode = Cursor(sorted, 0);
          antipode.advance(opposite(atom.angle));
          const PlanarPotential potential = planar_potential(
              here.before(), antipode.before(), sorted.all(), atom.angle, atom.cosine, atom.sine);
          here.step();
          sum += atom.mass * potential.value;
          potentials[order[i]] = potential;
        }
        return std::array{sum};
      });

  const double factor = moment / (2 * std::numbers::pi);
  cpu::for_each_long_tile(w.m, cpu::element_tile, threads_,
                          [&](std::size_t begin, std::size_t end, cpu::EarlyEnd&) {
                            for (std::size_t j = begin; j < end; ++j) {
                              const auto [value, slope] = potentials[j];
                              const Atom& atom = atoms[j];
                              const double norm = norm_of(w.b(0)[j], w.b(1)[j]);
                              const double along = norm > 0 ? factor * w.a()[j] : 0;
                              v.a()[j] = factor * norm * value;
                              v.b(0)[j] = along * (value * atom.cosine - slope * atom.sine);
                              v.b(1)[j] = along * (value * atom.sine + slope * atom.cosine);
                            }
                          });
  if (!energy.empty()) energy[0] = factor * form[0];
}

template class CpuBackend<float>;
template class CpuBackend<double>;

}  // namespace mckean
