// The closed-form field and energy over all pairs of particles and atoms: tiles of particles on
// threads, groups of atoms in order.
#include <algorithm>
#include <array>
#include <type_traits>

#include "kernels/cpu/cpu_backend.hpp"
#include "kernels/cpu/loop_dispatch.hpp"
#include "kernels/cpu/pairwise_tile.hpp"
#include "kernels/cpu/tiles.hpp"

namespace mckean {
namespace {

using cpu::AtomGroups;
using cpu::FieldSums;
using cpu::Lanes;
using cpu::lanes;
using cpu::ParticleTile;
using Input = Particles<const double, Space::host>;

// Sums over a tile of atoms are in Real and leave it in double.
constexpr std::size_t atom_tile = 256;
static_assert(atom_tile % cpu::group == 0);

/// The loops over a group for one instruction set, `attribute` telling the compiler which.
#define MCKEAN_PAIR_LOOPS(Name, bytes, attribute)                                     \
  struct Name {                                                                       \
    template <PairKernelKind Kind, class Real>                                        \
    attribute static void field(Real moment, const ParticleTile<Real>& particles,     \
                                const AtomGroups<Real>& atoms, std::size_t first,     \
                                FieldSums<Real>& sums) {                              \
      cpu::add_group<bytes, Kind>(moment, particles, atoms, first, sums);             \
    }                                                                                 \
    template <PairKernelKind Kind>                                                    \
    attribute static void value(double moment, const ParticleTile<double>& particles, \
                                const AtomGroups<double>& atoms, std::size_t first,   \
                                Lanes<double>& total) {                               \
      cpu::add_group_value<bytes, Kind>(moment, particles, atoms, first, total);      \
    }                                                                                 \
  };
MCKEAN_PAIR_LOOPS(Baseline, 16, )
#ifdef MCKEAN_CPU_DISPATCH
MCKEAN_PAIR_LOOPS(Avx2, 32, __attribute__((target("arch=x86-64-v3"))))
MCKEAN_PAIR_LOOPS(Avx512, 64, __attribute__((target("arch=x86-64-v4"))))
using AllLoops = cpu::LoopSets<Baseline, Avx2, Avx512>;
#else
using AllLoops = cpu::LoopSets<Baseline>;
#endif
#undef MCKEAN_PAIR_LOOPS

template <class Loops, PairKernelKind Kind, class Real>
void add_field(double moment, Input w, Input atoms, double weight, Particles<double, Space::host> v,
               int threads) {
  const AtomGroups<Real> groups(atoms);
  cpu::for_each_long_tile(
      w.m, lanes, threads, [&](std::size_t begin, std::size_t end, cpu::EarlyEnd& early) {
        const ParticleTile<Real> particles(w, begin, end);
        FieldSums<Real> sums(w.d);
        for (std::size_t tile = 0; tile < groups.size(); tile += atom_tile) {
          sums.clear();
          const std::size_t last = std::min(tile + atom_tile, groups.size());
          for (std::size_t first = tile; first < last; first += cpu::group) {
            if (early.asked()) return;
            Loops::template field<Kind>(static_cast<Real>(moment), particles, groups, first, sums);
          }
          for (std::size_t j = begin; j < end; ++j) {
            v.a()[j] += weight * static_cast<double>(sums.value.at[j - begin]);
          }
          for (std::size_t k = 0; k < w.d; ++k) {
            for (std::size_t j = begin; j < end; ++j) {
              const std::size_t lane = j - begin;
              const double along =
                  static_cast<double>(sums.along.at[lane]) * particles.unit[k].at[lane];
              v.b(k)[j] +=
                  weight * w.a()[j] * (along + static_cast<double>(sums.other[k].at[lane]));
            }
          }
        }
      });
}

template <class Loops, PairKernelKind Kind>
double energy(double moment, Input left, Input right, int threads) {
  const AtomGroups<double> groups(right);
  return cpu::sum_long_tiles<1>(
      left.m, lanes, threads, [&](std::size_t begin, std::size_t end, cpu::EarlyEnd& early) {
        const ParticleTile<double> particles(left, begin, end);
        Lanes<double> total;
        for (std::size_t first = 0; first < groups.size() && !early.asked(); first += cpu::group) {
          Loops::template value<Kind>(moment, particles, groups, first, total);
        }
        return std::array{cpu::sum_terms(
            0, end - begin, [&](std::size_t j) { return particles.a.at[j] * total.at[j]; })};
      })[0];
}

/// use(kind as a compile-time constant).
template <class Use>
auto with_kind(PairKernelKind kind, const Use& use) {
  using enum PairKernelKind;
  switch (kind) {
    case arcsine:
      return use(std::integral_constant<PairKernelKind, arcsine>{});
    case square:
      return use(std::integral_constant<PairKernelKind, square>{});
    case arc_cosine:
      break;
  }
  return use(std::integral_constant<PairKernelKind, arc_cosine>{});
}

}  // namespace

template <class Real>
void CpuBackend<Real>::add_pairwise_field(const PairKernel& kernel, ConstState w, ConstState atoms,
                                          double weight, State v) const {
  MCKEAN_EXPECT(w.d == atoms.d && v.m == w.m && v.d == w.d);
  with_kind(kernel.kind, [&](auto kind) {
    cpu::with_widest(AllLoops{}, [&](auto loops) {
      add_field<decltype(loops), kind.value, Real>(kernel.moment, w, atoms, weight, v, threads_);
    });
  });
}

template <class Real>
void CpuBackend<Real>::pairwise_energy(const PairKernel& kernel, ConstState left, ConstState right,
                                       Vector out) const {
  MCKEAN_EXPECT(left.d == right.d);
  out[0] = with_kind(kernel.kind, [&](auto kind) {
    return cpu::with_widest(AllLoops{}, [&](auto loops) {
      return energy<decltype(loops), kind.value>(kernel.moment, left, right, threads_);
    });
  });
}

template class CpuBackend<float>;
template class CpuBackend<double>;

}  // namespace mckean
