// The run of the sampled field over chunks of samples, slabs of particles and threads. The pieces
// and the order of all sums depend on the sizes alone, so any number of threads gives the same
// bits.
#include "kernels/cpu/sampled_field_run.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "kernels/cpu/pieces.hpp"
#include "kernels/cpu/scratch.hpp"
#include "kernels/cpu/sum_panels.hpp"
#include "kernels/cpu/tiles.hpp"
#include "kernels/divide_up.hpp"

namespace mckean::cpu {
namespace {

/// Memory for signs that a thread keeps from call to call, since fresh pages cost as much as some
/// of the work; no more than about sign_bytes.
std::uint64_t* sign_memory(std::size_t words) {
  static thread_local std::unique_ptr<Scratch<std::uint64_t>> memory;
  static thread_local std::size_t size = 0;
  if (words > size) {
    memory.reset();
    size = 0;
    memory = std::make_unique<Scratch<std::uint64_t>>(words);
    size = words;
  }
  return words > 0 ? memory->data() : nullptr;
}

/// No more threads than there is work for: another one costs some microseconds, or milliseconds
/// where the processors are shared.
int enough_threads(int threads, std::size_t m, std::size_t n, std::size_t d) {
  const double products =
      static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(d + 4);
  return static_cast<int>(std::clamp(products / 524288, 1.0, static_cast<double>(threads)));
}

/// Equal parts of the samples of a chunk.
struct SampleCut {
  std::size_t parts, samples;  // samples of a part, but for the last

  SampleCut(std::size_t chunk, std::size_t wanted)
      : parts(std::min(std::max<std::size_t>(wanted, 1), chunk / word_rows)),
        samples(round_up(divide_up(chunk, parts), word_rows)) {}
};

/// How the pairs are cut, m being the particles here and `total` those of all ranks, which take the
/// same chunks: tiles of particles, slabs of whole tiles with sums of their own, chunks
/// of samples between two passes, and parts of a chunk where there are few tiles.
struct Plan {
  std::size_t tile, tiles, slabs, chunk;
  std::size_t panels;  // of components, in the backward pass
  SampleCut forward, backward;

  template <class Real>
  Plan(const SampledLoops<Real>& loops, std::size_t m, const Samples<Real, Space::host>& samples,
       std::size_t total, const SampledLimits& limits)
      : Plan(loops, m, samples.d, tile_of(loops, m, samples.d, limits),
             chunk_of(loops, samples, total, limits), limits) {}
  std::size_t first_tile(std::size_t slab) const { return slab * tiles / slabs; }

 private:
  template <class Real>
  Plan(const SampledLoops<Real>& loops, std::size_t m, std::size_t d, std::size_t tile_particles,
       std::size_t chunk_samples, const SampledLimits& limits)
      : tile(tile_particles),
        tiles(divide_up(m, tile)),
        slabs(std::min(tiles, limits.most_slabs)),
        chunk(chunk_samples),
        panels(loops.panels == nullptr ? 1 : loops.panels(loops.activation, d)),
        forward(chunk, divide_up(limits.enough_pieces, slabs)),
        backward(chunk, divide_up(limits.enough_pieces, slabs * panels)) {}

  template <class Real>
  static std::size_t chunk_of(const SampledLoops<Real>& loops,
                              const Samples<Real, Space::host>& samples, std::size_t total,
                              const SampledLimits& limits) {
    const std::size_t tile = tile_of(loops, total, samples.d, limits);
    const std::size_t tiles = divide_up(total, tile);
    const std::size_t chunk = std::min({8 * limits.sign_bytes / (tiles * tile),
                                        limits.most_sums / std::min(tiles, limits.most_slabs),
                                        limits.row_bytes / (sizeof(Real) * (1 + samples.d))});
    return std::min(std::max(chunk, 2 * word_rows) / word_rows * word_rows,
                    round_up(samples.n, word_rows));
  }
  template <class Real>
  static std::size_t tile_of(const SampledLoops<Real>& loops, std::size_t m, std::size_t d,
                             const SampledLimits& limits) {
    const std::size_t fitting = limits.cache_bytes / (sizeof(Real) * (1 + d)) / loops.block;
    const std::size_t tile =
        loops.keeps_signs
            ? std::clamp(m / limits.enough_pieces, limits.least_tile, limits.most_tile)
            : loops.block * std::clamp<std::size_t>(fitting, 4, 16);
    return round_up(std::min(tile, m), loops.block);
  }
};

template <class Real>
class Run {
 public:
  Run(const SampledLoops<Real>& loops, int threads, const SampledProblem<Real>& problem,
      bool with_signs, const SampledLimits& limits)
      : loops_(loops),
        threads_(enough_threads(threads, problem.w.m, problem.samples.n, problem.w.d)),
        w_(problem.w),
        samples_(problem.samples),
        plan_(loops, w_.m, samples_, w_.ensemble.total, limits),
        scratch_bytes_(round_up(loops.scratch_bytes(w_.d, plan_.tile), 64)),
        tile_words_(with_signs ? plan_.chunk / word_rows * plan_.tile : 0),
        scratch_(scratch_bytes_ * static_cast<std::size_t>(threads_)),
        sums_(plan_.slabs * plan_.chunk),
        lanes_(loops.keeps_signs ? plan_.chunk * w_.d : 0),
        signs_(sign_memory(tile_words_ * plan_.tiles)) {}

