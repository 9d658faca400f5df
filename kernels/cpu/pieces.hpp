// Pieces of work that threads take as they come.
#pragma once

#include <cstddef>

#include "kernels/cpu/tiles.hpp"

namespace mckean::cpu {

/// body(piece, thread, early) for every piece.
template <class Body>
void for_each_piece(std::size_t count, int threads, const Body& body) {
  EarlyEnd early;
  for_each_index(count, threads, [&](std::size_t piece, std::size_t thread) {
    if (!early.asked()) body(piece, thread, early);
  });
  early.check();
}

}  // namespace mckean::cpu
