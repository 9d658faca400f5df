// Sums of K values over elements, in an order that the count alone fixes: each block sums a fixed
// range, and one block then adds the blocks.
#pragma once

#include <cstddef>

#include "kernels/cuda/block.cuh"
#include "kernels/cuda/block_sum.cuh"
#include "mckean/formula/radial.hpp"
#include "mckean/formula/regularizer.hpp"
#include "mckean/formula/settling.hpp"

namespace mckean::cuda {

/// Elements of a block: thread t adds element t, t + threads, ... of its range.
constexpr std::size_t reduction_range = 4096;

constexpr unsigned reduction_blocks(std::size_t count) {
  return static_cast<unsigned>(count == 0 ? 1 : (count + reduction_range - 1) / reduction_range);
}

/// partial[k * blocks + block] = sum of value k of the terms of a block; `term(i, values)` adds
/// those of element i.
template <class Term>
struct PartialSumArgs {
  using Shared = BlockSumShared;
  static constexpr unsigned threads = 256;
  Term term;
  std::size_t count;
  double* partial;

  template <class Block>
  MCKEAN_DEVICE void run(const Block& block, Shared& shared) const {
    partial_sum_body(block, shared, *this);
  }
};

template <class Block, class Term>
MCKEAN_DEVICE void partial_sum_body(const Block& block, BlockSumShared& shared,
                                    const PartialSumArgs<Term>& args) {
  double values[Term::size] = {};
  const std::size_t begin = std::size_t{block.x()} * reduction_range;
  const std::size_t end =
      args.count - begin < reduction_range ? args.count : begin + reduction_range;
  for (std::size_t i = begin + block.thread(); i < end; i += block.threads())
    args.term.add(i, values);
  for (int k = 0; k < Term::size; ++k) {
    const double sum = block_sum(block, shared, values[k]);
    if (block.thread() == 0) args.partial[std::size_t(k) * block.grid_x() + block.x()] = sum;
    if (k + 1 < Term::size) block.sync();
  }
}

/// result[k] = sum of partial[k * blocks ... (k + 1) * blocks - 1]. One block.
template <int Size>
struct TotalSumArgs {
  using Shared = BlockSumShared;
  static constexpr unsigned threads = 256;
  const double* partial;
  unsigned blocks;
  double* result;

  template <class Block>
  MCKEAN_DEVICE void run(const Block& block, Shared& shared) const {
    for (int k = 0; k < Size; ++k) {
      double value = 0;
      for (unsigned i = block.thread(); i < blocks; i += block.threads())
        value += partial[std::size_t(k) * blocks + i];
      const double sum = block_sum(block, shared, value);
      if (block.thread() == 0) result[k] = sum;
      if (k + 1 < Size) block.sync();
    }
  }
};

struct DotTerm {
  static constexpr int size = 1;
  const double* left;
  const double* right;
  MCKEAN_DEVICE void add(std::size_t i, double* values) const { values[0] += left[i] * right[i]; }
};

/// Settles particle j (it alone writes there) and adds the squared distance that it was moved.
struct SettleTerm {
  static constexpr int size = 1;
  Settling settling;
  const double* before;
  const double* drift;
  double* after;
  std::size_t m, d;
  MCKEAN_DEVICE void add(std::size_t j, double* values) const {
    double b0_b = 0, b_b = 0, b_f = 0, f_f = 0;
    for (std::size_t k = 1; k <= d; ++k) {
      const double b = after[k * m + j];
      const double f = drift[k * m + j];
      b0_b += before[k * m + j] * b;
      b_b += b * b;
      b_f += b * f;
      f_f += f * f;
    }
    const double a = after[j];
    const double norm = settling.motion.sphere ? 1.0 : std::sqrt(b_b);
    const bool settles = settling.amplitude(before[j], a, drift[j], norm);
    if (settling.direction(b0_b, b_b, b_f, f_f, a)) {
      values[0] += b_b;
      for (std::size_t k = 1; k <= d; ++k) after[k * m + j] = 0;
    }
    if (settles) {
      values[0] += a * a;
      after[j] = 0;
    }
  }
};

/// 0 for finite values, NaN otherwise.
struct FiniteTerm {
  static constexpr int size = 1;
  const double* x;
  MCKEAN_DEVICE void add(std::size_t i, double* values) const { values[0] += x[i] - x[i]; }
};

/// The four sums of ParticleSums; elements are particles.
struct ParticleTerm {
  static constexpr int size = 4;
  Regularizer regularizer;
  int power;
  const double* w;
  std::size_t m, d;
  MCKEAN_DEVICE void add(std::size_t j, double* values) const {
    double squared = 0;
    for (std::size_t k = 0; k < d; ++k) squared += w[(1 + k) * m + j] * w[(1 + k) * m + j];
    const double a = w[j];
    const double norm = std::sqrt(squared);
    const double path = std::abs(a) * norm;
    values[0] += path;
    values[1] += path * path;
    values[2] += regularizer_value(regularizer, a, norm);
    values[3] += radial_value(power, a, norm);
  }
};

}  // namespace mckean::cuda
