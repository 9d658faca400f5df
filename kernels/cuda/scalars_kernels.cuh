// Scalars: sums over elements in an order that the count alone fixes - each block sums a fixed
// range, then one block adds the blocks - and what is computed from them.
#pragma once

#include <cmath>
#include <cstddef>

#include "kernels/backend.hpp"
#include "kernels/cuda/block.cuh"
#include "kernels/cuda/grid.cuh"
#include "mckean/formula/radial.hpp"
#include "mckean/formula/regularizer.hpp"
#include "mckean/formula/settling.hpp"

namespace mckean::cuda {

/// Elements of a block: thread t adds element t, t + threads, ... of its range.
constexpr std::size_t reduction_range = 4096;

/// Blocks of a sum, at least one.
constexpr std::size_t reduction_blocks(std::size_t count) {
  return count == 0 ? 1 : divide_up(count, reduction_range);
}

/// partial[k * grid_x + block] = sum of value k of the terms of a block, K = Term::size values an
/// element; `term.add(i, values)` adds those of element i.
template <class Term>
struct PartialSumArgs {
  using Shared = BlockSumShared;
  static constexpr unsigned threads = 256;
  Term term;
  std::size_t count;
  double* partial;

  template <class Block>
  MCKEAN_DEVICE void run(const Block& block, Shared& shared) const {
    double values[Term::size] = {};
    const std::size_t begin = std::size_t{block.x()} * reduction_range;
    const std::size_t end = count - begin < reduction_range ? count : begin + reduction_range;
    for (std::size_t i = begin + block.thread(); i < end; i += threads) term.add(i, values);
    for (int k = 0; k < Term::size; ++k) {
      const double sum = block.template sum<threads>(shared, values[k]);
      if (block.thread() == 0) partial[std::size_t(k) * block.grid_x() + block.x()] = sum;
      if (k + 1 < Term::size) block.sync();
    }
  }
};

/// The same for K sums over elements of their own: grid_y = K, and `terms.size(k)` elements of sum
/// k, whose terms are `terms.at(k, i)`.
template <class Terms>
struct PartialListArgs {
  using Shared = BlockSumShared;
  static constexpr unsigned threads = 256;
  Terms terms;
  double* partial;

  template <class Block>
  MCKEAN_DEVICE void run(const Block& block, Shared& shared) const {
    const unsigned k = block.y();
    const std::size_t count = terms.size(k);
    const std::size_t begin = std::size_t{block.x()} * reduction_range;
    double value = 0;
    for (std::size_t e = block.thread(); e < reduction_range && begin + e < count; e += threads)
      value += terms.at(k, begin + e);
    const double sum = block.template sum<threads>(shared, value);
    if (block.thread() == 0) partial[std::size_t{k} * block.grid_x() + block.x()] = sum;
  }
};

/// out[k] = (sum of partial[k * blocks ... (k + 1) * blocks - 1]) / divisor, by block k.
struct TotalSumArgs {
  using Shared = BlockSumShared;
  static constexpr unsigned threads = 256;
  const double* partial;
  std::size_t blocks;
  double* out;
  double divisor = 1;

  template <class Block>
  MCKEAN_DEVICE void run(const Block& block, Shared& shared) const {
    double value = 0;
    for (std::size_t i = block.thread(); i < blocks; i += threads)
      value += partial[block.x() * blocks + i];
    const double sum = block.template sum<threads>(shared, value);
    if (block.thread() == 0) out[block.x()] = sum / divisor;
  }
};

/// The terms of inner_products.
struct ProductTerms {
  InnerProducts<Space::device> list;
  MCKEAN_DEVICE std::size_t size(unsigned k) const { return list.size[k]; }
  MCKEAN_DEVICE double at(unsigned k, std::size_t i) const {
    return list.left[k][i] * list.right[k][i];
  }
};

/// Squares of the elements of a linear combination: sum 0 over a, sum 1 over b.
struct SquareTerms {
  LinearTerms<Space::device> terms;
  std::size_t m, d;
  MCKEAN_DEVICE std::size_t size(unsigned k) const { return k == 0 ? m : m * d; }
  MCKEAN_DEVICE double at(unsigned k, std::size_t i) const {
    const double value = terms.sum(k == 0 ? i : m + i);
    return value * value;
  }
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
  static constexpr int size = ParticleSums::count;
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

/// *out = the combination of scalars, by one thread.
struct CombineScalarsArgs {
  using Shared = NoShared;
  static constexpr unsigned threads = warp_size;
  ScalarTerms<Space::device> terms;
  double* out;

  template <class Block>
  MCKEAN_DEVICE void run(const Block& block, Shared&) const {
    if (block.thread() == 0) *out = terms.sum();
  }
};

/// AuditState::add, by one thread.
struct AuditArgs {
  using Shared = NoShared;
  static constexpr unsigned threads = warp_size;
  AuditRules rules;
  AuditStep step;
  const double* before;
  const double* after;
  const double* stages;
  const double* finite;
  double* audit;

  template <class Block>
  MCKEAN_DEVICE void run(const Block& block, Shared&) const {
    if (block.thread() != 0) return;
    AuditState state = AuditState::load(audit);
    state.add(rules, step, before, after, stages, *finite);
    state.store(audit);
  }
};

/// to = from where *flag is not 0.
struct CopyIfArgs {
  using Shared = NoShared;
  static constexpr unsigned threads = 256;
  const double* flag;
  const double* from;
  double* to;
  std::size_t count;

  template <class Block>
  MCKEAN_DEVICE void run(const Block& block, Shared&) const {
    const std::size_t i = std::size_t{block.x()} * threads + block.thread();
    if (i < count && *flag != 0) to[i] = from[i];
  }
};

}  // namespace mckean::cuda
