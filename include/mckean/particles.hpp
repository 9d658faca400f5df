// The particles of a measure, and the samples of a data law, as arrays in one memory space.
#pragma once

#include <cstdint>

#include "mckean/formula/held.hpp"
#include "mckean/view.hpp"

namespace mckean {

/// The particles of all ranks: how many there are, and which of them is the first one here. `total`
/// is the m of every mean and scaling; randomness is keyed by first + j.
struct Ensemble {
  std::size_t total = 0;
  std::size_t first = 0;
};

/// m particles w_j = (a_j, b_j) in R x R^d as 1 + d contiguous planes of m values:
/// plane 0 holds a, plane 1 + k holds component k of b. Velocities have the same shape.
template <class T, Space S>
struct Particles {
  View<T, S> values;  // (1 + d) * m
  std::size_t m = 0;
  std::size_t d = 0;
  Ensemble ensemble;  // all of it, where nothing else is said

  constexpr Particles() = default;
  constexpr Particles(View<T, S> v, std::size_t particles, std::size_t dim)
      : Particles(v, particles, dim, {particles, 0}) {}
  constexpr Particles(View<T, S> v, std::size_t particles, std::size_t dim, Ensemble all)
      : values(v), m(particles), d(dim), ensemble(all) {
    MCKEAN_EXPECT(values.size() == m * (1 + d) && all.first + m <= all.total);
  }
  template <class U>
  requires(std::is_same_v<const U, T>) constexpr Particles(const Particles<U, S>& other)
      : values(other.values), m(other.m), d(other.d), ensemble(other.ensemble) {}

  constexpr View<T, S> a() const { return values.subview(0, m); }
  constexpr View<T, S> b(std::size_t k) const { return values.subview((1 + k) * m, m); }
};

/// Directions of b-space in which some particles may not move: rows begin[i] to begin[i + 1] of
/// `rows` (d values each) are orthonormal and belong to particle[i]; no particle twice. On the
/// sphere with planes beside the origin `level` has a value for each row q, and such a particle
/// stays where q . b = level and |b| = 1; otherwise it is empty, and directions are all that is
/// held.
template <Space S>
struct HeldView {
  View<const std::uint64_t, S> particle;
  View<const std::uint64_t, S> begin;
  View<const double, S> rows;
  View<const double, S> level;

  /// The i-th of the list, of particles in planes of m values.
  MCKEAN_HD HeldParticle at(std::size_t i, std::size_t m, std::size_t d) const {
    const std::size_t first = begin.data()[i];
    const double* const levels = level.size() > 0 ? level.data() + first : nullptr;
    return {rows.data() + first * d, levels, begin.data()[i + 1] - first, d, m};
  }
};

/// n samples: x is n x d, row-major, in the precision of the field; y has n values.
template <class Real, Space S>
struct Samples {
  View<const Real, S> x;
  View<const double, S> y;
  std::size_t n = 0;
  std::size_t d = 0;
};

}  // namespace mckean
