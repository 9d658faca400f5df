// A tile of particles, one in each lane, against a group of atoms: the loops of the pairwise field,
// with all sums in registers.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/pairwise_loops.cpp"
#include "hwy/foreach_target.h"  // before highway.h
#include "hwy/highway.h"

#include "kernels/cpu/dispatch.hpp"
#include "kernels/cpu/pairwise_tile.hpp"

HWY_BEFORE_NAMESPACE();
namespace mckean::cpu::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

/// |u + u'|^2 and |u - u'|^2 for every lane and the atoms of a group.
template <class Real>
struct GroupPairs {
  Lanes<Real> plus[group], minus[group];
};

template <class Real>
HWY_INLINE void measure_pairs(const ParticleTile<Real>& particles, const Real* units, std::size_t d,
                              GroupPairs<Real>& pairs) {
  const hn::ScalableTag<Real> tag;
  const Lanes<Real>* const rows = particles.unit.data();
  for (std::size_t i = 0; i < lanes; i += hn::Lanes(tag)) {
    hn::Vec<decltype(tag)> plus[group], minus[group];
#pragma GCC unroll 4
    for (std::size_t g = 0; g < group; ++g) plus[g] = minus[g] = hn::Zero(tag);
    for (std::size_t k = 0; k < d; ++k) {
      const auto u = hn::Load(tag, rows[k].at + i);
#pragma GCC unroll 4
      for (std::size_t g = 0; g < group; ++g) {
        const auto other = hn::Set(tag, units[k * group + g]);
        const auto sum = hn::Add(u, other), difference = hn::Sub(u, other);
        plus[g] = hn::MulAdd(sum, sum, plus[g]);
        minus[g] = hn::MulAdd(difference, difference, minus[g]);
      }
    }
#pragma GCC unroll 4
    for (std::size_t g = 0; g < group; ++g) {
      hn::Store(plus[g], tag, pairs.plus[g].at + i);
      hn::Store(minus[g], tag, pairs.minus[g].at + i);
    }
  }
}

template <PairKernelKind Kind, class Real>
void add_group(Real moment, const ParticleTile<Real>& particles, const AtomGroups<Real>& atoms,
               std::size_t first, FieldSums<Real>& sums) {
  const hn::ScalableTag<Real> tag;
  const Real* const units = atoms.units(first);
  const std::size_t d = atoms.d;
  GroupPairs<Real> pairs;
  Lanes<Real> along_other[group];
  measure_pairs(particles, units, d, pairs);
  for (std::size_t g = 0; g < group; ++g) {
    const Real amplitude = atoms.a[first + g], other_norm = atoms.norm[first + g];
    const Real* const norm = particles.norm.at;
    Real* HWY_RESTRICT const value = sums.value.at;
    Real* HWY_RESTRICT const along = sums.along.at;
    Real* HWY_RESTRICT const other = along_other[g].at;
    for (std::size_t j = 0; j < lanes; ++j) {
      const PairTerms<Real> terms = pair_terms<Kind>(
          moment, Pair<Real>{norm[j], other_norm, pairs.plus[g].at[j], pairs.minus[g].at[j]});
      value[j] += amplitude * terms.value;
      along[j] += amplitude * terms.along;
      other[j] = amplitude * terms.along_other;
    }
  }
  Lanes<Real>* const rows = sums.other.data();
  for (std::size_t i = 0; i < lanes; i += hn::Lanes(tag)) {
    hn::Vec<decltype(tag)> factor[group];
#pragma GCC unroll 4
    for (std::size_t g = 0; g < group; ++g) factor[g] = hn::Load(tag, along_other[g].at + i);
    for (std::size_t k = 0; k < d; ++k) {
      auto row = hn::Load(tag, rows[k].at + i);
#pragma GCC unroll 4
      for (std::size_t g = 0; g < group; ++g)
        row = hn::MulAdd(factor[g], hn::Set(tag, units[k * group + g]), row);
      hn::Store(row, tag, rows[k].at + i);
    }
  }
}

template <PairKernelKind Kind>
void add_group_value(double moment, const ParticleTile<double>& particles,
                     const AtomGroups<double>& atoms, std::size_t first, Lanes<double>& sums) {
  GroupPairs<double> pairs;
  measure_pairs(particles, atoms.units(first), atoms.d, pairs);
  for (std::size_t g = 0; g < group; ++g) {
    const double amplitude = atoms.a[first + g], other_norm = atoms.norm[first + g];
    const double* const norm = particles.norm.at;
    double* HWY_RESTRICT const total = sums.at;
    for (std::size_t j = 0; j < lanes; ++j) {
      const Pair<double> pair{norm[j], other_norm, pairs.plus[g].at[j], pairs.minus[g].at[j]};
      total[j] += amplitude * pair_terms<Kind>(moment, pair).value;
    }
  }
}

}  // namespace

template <class Real>
FieldLoop<Real> field_loop(PairKernelKind kind) {
  switch (kind) {
    case PairKernelKind::arcsine:
      return &add_group<PairKernelKind::arcsine, Real>;
    case PairKernelKind::square:
      return &add_group<PairKernelKind::square, Real>;
    case PairKernelKind::arc_cosine:
      break;
  }
  return &add_group<PairKernelKind::arc_cosine, Real>;
}

EnergyLoop energy_loop(PairKernelKind kind) {
  switch (kind) {
    case PairKernelKind::arcsine:
      return &add_group_value<PairKernelKind::arcsine>;
    case PairKernelKind::square:
      return &add_group_value<PairKernelKind::square>;
    case PairKernelKind::arc_cosine:
      break;
  }
  return &add_group_value<PairKernelKind::arc_cosine>;
}

}  // namespace mckean::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mckean::cpu {

template <>
FieldLoop<float> field_loop<float>(PairKernelKind kind) {
  return MCKEAN_FOR_TARGET(field_loop<float>)(kind);
}
template <>
FieldLoop<double> field_loop<double>(PairKernelKind kind) {
  return MCKEAN_FOR_TARGET(field_loop<double>)(kind);
}
EnergyLoop energy_loop(PairKernelKind kind) { return MCKEAN_FOR_TARGET(energy_loop)(kind); }

}  // namespace mckean::cpu
#endif
