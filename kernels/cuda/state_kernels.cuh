// State operations, one thread for each particle or each element; formulas from include/mckean.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/backend.hpp"
#include "kernels/cuda/block.cuh"
#include "mckean/formula/motion.hpp"
#include "mckean/formula/radial.hpp"
#include "mckean/particles.hpp"

namespace mckean::cuda {

/// |b|^2 and b . v of particle j, with planes of m values.
struct ParticleProducts {
  double squared = 0;
  double product = 0;
};

template <class Other>
MCKEAN_DEVICE ParticleProducts particle_products(const double* b, std::size_t m, std::size_t d,
                                                 std::size_t j, const Other& other) {
  ParticleProducts sums;
  for (std::size_t k = 0; k < d; ++k) {
    const double b_k = b[k * m + j];
    sums.squared += b_k * b_k;
    sums.product += b_k * other(k);
  }
  return sums;
}

/// out = sum of the terms, element by element.
struct CombineArgs {
  using Shared = NoShared;
  static constexpr unsigned threads = 256;
  LinearTerms<Space::device> terms;
  double* out;
  std::size_t count;

  template <class Block>
  MCKEAN_DEVICE void run(const Block& block, Shared&) const {
    const std::size_t i = std::size_t{block.x()} * block.threads() + block.thread();
    if (i < count) out[i] = terms.sum(i);
  }
};

/// v += coefficient * gradient of a |b|^power.
struct RadialArgs {
  using Shared = NoShared;
  static constexpr unsigned threads = 128;
  double coefficient;
  int power;
  const double* w;
  double* v;
  std::size_t m, d;

  template <class Block>
  MCKEAN_DEVICE void run(const Block& block, Shared&) const {
    radial_body(block, *this);
  }
};

template <class Block>
MCKEAN_DEVICE void radial_body(const Block& block, const RadialArgs& args) {
  const std::size_t j = std::size_t{block.x()} * block.threads() + block.thread();
  if (j >= args.m) return;
  const double* const b = args.w + args.m;
  const ParticleProducts sums =
      particle_products(b, args.m, args.d, j, [](std::size_t) { return 0.0; });
  const RadialGradient gradient = radial_gradient(args.power, args.w[j], std::sqrt(sums.squared));
  args.v[j] += args.coefficient * gradient.a;
  const double factor = args.coefficient * gradient.b_factor;
  for (std::size_t k = 0; k < args.d; ++k)
    args.v[(1 + k) * args.m + j] += factor * b[k * args.m + j];
}

/// Raw velocity to drift, in place.
struct DriftArgs {
  using Shared = NoShared;
  static constexpr unsigned threads = 128;
  Motion motion;
  const double* w;
  double* v;
  std::size_t m, d;

  template <class Block>
  MCKEAN_DEVICE void run(const Block& block, Shared&) const {
    drift_body(block, *this);
  }
};

template <class Block>
MCKEAN_DEVICE void drift_body(const Block& block, const DriftArgs& args) {
  const std::size_t j = std::size_t{block.x()} * block.threads() + block.thread();
  if (j >= args.m) return;
  const double* const b = args.w + args.m;
  double* const v = args.v + args.m;
  const ParticleProducts sums =
      particle_products(b, args.m, args.d, j, [&](std::size_t k) { return v[k * args.m + j]; });
  const double a = args.w[j];
  args.v[j] = args.motion.drift_a(a, sums.squared, args.v[j]);
  const double shift = args.motion.shift(a, sums.squared, sums.product);
  double stretch = 1;
  if (args.motion.stretches()) {
    double squared_v = 0;
    for (std::size_t k = 0; k < args.d; ++k) squared_v += v[k * args.m + j] * v[k * args.m + j];
    stretch = args.motion.stretch(a, sums.squared, squared_v);
  }
  for (std::size_t k = 0; k < args.d; ++k) {
    v[k * args.m + j] = args.motion.drift_b(shift, stretch, b[k * args.m + j], v[k * args.m + j]);
  }
}

/// v_b <- v_b less what held particles may not do; a thread for each of them.
struct ProjectArgs {
  using Shared = NoShared;
  static constexpr unsigned threads = 128;
  HeldView<Space::device> held;
  const double* w;
  double* v;
  std::size_t m, d;

