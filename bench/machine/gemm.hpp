// The matrix product of OpenBLAS, where that was found when the build was configured.
#pragma once

#include <cstddef>
#include <string>

namespace mckean::bench {

/// Makes OpenBLAS use AVX-512 where the processor has it and OpenBLAS doesn't know the processor:
/// starts the program again with OPENBLAS_CORETYPE. First of all in main.
void prefer_best_gemm(char** argv);

/// What is measured: version and kernels of OpenBLAS, or "none".
std::string describe_gemm();

/// Flop/s of the product of n x d and d x m matrices, 2 n m d flop, on `threads` threads, each with
/// a thread of OpenBLAS and tiles of its own, which it writes to the same memory again and again;
/// of some sizes of tiles, the best. 0 without OpenBLAS. Remembered by size.
template <class Real>
double gemm_rate(int threads, std::size_t n, std::size_t m, std::size_t d);

}  // namespace mckean::bench
