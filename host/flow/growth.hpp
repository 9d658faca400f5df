// How fast a small displacement of the particles grows, at the fastest.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "host/flow/flow_archive.hpp"
#include "host/flow/gradient_flow.hpp"
#include "host/flow/ritz.hpp"

namespace mckean {

/// The largest eigenvalue of the Jacobian of the drift, which is symmetric in the metric of the
/// dissipation, by locally optimal conjugate gradients: Knyazev, "Toward the optimal preconditioned
/// eigensolver", SIAM J. Sci. Comput. 23 (2001). Each search goes on from the direction that the
/// last one has found, and takes in some noise: by a symmetry of the particles that direction may
/// have no part in what grows faster by now.
template <Backend B>
class Growth {
 public:
  using Vector = View<double, B::space>;
  using ConstVector = View<const double, B::space>;

  explicit Growth(const GradientFlow<B>& flow)
      : flow_(flow),
        found_(allocate(flow.size())),
        best_(allocate(flow.size())),
        residual_(allocate(flow.size())),
        slots_(allocate(most_products)) {}

  /// The rate that was found last; below 0 where everything decays.
  double rate() const { return rate_; }
  /// The least eigenvalue is at most this.
  double lowest() const { return lowest_; }

  /// Searches with at most so many evaluations, until one of them changes the rate by less than 3%,
  /// of rates below `small` by less than 3% of that. image(x, |x|, out) is out = J x, settle(x)
  /// puts to 0 what cannot move. The first search goes on from `start`; `step`, that of the flow,
  /// is the key of the noise. The other vectors are scratch. Changes nothing before it has ended.
  template <class Image, class Settle>
  void search(int most, double small, const Image& image, const Settle& settle, ConstVector start,
              std::uint64_t step, const std::array<Vector, 4>& scratch) {
    const B& backend = flow_.backend();
    const Vector best = best_.view(), residual = residual_.view();
    const Images images{{best, residual, scratch[2]}, {scratch[0], scratch[1], scratch[3]}};
    backend.copy(begun_ ? ConstVector(found_.view()) : start, best);
    if (!begun_) add_noise(flow_.norm(best), step, best);
    settle(best);
    double size = flow_.norm(best);
    std::optional<RitzPair> ritz;
    if (size > 0 && std::isfinite(size)) {
      image(best, size, images.of[0]);
      ritz = project(images, 1);
    }
    const bool found = ritz.has_value();
    double rate = found ? ritz->value : 0;
    double lowest = rate;
    for (int i = 1; i < most && ritz; ++i) {
      LinearTerms<B::space> terms;
      terms.add(1, images.of[0]);
      terms.add(-rate, best);
      backend.linear_combination(terms, residual);
      if (i == 1) {
        add_noise(flow_.norm(residual), step, residual);
        settle(residual);
      }
      size = flow_.norm(residual);
      if (!(size > 0) || !std::isfinite(size)) break;
      image(residual, size, images.of[1]);
      const int count = i == 1 ? 2 : 3;
      ritz = project(images, count);
      if (!ritz) break;
      advance(images.x, count, *ritz);
      advance(images.of, count, *ritz);
      lowest = std::min(lowest, ritz->lowest);
      const double change = std::abs(ritz->value - rate);
      rate = ritz->value;
      if (i > 1 && change <= settled * std::max(std::abs(rate), small)) break;
    }
    begun_ = found;
    rate_ = rate;
    lowest_ = lowest;
    std::swap(found_, best_);
  }

  /// What the next search depends on, to or from an archive.
  void exchange(FlowArchive& archive) {
    archive(begun_, rate_, lowest_);
    if (begun_) archive.buffer(flow_.backend(), found_);
  }

 private:
  static constexpr std::size_t most_products = 24;
  static constexpr double settled = 0.03;

  /// The best direction so far, the residual, and the step that led to the best direction; and J of
  /// them.
  struct Images {
    std::array<Vector, 3> x, of;
  };

  Buffer<double, B::space> allocate(std::size_t size) const {
    return flow_.backend().template allocate<double>(size);
  }
  /// Of norm `size` in the mean, or where that is 0, of norm 1.
  void add_noise(double size, std::uint64_t step, Vector out) const {
    const auto components = static_cast<double>(1 + flow_.d());
    const double each = (size > 0 ? size : 1) / std::sqrt(components);
    flow_.backend().add_noise(flow_.spec(), each, 0, 1 + step, flow_.state(out));
  }

  /// Waits.
  std::optional<RitzPair> project(const Images& images, int count) {
    InnerProducts<B::space> list;
    for (const auto* other : {&images.x, &images.of}) {
      for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
        for (std::size_t j = 0; j <= i; ++j) add_product(list, images.x[i], (*other)[j]);
      }
    }
    const auto numbers = static_cast<std::size_t>(list.count);
    const Vector slots = slots_.view().subview(0, numbers);
    flow_.backend().inner_products(list, slots);
    flow_.sum_over_ranks(slots);
    double values[most_products];
    flow_.backend().read(ConstVector(slots), {values, numbers});
    // In the metric of the dissipation.
    double products[most_products / 2];
    for (std::size_t i = 0; i < numbers / 2; ++i)
      products[i] = flow_.formula().dissipation(values[2 * i], values[2 * i + 1]);
    return largest_ritz(count, products, products + numbers / 4);
  }
  void add_product(InnerProducts<B::space>& list, ConstVector x, ConstVector y) const {
    const std::size_t m = flow_.m(), all = flow_.size();
    list.add(x.subview(0, m), y.subview(0, m));
    list.add(x.subview(m, all - m), y.subview(m, all - m));
  }

  /// x_0 and the step to it, from the same of before.
  void advance(const std::array<Vector, 3>& x, int count, const RitzPair& ritz) const {
    LinearTerms<B::space> step, best;
    step.add(ritz.c[1], x[1]);
    if (count == 3) step.add(ritz.c[2], x[2]);
    flow_.backend().linear_combination(step, x[2]);
    best.add(ritz.c[0], x[0]);
    best.add(1, x[2]);
    flow_.backend().linear_combination(best, x[0]);
  }

  const GradientFlow<B>& flow_;
  Buffer<double, B::space> found_;  // of the last search
  Buffer<double, B::space> best_, residual_;
  Buffer<double, B::space> slots_;
  bool begun_ = false;
  double rate_ = 0;
  double lowest_ = 0;
};

}  // namespace mckean
