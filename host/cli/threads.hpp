// The threads that a command may start.
#pragma once

namespace mckean::cli {

/// Makes sure that the system gives `threads` threads (0: one for each processor), and that loops
/// which do not say how many they want take no more. OpenMP ends the program where a thread cannot
/// be had; this throws IoError. Before the first parallel loop.
void reserve_threads(int threads);

}  // namespace mckean::cli
