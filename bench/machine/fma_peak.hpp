// What the machine can do at most: multiply-adds of registers.
#pragma once

namespace mckean::bench {

/// Flop/s of `threads` threads that do nothing but multiply-adds (2 flop a lane), each on chains
/// enough to hide the latency, with the vectors of the instruction set in use.
template <class Real>
double fma_peak(int threads);

}  // namespace mckean::bench
