// Sums of K values over elements, in an order that the count alone fixes: each block sums a fixed
// range, and one block then adds the blocks.
#pragma once

#include <cstddef>

#include "kernels/cuda/block.cuh"
#include "kernels/cuda/block_sum.cuh"
#include "mckean/radial.hpp"
#include "mckean/regularizer.hpp"
#include "mckean/weighted_error.hpp"

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

struct ErrorTerm {
  static constexpr int size = 1;
  const double* error;
  const double* before;
  const double* after;
  double atol, rtol;
  MCKEAN_DEVICE void add(std::size_t i, double* values) const {
    values[0] += weighted_error_term(error[i], before[i], after[i], atol, rtol);
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
