// The kernels of predict and sampled_field in their order, over an executor (executor.cuh).
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>

#include "kernels/cuda/sampled_field_finish.cuh"
#include "kernels/cuda/sampled_field_forward.cuh"
#include "kernels/cuda/sampled_field_masked.cuh"
#include "kernels/cuda/sampled_field_smooth.cuh"
#include "kernels/cuda/scalars_kernels.cuh"
#include "kernels/cuda/scratch_cursor.cuh"
#include "kernels/cuda/smooth_activation.cuh"
#include "kernels/cuda/split_count.cuh"
#include "kernels/cuda/state_operation.cuh"

namespace mckean::cuda {

/// Arrays of one call, in the memory of the executor; see Particles and Samples for their layout.
template <class Real>
struct FieldProblem {
  const double* w;
  std::size_t m, d;
  const Real* x;
  const double* y;
  std::size_t n;
  double scale;
  std::size_t all;  // particles of all ranks
  const Communicator<Space::device>* ranks = nullptr;
};

/// How much is done at a time. These numbers and the shape fix the order of every sum.
struct FieldLimits {
  std::size_t forward_blocks = 2048;   // particles are split until there are about as many blocks
  std::size_t backward_blocks = 512;   // samples likewise
  std::size_t mask_bytes = 256 << 20;  // of mask at a time, or 128 samples if these need more
};

/// One call of predict or velocity; m, n, d > 0.
template <class Real, class A>
class SampledField {
 public:
  SampledField(const A& activation, const FieldProblem<Real>& problem,
               const FieldLimits& limits = {})
      : activation_(activation),
        in_(problem),
        limits_(limits),
        ld_(divide_up(problem.m, 128) * 128) {
    MCKEAN_EXPECT(problem.m > 0 && problem.n > 0 && problem.d > 0);
  }

  /// f_i.
  template <class Executor>
  void predict(Executor& executor, double* f) {
    plan_forward(in_.n);
    allocate(executor, false);
    pack(executor);
    executor.pause(work(in_.n));
    forward(executor, 0, in_.n, nullptr, f, nullptr);
  }

  /// The raw velocity, and *risk = (1/n) sum e_i^2 unless it is null.
  template <class Executor>
  void velocity(Executor& executor, double* v, double* risk) {
    plan_velocity();
    allocate(executor, true);
    pack(executor);
    executor.zero(totals_, (in_.d + 1) * sizeof(double));
    executor.zero(sums_, backward_splits_ * sum_count() * sizeof(double));
    std::size_t blocks = 0;
    for (std::size_t begin = 0; begin < in_.n; begin += chunk_) {
      const std::size_t count = std::min(chunk_, in_.n - begin);
      executor.pause(2 * work(count));
      forward(executor, begin, count, mask_, errors_, square_sums_ + blocks);
      blocks += divide_up(count, ErrorArgs::threads);
      backward(executor, begin, count);
    }
    run_each(executor, sum_count(), JoinSplitsArgs{sums_, sum_count(), backward_splits_});
    run_each(
        executor, in_.m,
        FinishArgs<A>{activation_, sums_, totals_, in_.w, v, in_.m, in_.d, ld_, double(in_.n)});
    if (risk != nullptr)
      executor.run(1, 1, TotalSumArgs{square_sums_, blocks, risk, double(in_.n)});
  }

 private:
  static constexpr bool masked = std::same_as<A, PiecewiseLinear>;
  using NarrowTile = MaskedTile<Real, 4>;
  using WideTile = MaskedTile<Real, 16>;

  double work(std::size_t samples) const {
    return double(samples) * double(in_.m) * double(in_.d + 4);
  }
  bool narrow() const { return in_.d + 1 <= NarrowTile::columns; }
  std::size_t masked_tiles() const { return divide_up(ld_, WideTile::particles); }
  std::size_t masked_columns() const {
    return divide_up(in_.d + 1, narrow() ? NarrowTile::columns : WideTile::columns);
  }
  std::size_t sum_count() const { return (in_.d + 1) * ld_; }

  void plan_forward(std::size_t chunk) {
    chunk_ = chunk;
    forward_splits_ =
        split_count(limits_.forward_blocks, divide_up(chunk_, ForwardTile<Real>::samples),
                    ld_ / ForwardTile<Real>::particles);
  }

  void plan_velocity() {
    if constexpr (masked) {
      // Ranks have the same chunks, so that they add the same samples.
      const std::size_t width = divide_up(in_.all, 128) * 128;
      const std::size_t fit = limits_.mask_bytes / (width * sizeof(std::uint32_t)) * 32;
      plan_forward(std::min(in_.n, std::max<std::size_t>(fit / 128 * 128, 128)));
      backward_splits_ = split_count(limits_.backward_blocks, masked_tiles() * masked_columns(),
                                     divide_up(chunk_, WideTile::segment));
    } else {
      plan_forward(in_.n);
      backward_splits_ = split_count(limits_.backward_blocks, ld_ / SmoothTile<Real>::particles,
                                     divide_up(in_.n, SmoothTile<Real>::samples));
    }
  }

  template <class Executor>
  void allocate(Executor& executor, bool backward) {
    ScratchCursor measure;
    take(measure, backward);
    ScratchCursor cursor(executor.scratch(measure.used()));
    take(cursor, backward);
  }

