// Instances of the transport problem that make_transport_values.py makes in the same way.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "host/transport/discrete_measure.hpp"
#include "mckean/formula/ground_cost.hpp"

namespace mckean::reference {

enum class CloudKind { box, duplicates, lattice, collinear, sphere };

struct StoredTransport {
  const char* name;
  GroundCost cost;
  CloudKind kind;
  std::size_t n;
  std::size_t m;
  std::size_t d;
  bool weighted;
  double squared_distance;
};

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : state_(seed) {}

  /// A whole number below `bound`, from the upper half of the state.
  std::uint64_t below(std::uint64_t bound) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return (state_ >> 32) * bound >> 32;
  }
  /// A multiple of 2^-20 in [-1, 1).
  double coordinate() { return static_cast<double>(below(1u << 21)) * 0x1p-20 - 1; }

 private:
  std::uint64_t state_;
};

inline Matrix make_points(CloudKind kind, std::size_t n, std::size_t d, Generator& generator) {
  Matrix rows(n, d);
  for (std::size_t i = 0; i < n; ++i) {
    const double place = kind == CloudKind::collinear ? generator.coordinate() : 0;
    double square = 0;
    for (std::size_t k = 0; k < d; ++k) {
      if (kind == CloudKind::lattice) {
        rows(i, k) = static_cast<double>(generator.below(4));
      } else if (kind == CloudKind::collinear) {
        rows(i, k) = place * static_cast<double>(k + 1);
      } else {
        rows(i, k) = generator.coordinate();
      }
      square += rows(i, k) * rows(i, k);
    }
    for (std::size_t k = 0; k < d; ++k) {
      if (kind == CloudKind::duplicates && i % 3 != 0) rows(i, k) = rows(i - 1, k);
      if (kind == CloudKind::sphere) rows(i, k) /= std::sqrt(square);
    }
  }
  return rows;
}

/// n positive multiples of 1/360, of sum 1; empty where not weighted.
inline std::vector<double> make_weights(bool weighted, std::size_t n, Generator& generator) {
  if (!weighted) return {};
  constexpr std::size_t total = 360;
  std::vector<double> weights(n);
  std::vector<std::size_t> units(n, 1);
  for (std::size_t i = n; i < total; ++i) ++units[generator.below(n)];
  for (std::size_t i = 0; i < n; ++i)
    weights[i] = static_cast<double>(units[i]) / static_cast<double>(total);
  return weights;
}

struct TransportInstance {
  DiscreteMeasure a, b;
};

/// The instance of the row `index` of the stored values.
inline TransportInstance make_instance(const StoredTransport& stored, std::size_t index) {
  Generator generator(index + 1);
  const Matrix a = make_points(stored.kind, stored.n, stored.d, generator);
  const Matrix b = make_points(stored.kind, stored.m, stored.d, generator);
  const std::vector<double> of_a = make_weights(stored.weighted, stored.n, generator);
  const std::vector<double> of_b = make_weights(stored.weighted, stored.m, generator);
  return {make_measure(a, of_a, "a"), make_measure(b, of_b, "b")};
}

}  // namespace mckean::reference
