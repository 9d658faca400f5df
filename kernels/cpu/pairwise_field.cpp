// The closed-form field and energy over all pairs of particles and atoms, a tile of particles
// against a tile of atoms.
#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/cpu/clones.hpp"
#include "kernels/cpu/cpu_backend.hpp"
#include "kernels/cpu/tiles.hpp"
#include "mckean/population_kernel.hpp"

namespace mckean {
namespace {

// Particles are vector lanes; sums over a tile of atoms are in Real and leave it in double.
constexpr std::size_t lanes = 64;
constexpr std::size_t atom_tile = 256;

/// Amplitudes, norms and unit vectors of particles in the precision of the field. Units lie as d
/// rows of `stride`.
template <class Real>
struct Directions {
  std::size_t stride;
  std::vector<Real> a, norm, unit;

  Directions(Particles<const double, Space::host> w, std::size_t begin, std::size_t count,
             std::size_t row)
      : stride(row), a(row), norm(row), unit(w.d * row) {
    for (std::size_t j = 0; j < count; ++j) {
      double squared = 0;
      for (std::size_t k = 0; k < w.d; ++k) squared += w.b(k)[begin + j] * w.b(k)[begin + j];
      const double length = std::sqrt(squared);
      a[j] = static_cast<Real>(w.a()[begin + j]);
      norm[j] = static_cast<Real>(length);
      for (std::size_t k = 0; k < w.d; ++k) {
        unit[k * row + j] = length > 0 ? static_cast<Real>(w.b(k)[begin + j] / length) : Real(0);
      }
    }
  }
};

/// Sums over atoms of amplitude times the pair's terms, one lane for each particle of a tile.
template <class Real>
struct LaneSums {
  std::vector<Real> other;  // d rows: along_other times the atom's unit vector
  Real value[lanes];
  Real along[lanes];

  explicit LaneSums(std::size_t d) : other(d * lanes) {}
  void clear() {
    std::fill(other.begin(), other.end(), Real(0));
    std::fill(value, value + lanes, Real(0));
    std::fill(along, along + lanes, Real(0));
  }
};

/// |u_j + u'|^2 and |u_j - u'|^2 for every lane and the atom of column l.
template <class Real>
MCKEAN_CPU_INLINE void measure_pairs(const Directions<Real>& particles,
                                     const Directions<Real>& atoms, std::size_t l, std::size_t d,
                                     Real* plus, Real* minus) {
  std::fill(plus, plus + lanes, Real(0));
  std::fill(minus, minus + lanes, Real(0));
  for (std::size_t k = 0; k < d; ++k) {
    const Real* const u = particles.unit.data() + k * lanes;
    const Real other = atoms.unit[k * atoms.stride + l];
#pragma omp simd
    for (std::size_t j = 0; j < lanes; ++j) {
      plus[j] += (u[j] + other) * (u[j] + other);
      minus[j] += (u[j] - other) * (u[j] - other);
    }
  }
}

template <PairKernelKind Kind, class Real>
MCKEAN_CPU_CLONES void add_atom(Real moment, const Directions<Real>& particles,
                                const Directions<Real>& atoms, std::size_t l, std::size_t d,
                                LaneSums<Real>& sums) {
  alignas(64) Real plus[lanes];
  alignas(64) Real minus[lanes];
  alignas(64) Real along_other[lanes];
  measure_pairs(particles, atoms, l, d, plus, minus);
  const Real amplitude = atoms.a[l];
  const Real other_norm = atoms.norm[l];
  const Real* const norm = particles.norm.data();
  Real* const value = sums.value;
  Real* const along = sums.along;
#pragma omp simd
  for (std::size_t j = 0; j < lanes; ++j) {
    const PairTerms<Real> terms =
        pair_terms<Kind>(moment, Pair<Real>{norm[j], other_norm, plus[j], minus[j]});
    value[j] += amplitude * terms.value;
    along[j] += amplitude * terms.along;
    along_other[j] = amplitude * terms.along_other;
  }
  for (std::size_t k = 0; k < d; ++k) {
    const Real other = atoms.unit[k * atoms.stride + l];
    Real* const row = sums.other.data() + k * lanes;
#pragma omp simd
    for (std::size_t j = 0; j < lanes; ++j) row[j] += along_other[j] * other;
  }
}

/// Adds amplitude times k/a of the pairs with one atom.
template <PairKernelKind Kind>
MCKEAN_CPU_CLONES void add_atom_value(double moment, const Directions<double>& particles,
                                      const Directions<double>& atoms, std::size_t l, std::size_t d,
                                      double* total) {
  alignas(64) double plus[lanes];
  alignas(64) double minus[lanes];
  measure_pairs(particles, atoms, l, d, plus, minus);
  const double amplitude = atoms.a[l];
  const double other_norm = atoms.norm[l];
  const double* const norm = particles.norm.data();
#pragma omp simd
  for (std::size_t j = 0; j < lanes; ++j) {
    total[j] +=
        amplitude *
        pair_terms<Kind>(moment, Pair<double>{norm[j], other_norm, plus[j], minus[j]}).value;
  }
}

template <PairKernelKind Kind, class Real>
void add_field(double moment, Particles<const double, Space::host> w,
               Particles<const double, Space::host> atoms, double weight,
               Particles<double, Space::host> v, int threads) {
  const Directions<Real> other(atoms, 0, atoms.m, atoms.m);
  cpu::for_each_tile(w.m, lanes, threads, [&](std::size_t begin, std::size_t end) {
    const Directions<Real> particles(w, begin, end - begin, lanes);
    LaneSums<Real> sums(w.d);
    for (std::size_t first = 0; first < atoms.m; first += atom_tile) {
      const std::size_t last = std::min(first + atom_tile, atoms.m);
      sums.clear();
      for (std::size_t l = first; l < last; ++l) {
        add_atom<Kind>(static_cast<Real>(moment), particles, other, l, w.d, sums);
      }
      for (std::size_t j = begin; j < end; ++j) {
        const std::size_t lane = j - begin;
        v.a()[j] += weight * static_cast<double>(sums.value[lane]);
        const double scaled = weight * w.a()[j];
        for (std::size_t k = 0; k < w.d; ++k) {
          const double along =
              static_cast<double>(sums.along[lane]) * particles.unit[k * lanes + lane];
          v.b(k)[j] += scaled * (along + static_cast<double>(sums.other[k * lanes + lane]));
        }
      }
    }
  });
}

template <PairKernelKind Kind>
double energy(double moment, Particles<const double, Space::host> left,
              Particles<const double, Space::host> right, int threads) {
  const Directions<double> other(right, 0, right.m, right.m);
  return cpu::sum_tiles<1>(left.m, lanes, threads, [&](std::size_t begin, std::size_t end) {
    const Directions<double> particles(left, begin, end - begin, lanes);
    double total[lanes] = {};
    for (std::size_t l = 0; l < right.m; ++l) {
      add_atom_value<Kind>(moment, particles, other, l, left.d, total);
    }
    return std::array{
        cpu::sum_terms(0, end - begin, [&](std::size_t j) { return particles.a[j] * total[j]; })};
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
    add_field<kind.value, Real>(kernel.moment, w, atoms, weight, v, threads_);
  });
}

template <class Real>
double CpuBackend<Real>::pairwise_energy(const PairKernel& kernel, ConstState left,
                                         ConstState right) const {
  MCKEAN_EXPECT(left.d == right.d);
  return with_kind(kernel.kind, [&](auto kind) {
    return energy<kind.value>(kernel.moment, left, right, threads_);
  });
}

template class CpuBackend<float>;
template class CpuBackend<double>;

}  // namespace mckean
