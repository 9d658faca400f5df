// The operations that a back end provides. Every orchestration in host/ is a template over
// this concept.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "mckean/buffer.hpp"
#include "mckean/communicator.hpp"
#include "mckean/field_spec.hpp"
#include "mckean/formula/activation.hpp"
#include "mckean/formula/batch.hpp"
#include "mckean/formula/flow_scalars.hpp"
#include "mckean/formula/ground_cost.hpp"
#include "mckean/formula/population_kernel.hpp"
#include "mckean/formula/step_audit.hpp"
#include "mckean/particles.hpp"
#include "mckean/points.hpp"

namespace mckean {

/// sum_i coefficient[i] * vector[i], at most eight terms: what a Runge-Kutta stage needs.
template <Space S>
struct LinearTerms {
  static constexpr int capacity = 8;
  int count = 0;
  double coefficient[capacity] = {};
  const double* vector[capacity] = {};

  void add(double c, View<const double, S> v) {
    MCKEAN_EXPECT(count < capacity);
    coefficient[count] = c;
    vector[count] = v.data();
    ++count;
  }
  /// Element i of the sum.
  MCKEAN_HD double sum(std::size_t i) const {
    double total = 0;
    for (int t = 0; t < count; ++t) total += coefficient[t] * vector[t][i];
    return total;
  }
};

/// <x_i, y_i> of several pairs of vectors, each pair of its own size.
template <Space S>
struct InnerProducts {
  static constexpr int capacity = 24;
  int count = 0;
  const double* left[capacity] = {};
  const double* right[capacity] = {};
  std::size_t size[capacity] = {};

  void add(View<const double, S> x, View<const double, S> y) {
    MCKEAN_EXPECT(count < capacity && x.size() == y.size());
    left[count] = x.data();
    right[count] = y.data();
    size[count] = x.size();
    ++count;
  }
  /// |x|^2.
  void add(View<const double, S> x) { add(x, x); }
  /// 0: keeps a place in the list for what nobody reads.
  void skip() { add({}, {}); }
};

/// (constant + sum_i coefficient[i] * value[i]) / divisor, from left to right, of scalars in the
/// memory of a back end.
template <Space S>
struct ScalarTerms {
  static constexpr int capacity = 4;
  double constant = 0;
  double divisor = 1;
  int count = 0;
  double coefficient[capacity] = {};
  const double* value[capacity] = {};

  void add(double c, View<const double, S> slot) {
    MCKEAN_EXPECT(count < capacity && slot.size() == 1);
    coefficient[count] = c;
    value[count] = slot.data();
    ++count;
  }
  MCKEAN_HD double sum() const {
    double total = constant;
    for (int i = 0; i < count; ++i) total += coefficient[i] * *value[i];
    return total / divisor;
  }
};

/// weight * sum_j delta_{w_j}.
template <Space S>
struct WeightedParticles {
  Particles<const double, S> particles;
  double weight = 0;
};

/// All pairs of n sources x and m targets y of R^d, and a potential p of the targets; m, d > 0.
template <Space S>
struct PointPairs {
  GroundCost cost;
  Points<S> sources;
  Points<S> targets;
  View<const double, S> potential;  // m, |p_j| < 1e300

