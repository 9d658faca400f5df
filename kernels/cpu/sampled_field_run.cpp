// The run of the sampled field over chunks of samples, slabs of particles and threads. The pieces
// and the order of all sums depend on the sizes alone, so any number of threads gives the same
// bits.
#include "kernels/cpu/sampled_field_run.hpp"

#include <omp.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

#include "kernels/cpu/tiles.hpp"
#include "kernels/divide_up.hpp"

namespace mckean::cpu {
namespace {

constexpr std::size_t sample_step = 64;  // slabs of samples are multiples of this

std::size_t round_up(std::size_t a, std::size_t b) { return divide_up(a, b) * b; }

/// Uninitialised memory, aligned to 64 bytes.
template <class T>
class Scratch {
 public:
  explicit Scratch(std::size_t count)
      : data_(static_cast<T*>(::operator new (count * sizeof(T) + 1, std::align_val_t{64}))) {}
  ~Scratch() { ::operator delete (data_, std::align_val_t{64}); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  T* data() const { return data_; }

 private:
  T* data_;
};

/// Memory for signs that a thread keeps from call to call, since fresh pages cost as much as some
/// of the work; no more than about sign_bytes.
unsigned char* sign_memory(std::size_t bytes) {
  static thread_local std::unique_ptr<Scratch<unsigned char>> memory;
  static thread_local std::size_t size = 0;
  if (bytes > size) {
    memory.reset();
    size = 0;
    memory = std::make_unique<Scratch<unsigned char>>(bytes);
    size = bytes;
  }
  return bytes > 0 ? memory->data() : nullptr;
}

/// No more threads than there is work for: another one costs some microseconds, or milliseconds
/// where the processors are shared.
int enough_threads(int threads, std::size_t m, std::size_t n, std::size_t d) {
  const double products =
      static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(d + 4);
  return static_cast<int>(std::clamp(products / 524288, 1.0, static_cast<double>(threads)));
}

/// body(piece, thread, early) for every piece.
template <class Body>
void for_each_piece(std::size_t count, int threads, const Body& body) {
  EarlyEnd early;
#pragma omp parallel num_threads(threads) if (count > 1)
  {
    const auto thread = static_cast<std::size_t>(omp_get_thread_num());
#pragma omp for schedule(dynamic, 1)
    for (std::int64_t piece = 0; piece < static_cast<std::int64_t>(count); ++piece) {
      if (!early.asked()) body(static_cast<std::size_t>(piece), thread, early);
    }
  }
  early.check();
}

/// How the pairs are cut, m being the particles here and `total` those of all ranks, which take the
/// same chunks: tiles of particles, slabs of whole tiles with sums of their own, chunks
/// of samples between two passes, and slabs of samples where there are few tiles.
struct Plan {
  std::size_t tile, tiles, slabs, chunk, sample_slabs, slab_samples;

  template <class Real>
  Plan(const SampledLoops<Real>& loops, std::size_t m, const Samples<Real, Space::host>& samples,
       std::size_t total, const SampledLimits& limits) {
    const std::size_t d = samples.d;
    cut_particles(loops, total, d, limits);
    const std::size_t bits = std::max<std::size_t>(loops.sign_bits, 1) * tiles * tile;
    chunk = std::min({8 * limits.sign_bytes / bits, limits.most_sums / slabs,
                      limits.row_bytes / (sizeof(Real) * (1 + d))});
    chunk = std::max(chunk, 2 * sample_step);
    chunk = std::min(chunk / sample_step * sample_step, round_up(samples.n, sample_step));
    cut_particles(loops, m, d, limits);
    sample_slabs = std::min(divide_up(limits.enough_pieces, slabs), chunk / sample_step);
    slab_samples = round_up(divide_up(chunk, sample_slabs), sample_step);
  }
  std::size_t first_tile(std::size_t slab) const { return slab * tiles / slabs; }

 private:
  template <class Real>
  void cut_particles(const SampledLoops<Real>& loops, std::size_t m, std::size_t d,
                     const SampledLimits& limits) {
    const std::size_t fitting = limits.cache_bytes / (sizeof(Real) * (1 + d)) / loops.block;
    tile = loops.block * std::clamp<std::size_t>(fitting, 4, 16);
    tile = std::min(tile, round_up(m, loops.block));
    tiles = divide_up(m, tile);
    slabs = std::min(tiles, limits.most_slabs);
  }
};

template <class Real>
class Run {
 public:
  Run(const SampledLoops<Real>& loops, int threads, Particles<const double, Space::host> w,
      const Samples<Real, Space::host>& samples, bool with_signs, const SampledLimits& limits)
      : loops_(loops),
        threads_(enough_threads(threads, w.m, samples.n, w.d)),
        w_(w),
        samples_(samples),
        plan_(loops, w.m, samples, w.ensemble.total, limits),
        scratch_bytes_(round_up(loops.scratch_bytes(w.d, plan_.tile), 64)),
        piece_sign_bytes_(with_signs ? plan_.slab_samples * plan_.tile * loops.sign_bits / 8 : 0),
        scratch_(scratch_bytes_ * static_cast<std::size_t>(threads_)),
        sums_(plan_.slabs * plan_.chunk),
        signs_(sign_memory(piece_sign_bytes_ * plan_.tiles * plan_.sample_slabs)) {}

