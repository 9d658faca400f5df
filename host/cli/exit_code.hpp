// The program's exit codes.
#pragma once

namespace mckean::cli {

inline constexpr int exit_done = 0;
inline constexpr int exit_bad_input = 2;
inline constexpr int exit_not_finished =
    3;                             // diverged or not converged; the last good state is kept
inline constexpr int exit_io = 4;  // or too little memory, too few threads
inline constexpr int exit_interrupted = 130;  // by a signal; the state reached is kept

}  // namespace mckean::cli
