// The dozen operations that a back end provides. Every orchestration in host/ is a template over
// this concept.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>

#include "mckean/buffer.hpp"
#include "mckean/formula/activation.hpp"
#include "mckean/formula/ground_cost.hpp"
#include "mckean/formula/population_kernel.hpp"
#include "mckean/model.hpp"
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
};

/// Sums over particles, each in fixed order in fp64.
struct ParticleSums {
  double path = 0;          // sum |a||b|
  double path_squared = 0;  // sum (|a||b|)^2
  double regularizer = 0;   // sum r(w), of the regulariser asked for
  double radial = 0;        // sum a|b|^power, of the power asked for
};

/// Which samples step `step` of a mini-batch run takes out of the data: see batch_index in
/// mckean/batch.hpp.
struct BatchDraw {
  std::uint64_t seed = 0;
  std::uint64_t step = 0;
  bool replacement = false;
};

/// A CpuBackend<Real> or CudaBackend<Real>. Real is the precision of the field; states, velocities,
/// sums are double. All operations are bitwise reproducible for any number of threads, complete
/// when they return a value to the host, and otherwise ordered among themselves.
template <class B>
concept Backend = requires(const B& backend, Particles<const double, B::space> w,
                           Particles<double, B::space> v, View<const double, B::space> in,
                           View<double, B::space> out, HostView<const double> host_in,
                           HostView<double> host_out, Samples<typename B::Real, B::space> samples,
                           View<typename B::Real, B::space> x_out, const AnyActivation& activation,
                           const PairKernel& kernel, const FieldSpec& spec, GroundCost cost,
                           Points<B::space> points, const LinearTerms<B::space>& terms,
                           const BatchDraw& draw, HeldView<B::space> held, double number,
                           std::uint64_t integer) {
  // Memory. `copy` goes from host to B::space, back, and within it; it returns when `from` may be
  // reused.
  { backend.template allocate<double>(std::size_t{}) } -> std::same_as<Buffer<double, B::space>>;
  {
    backend.template allocate<typename B::Real>(std::size_t{})
    } -> std::same_as<Buffer<typename B::Real, B::space>>;
  backend.copy(host_in, out);
  backend.copy(in, host_out);
  backend.copy(in, out);
  // "cpu: 2 threads, avx512" or "cuda: NVIDIA H200": for `info` and summary.json.
  { backend.describe() } -> std::same_as<std::string>;

  // Sampled data: f_i = scale * sum_j a_j sigma(b_j . x_i).
  backend.predict(activation, w, number, samples, out);
  // Raw velocity v_j = (1/n) sum_i (f_i - y_i) grad_w psi(x_i; w_j), overwriting v; returns (1/n)
  // sum_i (f_i - y_i)^2.
  { backend.sampled_field(activation, w, number, samples, v) } -> std::same_as<double>;
  // out = the mini-batch that `draw` takes from `samples`: rows of x and of y; the batch size is
  // out.size().
  backend.gather_batch(draw, samples, x_out, out);

  // Population: v_j += weight * sum_l grad_w k(w_j, w'_l) for the atoms w' of (w as third
  // argument), in Real.
  backend.add_pairwise_field(kernel, w, w, number, v);
  // sum_i sum_j k(w_i, w'_j), always in double.
  { backend.pairwise_energy(kernel, w, w) } -> std::same_as<double>;
  // d = 2, relu, by sorting in O((m + M) log(m + M)), always in double: for the signed measure
  // rho = number * sum_j delta_{w_j} + number * sum_l delta_{teacher_l} writes v_j = grad_w int
  // k(w_j, .) drho and returns int int k drho drho.
  { backend.planar_field(number, w, number, w, number, v) } -> std::same_as<double>;
  // The uniform teacher on the sphere in closed form: v_j += coefficient * grad_w (a |b|^power),
  // power 1 or 2.
  backend.add_radial_field(number, int{}, w, v);

  // Transport, in double for either Real and without an n x m array. Sources x (n points of R^d),
  // targets y and potential p (m each, |p_j| < 1e300), value and mean cost (n); m and d positive.
  // With c_ij = cost(x_i, y_j) and epsilon = number,
  //   epsilon = 0: value_i = min_j c_ij + p_j, mean_cost_i = c_ij of the first such j;
  //   epsilon > 0: value_i = -epsilon log sum_j exp(-(c_ij + p_j)/epsilon), mean_cost_i = sum_j
  //   c_ij pi_ij with pi_ij = exp((value_i - c_ij - p_j)/epsilon); terms below exp(-50) of the
  //   largest may be left out.
  // c_ij + p_j has a rounding error of (2d + 24) eps (c_ij + |p_j|). To first order value_i has the
  // mean of these over pi_i and (m + 60) eps epsilon, mean_cost_i this and the mean of |c_ij -
  // mean_cost_i| times the errors over epsilon.
  backend.c_transform(cost, points, points, in, number, out, out);

  // State. In place, raw velocity -> drift dw/dt: regulariser, train, mobilities, tangent
  // projection, sign, time scale.
  backend.finish_drift(spec, w, v);
  // int |v^|^2 dpi from the drift of finish_drift.
  { backend.dissipation(spec, w) } -> std::same_as<double>;
  // out = sum of the terms; out may be one of them.
  backend.linear_combination(terms, out);
  // v_b <- v_b at w less what the held particles may not do (mckean/formula/held.hpp).
  backend.project_out(held, w, v);
  // Puts the held particles where their planes meet the sphere; held.level is not empty.
  backend.place(held, v);
  // After a step of size number from w to v with the drift (third argument) there: sets to 0 the
  // amplitudes and directions that settle on a kink of the path norm (mckean/formula/settling.hpp),
  // and returns the sum of the squared distances that this moves them.
  { backend.settle(spec, number, w, w, v) } -> std::same_as<double>;
  // out <- 0 where both vectors are 0.
  backend.clear_resting(in, in, out);
  // b <- b/|b|, every particle (b = 0 is left).
  backend.normalize_directions(v);
  // w += sqrt(mobility) * number * N(0, 1) on the coordinates that move (tangent to the sphere
  // where constrained); Philox of (seed, noise, step, particle).
  backend.add_noise(spec, number, integer, integer, v);

  // Reductions.
  { backend.dot(in, in) } -> std::same_as<double>;
  { backend.particle_sums(Regularizer{}, int{}, w) } -> std::same_as<ParticleSums>;
  { backend.all_finite(in) } -> std::same_as<bool>;
};

}  // namespace mckean