  void take(ScratchCursor& scratch, bool backward) {
    packed_ = scratch.take<Real>((1 + in_.d) * ld_);
    partial_ = scratch.take<double>(forward_splits_ * chunk_);
    if (!backward) return;
    errors_ = scratch.take<double>(chunk_);
    square_sums_ =
        scratch.take<double>(divide_up(in_.n, chunk_) * divide_up(chunk_, ErrorArgs::threads));
    totals_ = scratch.take<double>(in_.d + 1);
    sums_ = scratch.take<double>(backward_splits_ * sum_count());
    if constexpr (masked) mask_ = scratch.take<std::uint32_t>(divide_up(chunk_, 128) * 4 * ld_);
  }

  template <class Executor>
  void pack(Executor& executor) {
    run_each(executor, sum_count(), PackArgs<Real>{in_.w, packed_, in_.m, 1 + in_.d, ld_});
  }

  ProductArgs<Real> product(std::size_t begin, std::size_t count) const {
    return {in_.x + begin * in_.d, packed_ + ld_, count, in_.d, ld_};
  }

  /// f over all ranks, and with y the errors and the sums of their squares.
  template <class Executor>
  void forward(Executor& executor, std::size_t begin, std::size_t count, std::uint32_t* mask,
               double* out, double* square_sums) {
    executor.run(divide_up(count, ForwardTile<Real>::samples), forward_splits_,
                 ForwardArgs<Real, A>{product(begin, count), packed_, activation_, partial_, mask});
    ErrorArgs args{partial_, nullptr, count, forward_splits_, in_.scale, out, square_sums};
    if (in_.ranks != nullptr) {
      args.scale = 1;
      run_each(executor, count, args);
      in_.ranks->add({out, count});
      args = {out, nullptr, count, 1, in_.scale, out, square_sums};
    }
    if (square_sums != nullptr) args.y = in_.y + begin;
    run_each(executor, count, args);
  }

  template <class Executor>
  void backward(Executor& executor, std::size_t begin, std::size_t count) {
    if constexpr (masked) {
      if (activation_.below != 0) {
        executor.run(in_.d + 1, 1,
                     TotalsArgs<Real>{in_.x + begin * in_.d, errors_, count, in_.d, totals_});
      }
      narrow() ? multiply_mask<NarrowTile>(executor, begin, count)
               : multiply_mask<WideTile>(executor, begin, count);
    } else {
      executor.run(ld_ / SmoothTile<Real>::particles, backward_splits_,
                   SmoothArgs<Real, A>{product(begin, count), activation_, errors_, sums_});
    }
  }

  template <class Tile, class Executor>
  void multiply_mask(Executor& executor, std::size_t begin, std::size_t count) {
    executor.run(masked_tiles(), masked_columns() * backward_splits_,
                 MaskedArgs<Tile>{in_.x + begin * in_.d, errors_, mask_, sums_, count, in_.d, ld_,
                                  backward_splits_});
  }

  A activation_;
  FieldProblem<Real> in_;
  FieldLimits limits_;
  std::size_t ld_;         // particles, up to whole tiles
  std::size_t chunk_ = 0;  // samples between two backward passes
  unsigned forward_splits_ = 1, backward_splits_ = 1;
  Real* packed_ = nullptr;
  double* partial_ = nullptr;
  double* errors_ = nullptr;
  double* square_sums_ = nullptr;
  double* totals_ = nullptr;
  double* sums_ = nullptr;
  std::uint32_t* mask_ = nullptr;
};

template <class Real>
FieldProblem<Real> field_problem(ConstDeviceState w, const NetworkOutput<Space::device>& output,
                                 const Samples<Real, Space::device>& samples) {
  MCKEAN_EXPECT(w.d == samples.d && samples.x.size() == samples.n * samples.d);
  return {w.values.data(),  w.m,       w.d,          samples.x.data(),
          samples.y.data(), samples.n, output.scale, w.ensemble.total,
          output.ranks};
}

/// The operations of the concept for one activation functor.
template <class Real, class A, class Executor>
void predict(Executor& executor, const A& activation, ConstDeviceState w,
             const NetworkOutput<Space::device>& output,
             const Samples<Real, Space::device>& samples, DeviceView<double> f) {
  MCKEAN_EXPECT(f.size() == samples.n);
  if (samples.n == 0) return;
  SampledField<Real, A>(activation, field_problem(w, output, samples)).predict(executor, f.data());
}

/// What sampled_field writes: the velocity, and the risk where there is a slot for it.
struct FieldOutput {
  DeviceState v;
  DeviceView<double> risk;
};

template <class Real, class A, class Executor>
void sampled_field(Executor& executor, const A& activation, ConstDeviceState w,
                   const NetworkOutput<Space::device>& output,
                   const Samples<Real, Space::device>& samples, const FieldOutput& out) {
  MCKEAN_EXPECT(out.v.m == w.m && out.v.d == w.d && samples.y.size() == samples.n);
  SampledField<Real, A>(activation, field_problem(w, output, samples))
      .velocity(executor, out.v.values.data(), out.risk.data());
}

/// use(functor): the piecewise linear activations have kernels with masks, all others share one.
template <class Use>
void with_functor(const AnyActivation& activation, const Use& use) {
  if (activation.kind == ActivationKind::piecewise_linear) {
    use(activation.linear);
  } else {
    use(SmoothActivation{activation.kind});
  }
}

}  // namespace mckean::cuda
