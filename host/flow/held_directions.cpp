// One list of what holds particles out of two.
#include "host/flow/held_directions.hpp"

namespace mckean {

HeldDirections HeldDirections::with(RowsOfParticles own, std::size_t d) const {
  for (std::size_t i = 0; i < particle.size(); ++i) {
    const auto row = [&](std::uint64_t r) {
      return rows.begin() + static_cast<std::ptrdiff_t>(r * d);
    };
    own.try_emplace(particle[i], row(begin[i]), row(begin[i + 1]));
  }
  HeldDirections all;
  for (const auto& [j, list] : own) {
    all.particle.push_back(j);
    all.rows.insert(all.rows.end(), list.begin(), list.end());
    all.begin.push_back(all.begin.back() + list.size() / d);
  }
  return all;
}

}  // namespace mckean
