// The threads that a command may start.
#pragma once

namespace mckean::cli {

/// Starts `threads` threads (0: one for each processor), of which loops then start no more; IoError
/// where the system gives fewer. Before memory is taken that threads would then lack.
void reserve_threads(int threads);

}  // namespace mckean::cli
