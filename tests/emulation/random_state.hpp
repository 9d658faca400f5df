// States that the emulated kernels of the state are tried on.
#pragma once

#include <random>

#include "emulation/emulated_executor.hpp"
#include "reference/state.hpp"

namespace mckean::emulation {

constexpr double eps = 2.3e-16;

inline reference::PlaneState random_state(std::size_t m, std::size_t d, unsigned seed) {
  std::mt19937_64 engine(seed);
  std::uniform_real_distribution<double> value(-2, 2);
  reference::PlaneState state(m, d);
  for (double& x : state.values) x = value(engine);
  return state;
}

/// Runs a kernel with one thread for each of `count`.
template <class Args>
void run(Order order, std::size_t count, const Args& args) {
  EmulatedExecutor(order).run(static_cast<unsigned>((count + Args::threads - 1) / Args::threads), 1,
                              args);
}

}  // namespace mckean::emulation
