// The loops over particles around a user's own regulariser.
#include "host/flow/own_regularizer.hpp"

#include "kernels/cpu/tiles.hpp"

namespace mckean {
namespace {

/// Each particle by itself: the same bits for any number of threads.
template <class Body>
void for_each_tile(std::size_t m, const Body& body) {
  constexpr std::size_t tile = 1024, worth_threads = 8 * tile;
  cpu::for_each_tile(m, tile, m > worth_threads ? cpu::started_threads() : 1, body);
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
