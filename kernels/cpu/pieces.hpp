// Pieces of work that threads take as they come.
#pragma once

#include <omp.h>

#include <cstddef>
#include <cstdint>

#include "kernels/cpu/tiles.hpp"

namespace mckean::cpu {

/// body(piece, thread, early) for every piece.
template <class Body>
void for_each_piece(std::size_t count, int threads, const Body& body) {
  EarlyEnd early;
#pragma omp parallel num_threads(threads) if (count > 1)
  {
    const auto thread = static_cast<std::size_t>(omp_get_thread_num());
#pragma omp for schedule(dynamic, 1)
    for (std::int64_t piece = 0; piece < static_cast<std::int64_t>(count); ++piece) {
      if (!early.asked()) body(static_cast<std::size_t>(piece), thread, early);
    }
  }
  early.check();
}

}  // namespace mckean::cpu
