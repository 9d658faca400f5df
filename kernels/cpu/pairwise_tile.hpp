// A tile of particles, one in each lane, against a group of atoms: the loops of the pairwise field,
// with all sums in registers.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "mckean/formula/population_kernel.hpp"
#include "mckean/particles.hpp"

// What a loop built for one instruction set calls is compiled for it too.
#define MCKEAN_CPU_INLINE inline __attribute__((always_inline))

namespace mckean::cpu {

constexpr std::size_t lanes = 64;  // particles in a tile
constexpr std::size_t group = 4;   // atoms whose sums stay in registers

/// A value for each particle of a tile, also as vectors of as many bytes as an instruction set has.
template <class Real>
struct alignas(64) Lanes {
  template <int Bytes>
  using Vector [[gnu::vector_size(Bytes), gnu::may_alias]] = Real;
  template <int Bytes>
  static constexpr std::size_t count = lanes * sizeof(Real) / Bytes;

  Real at[lanes] = {};

  template <int Bytes>
  MCKEAN_CPU_INLINE Vector<Bytes>* vectors() {
    return reinterpret_cast<Vector<Bytes>*>(at);
  }
  template <int Bytes>
  MCKEAN_CPU_INLINE const Vector<Bytes>* vectors() const {
    return reinterpret_cast<const Vector<Bytes>*>(at);
  }
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

/// |u + u'|^2 and |u - u'|^2 for every lane and the atoms of a group.
template <class Real>
struct GroupPairs {
  Lanes<Real> plus[group], minus[group];
};

template <int Bytes, class Real>
MCKEAN_CPU_INLINE void measure_pairs(const ParticleTile<Real>& particles, const Real* units,
                                     std::size_t d, GroupPairs<Real>& pairs) {
  using Vector = typename Lanes<Real>::template Vector<Bytes>;
  for (std::size_t i = 0; i < Lanes<Real>::template count<Bytes>; ++i) {
    Vector plus[group] = {}, minus[group] = {};
    for (std::size_t k = 0; k < d; ++k) {
      const Vector u = particles.unit[k].template vectors<Bytes>()[i];
#pragma GCC unroll 4
      for (std::size_t g = 0; g < group; ++g) {
        const Vector sum = u + units[k * group + g], difference = u - units[k * group + g];
        plus[g] += sum * sum;
        minus[g] += difference * difference;
      }
    }
    for (std::size_t g = 0; g < group; ++g) {
      pairs.plus[g].template vectors<Bytes>()[i] = plus[g];
      pairs.minus[g].template vectors<Bytes>()[i] = minus[g];
    }
  }
}

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

template <int Bytes, PairKernelKind Kind, class Real>
MCKEAN_CPU_INLINE void add_group(Real moment, const ParticleTile<Real>& particles,
                                 const AtomGroups<Real>& atoms, std::size_t first,
                                 FieldSums<Real>& sums) {
  using Vector = typename Lanes<Real>::template Vector<Bytes>;
  const Real* const units = atoms.units(first);
  GroupPairs<Real> pairs;
  Lanes<Real> along_other[group];
  measure_pairs<Bytes>(particles, units, atoms.d, pairs);
  for (std::size_t g = 0; g < group; ++g) {
    const Real amplitude = atoms.a[first + g], other_norm = atoms.norm[first + g];
#pragma omp simd
    for (std::size_t j = 0; j < lanes; ++j) {
      const PairTerms<Real> terms = pair_terms<Kind>(
          moment,
          Pair<Real>{particles.norm.at[j], other_norm, pairs.plus[g].at[j], pairs.minus[g].at[j]});
      sums.value.at[j] += amplitude * terms.value;
      sums.along.at[j] += amplitude * terms.along;
      along_other[g].at[j] = amplitude * terms.along_other;
    }
  }
  for (std::size_t i = 0; i < Lanes<Real>::template count<Bytes>; ++i) {
    Vector factor[group];
    for (std::size_t g = 0; g < group; ++g) factor[g] = along_other[g].template vectors<Bytes>()[i];
    for (std::size_t k = 0; k < atoms.d; ++k) {
      Vector row = sums.other[k].template vectors<Bytes>()[i];
#pragma GCC unroll 4
      for (std::size_t g = 0; g < group; ++g) row += factor[g] * units[k * group + g];
      sums.other[k].template vectors<Bytes>()[i] = row;
    }
  }
}

/// Adds amplitude times k/a of the pairs with a group of atoms.
template <int Bytes, PairKernelKind Kind>
MCKEAN_CPU_INLINE void add_group_value(double moment, const ParticleTile<double>& particles,
                                       const AtomGroups<double>& atoms, std::size_t first,
                                       Lanes<double>& total) {
  GroupPairs<double> pairs;
  measure_pairs<Bytes>(particles, atoms.units(first), atoms.d, pairs);
  for (std::size_t g = 0; g < group; ++g) {
    const double amplitude = atoms.a[first + g], other_norm = atoms.norm[first + g];
#pragma omp simd
    for (std::size_t j = 0; j < lanes; ++j) {
      const Pair<double> pair{particles.norm.at[j], other_norm, pairs.plus[g].at[j],
                              pairs.minus[g].at[j]};
      total.at[j] += amplitude * pair_terms<Kind>(moment, pair).value;
    }
  }
}

}  // namespace mckean::cpu
