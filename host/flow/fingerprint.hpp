// A number that tells whether a saved flow is one of a problem, a model and options.
#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "mckean/flow.hpp"

namespace mckean {

/// Of a row of values, each with its place: two rows that differ have different ones but for chance
/// (2^-64). Steps of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014). No defence against intent.
class Fingerprint {
 public:
  template <class T>
  requires std::is_arithmetic_v<T> || std::is_enum_v<T>
  void add(T value) {
    if constexpr (std::is_floating_point_v<T>) {
      mix(std::bit_cast<std::uint64_t>(static_cast<double>(value)));
    } else {
      mix(static_cast<std::uint64_t>(value));
    }
  }
  void add(const std::vector<double>& values) {
    add(values.size());
    for (const double value : values) add(value);
  }
  std::uint64_t value() const { return state_; }

 private:
  void mix(std::uint64_t word) {
    std::uint64_t z = (state_ ^ word) + 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    state_ = z ^ z >> 31;
  }

  std::uint64_t state_ = 0;
};

/// Of all that steps depend on. Of functions of a user's own only that they are there; of stop
/// rules nothing, since they may change.
std::uint64_t fingerprint_of(const Problem& problem, const Model& model,
                             const IntegratorSpec& integrator, const BatchOptions& batch);

}  // namespace mckean
