// The closed-form field and energy over all pairs of particles and atoms: tiles of particles on
// threads, groups of atoms in order.
#include <algorithm>
#include <array>

#include "kernels/cpu/cpu_backend.hpp"
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

template <class Real>
void add_field(const PairKernel& kernel, Input w, Input atoms, double weight,
               Particles<double, Space::host> v, int threads) {
  const AtomGroups<Real> groups(atoms);
  const cpu::FieldLoop<Real> add_group = cpu::field_loop<Real>(kernel.kind);
  const auto moment = static_cast<Real>(kernel.moment);
  cpu::for_each_long_tile(
      w.m, lanes, threads, [&](std::size_t begin, std::size_t end, cpu::EarlyEnd& early) {
        const ParticleTile<Real> particles(w, begin, end);
        FieldSums<Real> sums(w.d);
        for (std::size_t tile = 0; tile < groups.size(); tile += atom_tile) {
          sums.clear();
          const std::size_t last = std::min(tile + atom_tile, groups.size());
          for (std::size_t first = tile; first < last; first += cpu::group) {
            if (early.asked()) return;
            add_group(moment, particles, groups, first, sums);
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

double energy(const PairKernel& kernel, Input left, Input right, int threads) {
  const AtomGroups<double> groups(right);
  const cpu::EnergyLoop add_group = cpu::energy_loop(kernel.kind);
  return cpu::sum_long_tiles<1>(
      left.m, lanes, threads, [&](std::size_t begin, std::size_t end, cpu::EarlyEnd& early) {
        const ParticleTile<double> particles(left, begin, end);
        Lanes<double> total;
        for (std::size_t first = 0; first < groups.size() && !early.asked(); first += cpu::group) {
          add_group(kernel.moment, particles, groups, first, total);
        }
        return std::array{cpu::sum_terms(
            0, end - begin, [&](std::size_t j) { return particles.a.at[j] * total.at[j]; })};
      })[0];
}

}  // namespace

template <class Real>
void CpuBackend<Real>::add_pairwise_field(const PairKernel& kernel, ConstState w, ConstState atoms,
                                          double weight, State v) const {
  MCKEAN_EXPECT(w.d == atoms.d && v.m == w.m && v.d == w.d);
  add_field<Real>(kernel, w, atoms, weight, v, threads_);
}

template <class Real>
void CpuBackend<Real>::pairwise_energy(const PairKernel& kernel, ConstState left, ConstState right,
                                       Vector out) const {
  MCKEAN_EXPECT(left.d == right.d);
  out[0] = energy(kernel, left, right, threads_);
}

template class CpuBackend<float>;
template class CpuBackend<double>;

}  // namespace mckean
