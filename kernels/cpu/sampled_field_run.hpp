// What the loops over a tile of particles are given, and the run over all tiles that calls them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "mckean/communicator.hpp"
#include "mckean/particles.hpp"

namespace mckean::cpu {

/// Samples after which the loops of smooth activations add sums in Real to sums in fp64.
constexpr std::size_t sum_samples = 256;

/// Some particles and some samples: one piece of work.
template <class Real>
struct SampledTile {
  const double* w = nullptr;  // planes of m values
  std::size_t m = 0;
  std::size_t d = 0;
  std::size_t begin = 0;  // particles begin..end-1
  std::size_t end = 0;
  const Real* x = nullptr;        // samples x d, row-major
  const Real* lanes_x = nullptr;  // the same, d rows of word_rows samples after one another
  std::size_t samples = 0;
  std::uint64_t* signs = nullptr;  // bit s % 64 of word j of row s / 64; null where not wanted
  std::size_t sign_stride = 0;     // of these rows

  // Read by `backward` and `finish` only.
  std::size_t panel = 0;                 // of components
  const double* error = nullptr;         // f_i - y_i
  const Real* weighted = nullptr;        // samples x (1 + d): error_i, error_i x_i
  const double* weighted_sum = nullptr;  // 1 + d: sum over all samples of that
  double factor = 1;                     // of the result

  void* scratch = nullptr;  // aligned to 64 bytes
};

/// The loops for one activation under one set of compiler flags.
template <class Real>
struct SampledLoops {
  const void* activation = nullptr;
  std::size_t block = 0;  // particles that a tile holds a multiple of
  /// Whether the forward pass leaves a bit a pair for the backward pass. If so it reads lanes_x,
  /// and the backward pass `weighted`, where 128 bytes may be read past the last value.
  bool keeps_signs = false;
  std::size_t (*scratch_bytes)(std::size_t d, std::size_t tile) = nullptr;
  /// f[i] += sum over the tile of a_j sigma(b_j . x_i).
  void (*forward)(const void* activation, const SampledTile<Real>&, double* f) = nullptr;
  /// Panels of components that a backward pass is cut into; null: one.
  std::size_t (*panels)(const void* activation, std::size_t d) = nullptr;
  /// v += factor sum_i error_i grad psi(x_i; w_j), v planes `stride` apart, from particle `begin`;
  /// with `finish`, sums that it makes this of at the end.
  void (*backward)(const void* activation, const SampledTile<Real>&, double* v,
                   std::size_t stride) = nullptr;
  void (*finish)(const void* activation, const SampledTile<Real>&, double* v,
                 std::size_t stride) = nullptr;
};

/// What bounds the pieces, and with them the memory of a run.
struct SampledLimits {
  std::size_t cache_bytes = 32 * 1024;              // of a tile, in the nearest cache
  std::size_t least_tile = 512;                     // particles, where signs are kept
  std::size_t most_tile = 4096;                     // likewise
  std::size_t sign_bytes = std::size_t{256} << 20;  // kept between the two passes
  std::size_t row_bytes = std::size_t{32} << 20;    // of a chunk's rows error_i x_i
  std::size_t most_slabs = 256;                     // of particles
  std::size_t most_sums = std::size_t{1} << 21;     // slabs of particles x samples of a chunk
  std::size_t enough_pieces = 64;                   // to keep the threads busy
};

/// A network and the samples that it is evaluated at.
template <class Real>
struct SampledProblem {
  Particles<const double, Space::host> w;
  NetworkOutput<Space::host> output;
  Samples<Real, Space::host> samples;
};

template <class Real>
void run_predict(const SampledLoops<Real>&, int threads, const SampledProblem<Real>&, double* f,
                 const SampledLimits& = {});
/// Returns the mean square error.
template <class Real>
double run_sampled_field(const SampledLoops<Real>&, int threads, const SampledProblem<Real>&,
                         double* v, const SampledLimits& = {});

}  // namespace mckean::cpu
