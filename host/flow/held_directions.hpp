// The directions of b in which some particles may not move, on the host.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "mckean/particles.hpp"
#include "mckean/view.hpp"

namespace mckean {

/// Of some particles the directions in which each may not move: rows, one after the other.
using RowsOfParticles = std::map<std::uint64_t, std::vector<double>>;

/// The directions in which particles may not move: rows begin[i] to begin[i + 1] of `rows` (d
/// values each) are orthonormal and belong to particle[i]; particles increase.
struct HeldDirections {
  std::vector<std::uint64_t> particle;
  std::vector<std::uint64_t> begin{0};
  std::vector<double> rows;
  std::vector<double> level;  // q . b of each row; empty where directions are all that is held

  /// These, and in place of those of particles in `own` the rows given there; without levels.
  HeldDirections with(RowsOfParticles own, std::size_t d) const;

  HeldView<Space::host> view() const {
    return {{particle.data(), particle.size()},
            {begin.data(), begin.size()},
            {rows.data(), rows.size()},
            {level.data(), level.size()}};
  }
};

}  // namespace mckean