  const Plan& plan() const { return plan_; }
  int threads() const { return threads_; }

  /// The pieces' sums for the samples of the chunk that begins at `first`.
  void forward(std::size_t first) {
    for_each_piece(plan_.slabs * plan_.sample_slabs, threads_,
                   [&](std::size_t piece, std::size_t thread, EarlyEnd& early) {
                     const std::size_t slab = piece / plan_.sample_slabs;
                     const std::size_t q = piece % plan_.sample_slabs;
                     double* sum = sums_.data() + slab * plan_.chunk + q * plan_.slab_samples;
                     std::fill_n(sum, sample_count(first, q), 0.0);
                     for (std::size_t t = plan_.first_tile(slab); t < plan_.first_tile(slab + 1);
                          ++t) {
                       if (early.asked()) return;
                       const SampledTile<Real> tile = make_tile(t, first, q, thread);
                       if (tile.samples > 0) loops_.forward(loops_.activation, tile, sum);
                     }
                   });
  }
  /// f = forward() over all ranks, by its samples `first` and later of a chunk.
  void predict(std::size_t first, const NetworkOutput<Space::host>& output, double* f) {
    forward(first);
    const std::size_t count = std::min(plan_.chunk, samples_.n - first);
    for_each_slab(first, [&](std::size_t begin, std::size_t samples, std::size_t) {
      for (std::size_t i = begin - first; i < begin - first + samples; ++i) {
        double sum = 0;
        for (std::size_t slab = 0; slab < plan_.slabs; ++slab) {
          sum += sums_.data()[slab * plan_.chunk + i];
        }
        f[i] = output.ranks == nullptr ? output.scale * sum : sum;
      }
    });
    if (output.ranks == nullptr) return;
    output.ranks->add({f, count});
    for (std::size_t i = 0; i < count; ++i) f[i] *= output.scale;
  }
  /// use(first sample of the slab, samples in it, slab) for the slabs of a chunk.
  template <class Use>
  void for_each_slab(std::size_t first, const Use& use) const {
    for_each_piece(plan_.sample_slabs, threads_, [&](std::size_t q, std::size_t, EarlyEnd&) {
      use(first + q * plan_.slab_samples, sample_count(first, q), q);
    });
  }
  std::size_t sample_count(std::size_t first, std::size_t q) const {
    const std::size_t begin = std::min(q * plan_.slab_samples, plan_.chunk);
    const std::size_t end = std::min(begin + plan_.slab_samples, plan_.chunk);
    return std::min(first + end, samples_.n) - std::min(first + begin, samples_.n);
  }
  SampledTile<Real> make_tile(std::size_t t, std::size_t first, std::size_t q,
                              std::size_t thread) const {
    SampledTile<Real> tile;
    tile.w = w_.values.data();
    tile.m = w_.m;
    tile.d = w_.d;
    tile.begin = t * plan_.tile;
    tile.end = std::min(tile.begin + plan_.tile, w_.m);
    tile.x = samples_.x.data() + (first + q * plan_.slab_samples) * w_.d;
    tile.samples = sample_count(first, q);
    if (piece_sign_bytes_ > 0) {
      tile.signs = signs_ + (t * plan_.sample_slabs + q) * piece_sign_bytes_;
    }
    tile.scratch = scratch_.data() + thread * scratch_bytes_;
    return tile;
  }

 private:
  const SampledLoops<Real> loops_;
  const int threads_;
  const Particles<const double, Space::host> w_;
  const Samples<Real, Space::host> samples_;
  const Plan plan_;
  const std::size_t scratch_bytes_;     // a thread
  const std::size_t piece_sign_bytes_;  // a tile and a slab of samples
  Scratch<unsigned char> scratch_;
  Scratch<double> sums_;  // slabs of particles x samples of a chunk
  unsigned char* const signs_;
};

/// The errors of a chunk, and what the backward pass wants of them.
template <class Real>
struct Errors {
  Scratch<double> error;        // samples of a chunk
  Scratch<Real> weighted;       // samples of a chunk x (d + 1)
  std::vector<double> sums;     // slabs of samples x (d + 1)
  std::vector<double> squares;  // slabs of samples

