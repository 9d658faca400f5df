// The threads that a command may start.
#pragma once

namespace mckean::cli {

/// OpenMP ends the program with exit code 1 where it is not given a thread, or memory for one, in
/// whatever loop. From here on such an end is one line and exit_io. First of all in main.
void guard_against_openmp();
/// The code that main returns: an end of its own.
int end_program(int code);

/// Makes sure that the system gives `threads` threads (0: one for each processor), and that loops
/// which do not say how many they want take no more; IoError where it does not. The threads stay
/// for the loops to come. Before the first parallel loop, and before memory is taken that threads
/// would then lack.
void reserve_threads(int threads);

}  // namespace mckean::cli
