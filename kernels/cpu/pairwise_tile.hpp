// A tile of particles, one in each lane, and groups of atoms: what the loops of the pairwise field
// work on.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "mckean/formula/population_kernel.hpp"
#include "mckean/particles.hpp"

namespace mckean::cpu {

constexpr std::size_t lanes = 64;  // particles in a tile
constexpr std::size_t group = 4;   // atoms whose sums stay in registers

/// A value for each particle of a tile.
template <class Real>
struct alignas(64) Lanes {
  Real at[lanes] = {};
};

/// Amplitude, |b| and b/|b| (0 where b = 0) of one particle, given to store(a, norm, k -> u_k).
template <class Store>
void read_direction(Particles<const double, Space::host> w, std::size_t j, const Store& store) {
  double squared = 0;
  for (std::size_t k = 0; k < w.d; ++k) squared += w.b(k)[j] * w.b(k)[j];
  const double norm = std::sqrt(squared);
  store(w.a()[j], norm, [&](std::size_t k) { return norm > 0 ? w.b(k)[j] / norm : 0.; });
}

/// A tile of at most `lanes` particles; lanes beyond them are zero.
template <class Real>
struct ParticleTile {
  Lanes<Real> a, norm;
  std::vector<Lanes<Real>> unit;  // d rows

  ParticleTile(Particles<const double, Space::host> w, std::size_t begin, std::size_t end)
      : unit(w.d) {
    for (std::size_t j = begin; j < end; ++j) {
      read_direction(w, j, [&](double amplitude, double length, const auto& u) {
        a.at[j - begin] = static_cast<Real>(amplitude);
        norm.at[j - begin] = static_cast<Real>(length);
        for (std::size_t k = 0; k < w.d; ++k) unit[k].at[j - begin] = static_cast<Real>(u(k));
      });
    }
  }
};

/// All atoms in groups, the last one filled up with zeros.
template <class Real>
struct AtomGroups {
  std::size_t d;
  std::vector<Real> a, norm;
  std::vector<Real> unit;  // for each group d rows of `group`

  explicit AtomGroups(Particles<const double, Space::host> w) : d(w.d) {
    const std::size_t size = (w.m + group - 1) / group * group;
    a.resize(size);
    norm.resize(size);
    unit.resize(size * d);
    for (std::size_t l = 0; l < w.m; ++l) {
      read_direction(w, l, [&](double amplitude, double length, const auto& u) {
        a[l] = static_cast<Real>(amplitude);
        norm[l] = static_cast<Real>(length);
        Real* const own = unit.data() + l / group * group * d + l % group;
        for (std::size_t k = 0; k < d; ++k) own[k * group] = static_cast<Real>(u(k));
      });
    }
  }
  std::size_t size() const { return a.size(); }
  const Real* units(std::size_t first) const { return unit.data() + first * d; }
};

/// Sums over atoms of amplitude times the pair's terms.
template <class Real>
struct FieldSums {
  Lanes<Real> value, along;
  std::vector<Lanes<Real>> other;  // d rows: along_other times the atom's unit vector

  explicit FieldSums(std::size_t d) : other(d) {}
  void clear() {
    value = along = {};
    std::fill(other.begin(), other.end(), Lanes<Real>{});
  }
};

/// Adds to the sums amplitude times the terms of the pairs with the group of atoms from `first` on.
template <class Real>
using FieldLoop = void (*)(Real moment, const ParticleTile<Real>&, const AtomGroups<Real>&,
                           std::size_t first, FieldSums<Real>&);
/// Adds amplitude times k/a of the same pairs.
using EnergyLoop = void (*)(double moment, const ParticleTile<double>&, const AtomGroups<double>&,
                            std::size_t first, Lanes<double>& total);

/// For the target in use.
template <class Real>
FieldLoop<Real> field_loop(PairKernelKind);
template <>
FieldLoop<float> field_loop<float>(PairKernelKind);
template <>
FieldLoop<double> field_loop<double>(PairKernelKind);
EnergyLoop energy_loop(PairKernelKind);

}  // namespace mckean::cpu
