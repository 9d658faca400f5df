#include "bench/machine/gemm.hpp"

#ifndef MCKEAN_HAS_OPENBLAS

namespace mckean::bench {

void prefer_best_gemm(char**) {}
std::string describe_gemm() { return "none"; }
template <class Real>
double gemm_rate(int, std::size_t, std::size_t, std::size_t) {
  return 0;
}
template double gemm_rate<float>(int, std::size_t, std::size_t, std::size_t);
template double gemm_rate<double>(int, std::size_t, std::size_t, std::size_t);

}  // namespace mckean::bench

#else

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <map>
#include <string_view>
#include <tuple>
#include <vector>

#include "kernels/cpu/targets.hpp"
#include "kernels/cpu/thread_pool.hpp"
#include "kernels/divide_up.hpp"

// Of cblas.h: row-major is 101, not transposed 111.
extern "C" {
void cblas_sgemm(int order, int transpose_a, int transpose_b, int m, int n, int k, float alpha,
                 const float* a, int lda, const float* b, int ldb, float beta, float* c, int ldc);
void cblas_dgemm(int order, int transpose_a, int transpose_b, int m, int n, int k, double alpha,
                 const double* a, int lda, const double* b, int ldb, double beta, double* c,
                 int ldc);
void openblas_set_num_threads(int threads);
char* openblas_get_config();
char* openblas_get_corename();
}

namespace mckean::bench {
namespace {

using Clock = std::chrono::steady_clock;

/// Whether OpenBLAS has chosen kernels with AVX-512.
bool has_wide_kernels() {
  constexpr std::array<std::string_view, 5> wide{"SkylakeX", "Cooperlake", "SapphireRapids", "Zen4",
                                                 "Zen5"};
  return std::ranges::count(wide, std::string_view(openblas_get_corename())) > 0;
}

/// c (rows x columns) = a b, a of rows x depth and b a part of a matrix with `stride` columns.
void multiply(int rows, int columns, int depth, const float* a, const float* b, int stride,
              float* c) {
  cblas_sgemm(101, 111, 111, rows, columns, depth, 1, a, depth, b, stride, 0, c, columns);
}
void multiply(int rows, int columns, int depth, const double* a, const double* b, int stride,
              double* c) {
  cblas_dgemm(101, 111, 111, rows, columns, depth, 1, a, depth, b, stride, 0, c, columns);
}

struct Tile {
  std::size_t rows, columns;
};

template <class Real>
class Product {
 public:
  Product(int threads, std::size_t n, std::size_t m, std::size_t d)
      : threads_(threads), n_(n), m_(m), d_(d), a_(n * d, Real(.5)), b_(d * m, Real(.25)) {
    openblas_set_num_threads(1);
  }

  double best_rate() {
    constexpr double trial = .01, measurement = .05;
    Tile best{};
    double best_rate = 0;
    for (const std::size_t rows : {64, 256, 1024, 4096}) {
      for (const std::size_t columns : {64, 256, 1024, 4096}) {
        // A size beyond the matrix is the same as one that just covers it.
        if ((rows > 64 && rows / 4 >= n_) || (columns > 64 && columns / 4 >= m_)) continue;
        const Tile tile{std::min(rows, n_), std::min(columns, m_)};
        const double found = rate(tile, trial);
        if (found > best_rate) {
          best_rate = found;
          best = tile;
        }
      }
    }
    return std::max({rate(best, measurement), rate(best, measurement), best_rate});
  }

 private:
  /// Of whole tiles for about so many seconds, after one tile that is not measured.
  double rate(Tile tile, double seconds) {
    struct Run {
      Product& product;
      Tile tile;
      double seconds;
      std::atomic<std::size_t> next{0};
      std::atomic<double> flop{0};
    } run{*this, tile, seconds, {}, {}};
    results_.resize(static_cast<std::size_t>(threads_) * tile.rows * tile.columns);
    multiply_tile(tile, 0, 0);
    const auto begin = Clock::now();
    cpu::on_threads(threads_, {[](const void* data, int thread) {
                                 Run& r = *static_cast<Run*>(const_cast<void*>(data));
                                 r.flop += r.product.work(r.tile, r.next, thread, r.seconds);
                               },
                               &run});
    return run.flop / std::chrono::duration<double>(Clock::now() - begin).count();
  }

  double work(Tile tile, std::atomic<std::size_t>& next, int thread, double seconds) {
    const auto end = Clock::now() + std::chrono::duration<double>(seconds);
    double flop = 0;
    do {
      flop += multiply_tile(tile, next.fetch_add(1, std::memory_order_relaxed), thread);
    } while (Clock::now() < end);
    return flop;
  }

  /// Tile number `index`, round and round, and its flop.
  double multiply_tile(Tile tile, std::size_t index, int thread) {
    const std::size_t across = divide_up(m_, tile.columns), down = divide_up(n_, tile.rows);
    const std::size_t i = index / across % down * tile.rows, j = index % across * tile.columns;
    const std::size_t rows = std::min(tile.rows, n_ - i), columns = std::min(tile.columns, m_ - j);
    Real* const to = results_.data() + static_cast<std::size_t>(thread) * tile.rows * tile.columns;
    multiply(static_cast<int>(rows), static_cast<int>(columns), static_cast<int>(d_),
             a_.data() + i * d_, b_.data() + j, static_cast<int>(m_), to);
    return 2. * static_cast<double>(rows) * static_cast<double>(columns) * static_cast<double>(d_);
  }

  int threads_;
  std::size_t n_, m_, d_;
  std::vector<Real> a_, b_, results_;
};

}  // namespace

void prefer_best_gemm(char** argv) {
  const char* const name = "OPENBLAS_CORETYPE";
  const bool wide = cpu::available_targets().back() == cpu::Target::avx512;
  if (!wide || has_wide_kernels() || std::getenv("MCKEAN_BENCH_RESTARTED") != nullptr) return;
  setenv(name, "SkylakeX", 1);
  setenv("MCKEAN_BENCH_RESTARTED", "1", 1);
  execv("/proc/self/exe", argv);  // goes on as it is where that fails
}

std::string describe_gemm() {
  return std::string(openblas_get_config()) + ", kernels for " + openblas_get_corename();
}

template <class Real>
double gemm_rate(int threads, std::size_t n, std::size_t m, std::size_t d) {
  // Tiles are no larger than this, and how many there are is no matter.
  constexpr std::size_t most = 8192;
  n = std::min(n, most);
  m = std::min(m, most);
  static std::map<std::tuple<int, std::size_t, std::size_t, std::size_t>, double> known;
  double& rate = known[{threads, n, m, d}];
  if (rate == 0) rate = Product<Real>(threads, n, m, d).best_rate();
  return rate;
}
template double gemm_rate<float>(int, std::size_t, std::size_t, std::size_t);
template double gemm_rate<double>(int, std::size_t, std::size_t, std::size_t);

}  // namespace mckean::bench

#endif