  Errors(const Plan& plan, std::size_t d, bool with_products)
      : error(plan.chunk),
        weighted(with_products ? plan.chunk * (d + 1) : 0),
        sums(plan.sample_slabs * (d + 1)),
        squares(plan.sample_slabs) {}
};

/// From predictions in out.error to errors.
template <class Real>
void take_errors(const Run<Real>& run, const Samples<Real, Space::host>& samples, std::size_t first,
                 bool with_products, Errors<Real>& out) {
  const std::size_t d = samples.d;
  run.for_each_slab(first, [&](std::size_t begin, std::size_t count, std::size_t q) {
    double* error = out.error.data() + (begin - first);
    for (std::size_t i = 0; i < count; ++i) error[i] -= samples.y.data()[begin + i];
    out.squares[q] = sum_terms(0, count, [error](std::size_t i) { return error[i] * error[i]; });
    if (!with_products) return;
    double* sums = out.sums.data() + q * (d + 1);
    std::fill_n(sums, d + 1, 0.0);
    for (std::size_t i = 0; i < count; ++i) {
      const Real* x = samples.x.data() + (begin + i) * d;
      Real* row = out.weighted.data() + (begin - first + i) * (d + 1);
      for (std::size_t k = 0; k <= d; ++k) {
        const double product = error[i] * (k < d ? static_cast<double>(x[k]) : 1.0);
        row[k] = static_cast<Real>(product);
        sums[k] += product;
      }
    }
  });
}

}  // namespace

template <class Real>
void run_predict(const SampledLoops<Real>& loops, int threads, const SampledProblem<Real>& problem,
                 double* f, const SampledLimits& limits) {
  const Samples<Real, Space::host>& samples = problem.samples;
  if (samples.n == 0) return;
  Run<Real> run(loops, threads, problem.w, samples, false, limits);
  for (std::size_t first = 0; first < samples.n; first += run.plan().chunk) {
    run.predict(first, problem.output, f + first);
  }
}

template <class Real>
double run_sampled_field(const SampledLoops<Real>& loops, int threads,
                         const SampledProblem<Real>& problem, double* v,
                         const SampledLimits& limits) {
  const Particles<const double, Space::host>& w = problem.w;
  const Samples<Real, Space::host>& samples = problem.samples;
  const std::size_t m = w.m;
  const std::size_t planes = 1 + w.d;
  const bool with_signs = loops.sign_bits > 0;
  Run<Real> run(loops, threads, w, samples, with_signs, limits);
  const Plan& plan = run.plan();
  Errors<Real> errors(plan, w.d, with_signs);
  // Where samples are cut into slabs, each has velocities of its own.
  Scratch<double> parts(plan.sample_slabs > 1 ? plan.sample_slabs * planes * m : 0);
  double* const out = plan.sample_slabs > 1 ? parts.data() : v;

  double squares = 0;
  for (std::size_t first = 0; first < samples.n; first += plan.chunk) {
    run.predict(first, problem.output, errors.error.data());
    take_errors(run, samples, first, with_signs, errors);
    for (const double s : errors.squares) squares += s;
    for_each_piece(plan.tiles * plan.sample_slabs, run.threads(),
                   [&](std::size_t piece, std::size_t thread, EarlyEnd&) {
                     const std::size_t q = piece % plan.sample_slabs;
                     SampledTile<Real> tile =
                         run.make_tile(piece / plan.sample_slabs, first, q, thread);
                     double* to = out + q * planes * m + tile.begin;
                     for (std::size_t plane = 0; plane < planes && first == 0; ++plane) {
                       std::fill_n(to + plane * m, tile.end - tile.begin, 0.0);
                     }
                     if (tile.samples == 0) return;
                     tile.error = errors.error.data() + q * plan.slab_samples;
                     tile.weighted = errors.weighted.data() + q * plan.slab_samples * planes;
                     tile.weighted_sum = errors.sums.data() + q * planes;
                     tile.factor = 1 / static_cast<double>(samples.n);
                     loops.backward(loops.activation, tile, to, m);
                   });
  }
  if (plan.sample_slabs > 1) {
    for_each_tile(planes * m, element_tile, run.threads(), [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        double sum = 0;
        for (std::size_t q = 0; q < plan.sample_slabs; ++q) sum += out[q * planes * m + i];
        v[i] = sum;
      }
    });
  }
  return squares / static_cast<double>(samples.n);
}

#define MCKEAN_INSTANTIATE(Real)                                                                  \
  template void run_predict(const SampledLoops<Real>&, int, const SampledProblem<Real>&, double*, \
                            const SampledLimits&);                                                \
  template double run_sampled_field(const SampledLoops<Real>&, int, const SampledProblem<Real>&,  \
                                    double*, const SampledLimits&);
MCKEAN_INSTANTIATE(float)
MCKEAN_INSTANTIATE(double)
#undef MCKEAN_INSTANTIATE

}  // namespace mckean::cpu
