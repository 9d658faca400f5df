// The loops over particles around a user's own regulariser.
#include "host/flow/own_regularizer.hpp"

#include <omp.h>

#include <algorithm>
#include <cstdint>

namespace mckean {
namespace {

constexpr std::size_t tile = 1024;

/// Each particle by itself: the same bits for any number of threads.
template <class Body>
void for_each_tile(std::size_t m, const Body& body) {
  const auto tiles = static_cast<std::int64_t>((m + tile - 1) / tile);
#pragma omp parallel for schedule(static) if (tiles > 8)
  for (std::int64_t i = 0; i < tiles; ++i) {
    const std::size_t begin = static_cast<std::size_t>(i) * tile;
    body(begin, std::min(begin + tile, m));
  }
}

}  // namespace

void write_values(const CustomRegularizer& own, const RegularizedParticles& w, double* r) {
  for_each_tile(
      w.m, [&](std::size_t begin, std::size_t end) { own.values(own.functor, w, begin, end, r); });
}

void add_gradient(const CustomRegularizer& own, const RegularizedParticles& w, double* v) {
  for_each_tile(w.m, [&](std::size_t begin, std::size_t end) {
    own.add_gradient(own.functor, w, begin, end, v);
  });
}

}  // namespace mckean