  const SampledLoops<Real>& loops() const { return loops_; }
  const Plan& plan() const { return plan_; }
  int threads() const { return threads_; }

  /// The pieces' sums for the samples of the chunk that begins at `first`.
  void forward(std::size_t first) {
    if (loops_.keeps_signs) put_in_lanes(first);
    const SampleCut& cut = plan_.forward;
    for_each_piece(plan_.slabs * cut.parts, threads_,
                   [&](std::size_t piece, std::size_t thread, EarlyEnd& early) {
                     const std::size_t slab = piece / cut.parts;
                     const std::size_t q = piece % cut.parts;
                     double* sum = sums_.data() + slab * plan_.chunk + q * cut.samples;
                     std::fill_n(sum, sample_count(cut, first, q), 0.0);
                     for (std::size_t t = plan_.first_tile(slab); t < plan_.first_tile(slab + 1);
                          ++t) {
                       if (early.asked()) return;
                       const SampledTile<Real> tile = make_tile(t, cut, first, q, thread);
                       if (tile.samples > 0) loops_.forward(loops_.activation, tile, sum);
                     }
                   });
  }
  /// f = forward() over all ranks, by its samples `first` and later of a chunk.
  void predict(std::size_t first, const NetworkOutput<Space::host>& output, double* f) {
    forward(first);
    const std::size_t count = std::min(plan_.chunk, samples_.n - first);
    for_each_part(first, [&](std::size_t begin, std::size_t samples, std::size_t) {
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
  /// use(first sample of the part, samples in it, part) for the parts of a chunk in the forward
  /// pass.
  template <class Use>
  void for_each_part(std::size_t first, const Use& use) const {
    for_each_piece(plan_.forward.parts, threads_, [&](std::size_t q, std::size_t, EarlyEnd&) {
      use(first + q * plan_.forward.samples, sample_count(plan_.forward, first, q), q);
    });
  }
  std::size_t sample_count(const SampleCut& cut, std::size_t first, std::size_t q) const {
    const std::size_t begin = std::min(q * cut.samples, plan_.chunk);
    const std::size_t end = std::min(begin + cut.samples, plan_.chunk);
    return std::min(first + end, samples_.n) - std::min(first + begin, samples_.n);
  }
  /// Tile t and part q of the chunk that begins at `first`.
  SampledTile<Real> make_tile(std::size_t t, const SampleCut& cut, std::size_t first, std::size_t q,
                              std::size_t thread) const {
    SampledTile<Real> tile = make_tile(t);
    tile.x = samples_.x.data() + (first + q * cut.samples) * w_.d;
    if (loops_.keeps_signs) tile.lanes_x = lanes_.data() + q * cut.samples * w_.d;
    tile.samples = sample_count(cut, first, q);
    tile.sign_stride = plan_.tile;
    if (tile_words_ > 0) {
      tile.signs = signs_ + t * tile_words_ + q * cut.samples / word_rows * tile.sign_stride;
    }
    tile.scratch = scratch_.data() + thread * scratch_bytes_;
    return tile;
  }
  /// The particles of tile t alone.
  SampledTile<Real> make_tile(std::size_t t) const {
    SampledTile<Real> tile;
    tile.w = w_.values.data();
    tile.m = w_.m;
    tile.d = w_.d;
    tile.begin = t * plan_.tile;
    tile.end = std::min(tile.begin + plan_.tile, w_.m);
    tile.factor = 1 / static_cast<double>(samples_.n);
    return tile;
  }

 private:
  void put_in_lanes(std::size_t first) {
    const std::size_t d = w_.d;
    for_each_part(first, [&](std::size_t begin, std::size_t count, std::size_t) {
      for (std::size_t s = 0; s < count; s += word_rows) {
        const Real* x = samples_.x.data() + (begin + s) * d;
        Real* to = lanes_.data() + (begin - first + s) * d;
        const std::size_t rows = std::min(word_rows, count - s);
        for (std::size_t k = 0; k < d; ++k, to += word_rows) {
          for (std::size_t r = 0; r < rows; ++r) to[r] = x[r * d + k];
          std::fill(to + rows, to + word_rows, Real(0));
        }
      }
    });
  }

  const SampledLoops<Real> loops_;
  const int threads_;
  const Particles<const double, Space::host> w_;
  const Samples<Real, Space::host> samples_;
  const Plan plan_;
  const std::size_t scratch_bytes_;  // a thread
  const std::size_t tile_words_;     // of signs
  Scratch<unsigned char> scratch_;
  Scratch<double> sums_;  // slabs of particles x samples of a chunk
  Scratch<Real> lanes_;   // samples of a chunk x d, as SampledTile::lanes_x
  std::uint64_t* const signs_;
};

/// The errors of a chunk, and what the backward pass wants of them.
template <class Real>
struct Errors {
  Scratch<double> error;        // samples of a chunk
  Scratch<Real> weighted;       // samples of a chunk x (1 + d)
  std::vector<double> sums;     // parts of a chunk x (1 + d)
  std::vector<double> squares;  // parts of a chunk
  std::vector<double> total;    // 1 + d: `sums` over all chunks

  Errors(const Plan& plan, std::size_t d, bool with_products)
      : error(plan.chunk),
        weighted(with_products ? plan.chunk * (1 + d) + SumPanel<Real>::widest : 0),
        sums(plan.forward.parts * (1 + d)),
        squares(plan.forward.parts),
        total(1 + d) {}
};

/// From predictions in out.error to errors.
template <class Real>
void take_errors(const Run<Real>& run, const Samples<Real, Space::host>& samples, std::size_t first,
                 bool with_products, Errors<Real>& out) {
  const std::size_t d = samples.d;
  run.for_each_part(first, [&](std::size_t begin, std::size_t count, std::size_t q) {
    double* error = out.error.data() + (begin - first);
    for (std::size_t i = 0; i < count; ++i) error[i] -= samples.y.data()[begin + i];
    out.squares[q] = sum_terms(0, count, [error](std::size_t i) { return error[i] * error[i]; });
    if (!with_products) return;
    double* sums = out.sums.data() + q * (1 + d);
    std::fill_n(sums, 1 + d, 0.0);
    for (std::size_t i = 0; i < count; ++i) {
      const Real* x = samples.x.data() + (begin + i) * d;
      Real* row = out.weighted.data() + (begin - first + i) * (1 + d);
      for (std::size_t k = 0; k <= d; ++k) {
        const double product = error[i] * (k > 0 ? static_cast<double>(x[k - 1]) : 1.0);
        row[k] = static_cast<Real>(product);
        sums[k] += product;
      }
    }
  });
  for (std::size_t i = 0; i < out.sums.size(); ++i) out.total[i % (1 + d)] += out.sums[i];
}

/// Adds what the samples of the chunk that begins at `first` do to the velocities `v`, where each
/// part of it has planes of its own.
template <class Real>
void go_backward(const Run<Real>& run, std::size_t first, const Errors<Real>& errors, double* v) {
  const Plan& plan = run.plan();
  const SampleCut& cut = plan.backward;
  for_each_piece(plan.tiles * cut.parts * plan.panels, run.threads(),
                 [&](std::size_t piece, std::size_t thread, EarlyEnd&) {
                   const std::size_t q = piece / plan.panels % cut.parts;
                   SampledTile<Real> tile =
                       run.make_tile(piece / plan.panels / cut.parts, cut, first, q, thread);
                   const std::size_t planes = 1 + tile.d;
                   if (tile.samples == 0) return;
                   tile.panel = piece % plan.panels;
                   tile.error = errors.error.data() + q * cut.samples;
                   tile.weighted = errors.weighted.data() + q * cut.samples * planes;
                   run.loops().backward(run.loops().activation, tile,
                                        v + q * planes * tile.m + tile.begin, tile.m);
                 });
}

}  // namespace

template <class Real>
void run_predict(const SampledLoops<Real>& loops, int threads, const SampledProblem<Real>& problem,
                 double* f, const SampledLimits& limits) {
  const Samples<Real, Space::host>& samples = problem.samples;
  if (samples.n == 0) return;
  Run<Real> run(loops, threads, problem, false, limits);
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
  const std::size_t size = (1 + w.d) * m;
  Run<Real> run(loops, threads, problem, loops.keeps_signs, limits);
  const Plan& plan = run.plan();
  Errors<Real> errors(plan, w.d, loops.keeps_signs);
  // Where chunks are cut into parts, each has velocities of its own.
  const std::size_t parts = plan.backward.parts;
  Scratch<double> own(parts > 1 ? parts * size : 0);
  double* const out = parts > 1 ? own.data() : v;
  for_each_tile(parts * size, element_tile, run.threads(), [&](std::size_t begin, std::size_t end) {
    std::fill(out + begin, out + end, 0.0);
  });

  double squares = 0;
  for (std::size_t first = 0; first < samples.n; first += plan.chunk) {
    run.predict(first, problem.output, errors.error.data());
    take_errors(run, samples, first, loops.keeps_signs, errors);
    for (const double s : errors.squares) squares += s;
    go_backward(run, first, errors, out);
  }
  if (parts > 1) {
    for_each_tile(size, element_tile, run.threads(), [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        double sum = 0;
        for (std::size_t q = 0; q < parts; ++q) sum += out[q * size + i];
        v[i] = sum;
      }
    });
  }
  if (loops.finish != nullptr) {
    for_each_tile(plan.tiles, 1, run.threads(), [&](std::size_t t, std::size_t) {
      SampledTile<Real> tile = run.make_tile(t);
      tile.weighted_sum = errors.total.data();
      loops.finish(loops.activation, tile, v + tile.begin, m);
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