  template <class Block>
  MCKEAN_DEVICE void run(const Block& block, Shared&) const {
    const std::size_t i = std::size_t{block.x()} * block.threads() + block.thread();
    if (i >= held.particle.size()) return;
    const std::size_t b = m + held.particle.data()[i];
    held.at(i, m, d).take_out(w + b, v + b);
  }
};

/// Puts held particles where their planes meet the sphere; a thread for each of them.
struct PlaceArgs {
  using Shared = NoShared;
  static constexpr unsigned threads = 128;
  HeldView<Space::device> held;
  double* w;
  std::size_t m, d;

  template <class Block>
  MCKEAN_DEVICE void run(const Block& block, Shared&) const {
    const std::size_t i = std::size_t{block.x()} * block.threads() + block.thread();
    if (i < held.particle.size()) held.at(i, m, d).place(w + m + held.particle.data()[i]);
  }
};

/// v <- 0 where both w and its drift are 0.
struct ClearArgs {
  using Shared = NoShared;
  static constexpr unsigned threads = 256;
  const double* w;
  const double* drift;
  double* v;
  std::size_t count;

  template <class Block>
  MCKEAN_DEVICE void run(const Block& block, Shared&) const {
    const std::size_t i = std::size_t{block.x()} * block.threads() + block.thread();
    if (i < count && w[i] == 0 && drift[i] == 0) v[i] = 0;
  }
};

/// b <- b/|b|.
struct NormalizeArgs {
  using Shared = NoShared;
  static constexpr unsigned threads = 128;
  double* w;
  std::size_t m, d;

  template <class Block>
  MCKEAN_DEVICE void run(const Block& block, Shared&) const {
    normalize_body(block, *this);
  }
};

template <class Block>
MCKEAN_DEVICE void normalize_body(const Block& block, const NormalizeArgs& args) {
  const std::size_t j = std::size_t{block.x()} * block.threads() + block.thread();
  if (j >= args.m) return;
  double* const b = args.w + args.m;
  const ParticleProducts sums =
      particle_products(b, args.m, args.d, j, [](std::size_t) { return 0.0; });
  const double divisor = normalizing_divisor(sums.squared);
  for (std::size_t k = 0; k < args.d; ++k) b[k * args.m + j] /= divisor;
}

/// w += scale * N(0, 1) on a and on b, the latter tangent to the sphere where that is asked for.
struct NoiseArgs {
  using Shared = NoShared;
  static constexpr unsigned threads = 128;
  double scale_a, scale_b;
  bool sphere;
  std::uint64_t seed, step, first;  // particle j is number first + j of all
  double* w;
  std::size_t m, d;

  template <class Block>
  MCKEAN_DEVICE void run(const Block& block, Shared&) const {
    noise_body(block, *this);
  }
};

/// Component c of the noise of a particle: 0 drives a, 1 + k drives b_k.
MCKEAN_DEVICE double noise_component(const NoiseArgs& args, std::size_t j, std::size_t c) {
  const RandomPair pair = noise_pair(args.seed, args.step, args.first + j, c / 2);
  return c % 2 == 0 ? pair.first : pair.second;
}

template <class Block>
MCKEAN_DEVICE void noise_body(const Block& block, const NoiseArgs& args) {
  const std::size_t j = std::size_t{block.x()} * block.threads() + block.thread();
  if (j >= args.m) return;
  if (args.scale_a != 0) args.w[j] += args.scale_a * noise_component(args, j, 0);
  if (args.scale_b == 0) return;
  double* const b = args.w + args.m;
  double shift = 0;
  if (args.sphere) {
    const ParticleProducts sums = particle_products(
        b, args.m, args.d, j, [&](std::size_t k) { return noise_component(args, j, 1 + k); });
    shift = tangent_shift(sums.squared, sums.product);
  }
  for (std::size_t k = 0; k < args.d; ++k) {
    double& b_k = b[k * args.m + j];
    b_k += args.scale_b * (noise_component(args, j, 1 + k) + shift * b_k);
  }
}

}  // namespace mckean::cuda