  PointPairs(GroundCost of, Points<S> x, Points<S> y, View<const double, S> p)
      : cost(of), sources(x), targets(y), potential(p) {
    MCKEAN_EXPECT(x.d == y.d && y.n > 0 && p.size() == y.n);
  }
};

/// Scalars on their way to the host: what begin_read() returns. The host reads values() once
/// ready(); before that values() waits.
template <class R>
concept Reading = requires(R& reading) {
  { reading.ready() } -> std::same_as<bool>;
  { reading.values() } -> std::same_as<HostView<const double>>;
};

/// A CpuBackend<Real> or CudaBackend<Real>. Real is the precision of the field; states, velocities,
/// sums are double. All operations are bitwise reproducible for any number of threads and ordered
/// among themselves. None waits for the one before but read() and the copies to the host: the
/// scalars that an operation makes go to slots, views of one double each (or of as many as it says)
/// in the memory of the back end. The m of means and scalings, and the particle's number in its
/// noise, are those of the ensemble; sums are over the particles at hand.
template <class B>
concept Backend = requires(
    const B& backend, Particles<const double, B::space> w, Particles<double, B::space> v,
    View<const double, B::space> in, View<double, B::space> out, HostView<const double> host_in,
    HostView<double> host_out, Samples<typename B::Real, B::space> samples,
    View<typename B::Real, B::space> x_out, const AnyActivation& activation,
    const PairKernel& kernel, const FieldSpec& spec, const PointPairs<B::space>& pairs,
    View<std::uint32_t, B::space> indices, HostView<std::uint32_t> host_indices,
    const LinearTerms<B::space>& terms, const BatchDraw& draw, HeldView<B::space> held,
    double number, std::uint64_t integer, View<double, B::space> slot,
    const NetworkOutput<B::space>& output, const InnerProducts<B::space>& products,
    const ScalarTerms<B::space>& scalars, const WeightedParticles<B::space>& measure,
    const AuditRules& rules, const AuditStep& step, const AuditSlots<B::space>& audit_slots) {
  // Memory. `copy` goes from host to B::space, back, and within it; it returns when `from` may be
  // reused.
  { backend.template allocate<double>(std::size_t{}) } -> std::same_as<Buffer<double, B::space>>;
  {
    backend.template allocate<typename B::Real>(std::size_t{})
    } -> std::same_as<Buffer<typename B::Real, B::space>>;
  {
    backend.template allocate<std::uint32_t>(std::size_t{})
    } -> std::same_as<Buffer<std::uint32_t, B::space>>;
  backend.copy(host_in, out);
  backend.copy(in, host_out);
  backend.template copy<std::uint32_t>(indices, host_indices);
  backend.copy(in, out);
  // Waits for what writes these few scalars.
  backend.read(in, host_out);
  // The same without waiting: the values are those of now, in the order of the operations.
  { backend.begin_read(in) } -> Reading;
  // "cpu: 2 threads, avx512" or "cuda: NVIDIA H200": for `info` and summary.json.
  { backend.describe() } -> std::same_as<std::string>;

  // Sampled data: f_i = scale * sum_j a_j sigma(b_j . x_i), over the particles of all ranks.
  backend.predict(activation, w, output, samples, out);
  // Raw velocity v_j = (1/n) sum_i (f_i - y_i) grad_w psi(x_i; w_j), overwriting v; slot = (1/n)
  // sum_i (f_i - y_i)^2, where there is one. Chunk by chunk of samples: forward over the particles
  // here, sum over ranks, residual, backward.
  backend.sampled_field(activation, w, output, samples, v, slot);
  // out = the mini-batch that `draw` takes from `samples`: rows of x and of y; the batch size is
  // out.size().
  backend.gather_batch(draw, samples, x_out, out);

  // Population: v_j += weight * sum_l grad_w k(w_j, w'_l) for the atoms w' of (w as third
  // argument), in Real.
  backend.add_pairwise_field(kernel, w, w, number, v);
  // slot = sum_i sum_j k(w_i, w'_j), always in double.
  backend.pairwise_energy(kernel, w, w, slot);
  // d = 2, relu, by sorting in O((m + M) log(m + M)), always in double: for the sum rho of both
  // measures writes v_j = grad_w int k(w_j, .) drho at the particles of the first, and slot = int
  // int k drho drho, where there is one. `number` is E x_1^2.
  backend.planar_field(number, measure, measure, v, slot);
  // The uniform teacher on the sphere in closed form: v_j += coefficient * grad_w (a |b|^power),
  // power 1 or 2.
  backend.add_radial_field(number, int{}, w, v);

  // Transport, in double for either Real and without an n x m array; c_ij = cost(x_i, y_j). Value
  // and mean cost (n) for epsilon = number:
  //   epsilon = 0: value_i = min_j c_ij + p_j, mean_cost_i = c_ij of the first such j;
  //   epsilon > 0: value_i = -epsilon log sum_j exp(-(c_ij + p_j)/epsilon), mean_cost_i = sum_j
  //   c_ij pi_ij with pi_ij = exp((value_i - c_ij - p_j)/epsilon); terms below exp(-50) of the
  //   largest may be left out.
  // c_ij + p_j has a rounding error of (2d + 24) eps (c_ij + |p_j|). To first order value_i has the
  // mean of these over pi_i and (m + 60) eps epsilon, mean_cost_i this and the mean of |c_ij -
  // mean_cost_i| times the errors over epsilon.
  backend.c_transform(pairs, number, out, out);
  // The k least of c_ij + p_j for each source, 1 <= k <= m, and their targets j: n rows of k, the
  // largest first and the others in no order. Of targets that tie for the last place any.
  backend.nearest_targets(pairs, std::size_t{}, out, indices);

  // State. In place, raw velocity -> drift dw/dt: regulariser, train, mobilities, tangent
  // projection, sign, time scale.
  backend.finish_drift(spec, w, v);
  // out = sum of the terms; out may be one of them.
  backend.linear_combination(terms, out);
  // v_b <- v_b at w less what the held particles may not do (mckean/formula/held.hpp).
  backend.project_out(held, w, v);
  // Puts the held particles where their planes meet the sphere; held.level is not empty.
  backend.place(held, v);
  // After a step of size number from w to v with the drift (third argument) there: sets to 0 the
  // amplitudes and directions that settle on a kink of the path norm (mckean/formula/settling.hpp),
  // slot = the sum of the squared distances that this moves them.
  backend.settle(spec, number, w, w, v, slot);
  // out <- 0 where both vectors are 0.
  backend.clear_resting(in, in, out);
  // b <- b/|b|, every particle (b = 0 is left).
  backend.normalize_directions(v);
  // w += sqrt(mobility) * number * N(0, 1) on the coordinates that move (tangent to the sphere
  // where constrained); Philox of (seed, noise, step, particle).
  backend.add_noise(spec, number, integer, integer, v);

  // Scalars. Sums have an order that their size alone fixes.
  // slot[i] = <x_i, y_i>, in one pass.
  backend.inner_products(products, slot);
  // slot[0] and slot[1] = |a|^2 and |b|^2 of the sum of the terms for m particles in dimension d,
  // which is not written.
  backend.squared_norms(terms, std::size_t{}, std::size_t{}, slot);
  // slot[0..3] = ParticleSums.
  backend.particle_sums(Regularizer{}, int{}, w, slot);
  // slot = 0 where all are finite, otherwise NaN.
  backend.check_finite(in, slot);
  backend.combine_scalars(scalars, slot);
  // AuditState::add on the one in `slot`.
  backend.audit_step(rules, step, audit_slots, slot);
  // out = in where the one value of the first view is not 0.
  backend.copy_if(in, in, out);
};

/// A back end that may have a faster way with samples that stay the same: arrange() gives null
/// where it has none for this activation and these samples. Signs of z are exact then, and all is
/// in double.
template <class B>
concept ArrangesSamples = Backend<B> &&
    requires(const B& backend, const PiecewiseLinear& linear,
             Samples<typename B::Real, B::space> samples, const typename B::Arrangement& arranged,
             Particles<const double, B::space> w, Particles<double, B::space> v,
             const NetworkOutput<B::space>& output, View<const double, B::space> y,
             View<double, B::space> out) {
  {
    backend.arrange(linear, samples)
    } -> std::same_as<std::unique_ptr<const typename B::Arrangement>>;
  backend.predict(arranged, linear, w, output, out);
  backend.sampled_field(arranged, linear, w, output, y, v, out);
};

}  // namespace mckean
