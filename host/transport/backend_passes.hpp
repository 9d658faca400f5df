// Passes over all pairs on any back end.
#pragma once

#include <algorithm>
#include <concepts>
#include <utility>
#include <vector>

#include "host/transport/pair_passes.hpp"
#include "host/transport/passes.hpp"
#include "mckean/buffer.hpp"

namespace mckean {

/// What passes need of a back end (see Backend).
template <class B>
concept TransformBackend = requires(const B& backend, GroundCost cost, Points<B::space> points,
                                    View<const double, B::space> in, View<double, B::space> out,
                                    HostView<const double> host_in, HostView<double> host_out) {
  { backend.template allocate<double>(std::size_t{}) } -> std::same_as<Buffer<double, B::space>>;
  backend.copy(host_in, out);
  backend.copy(in, host_out);
  backend.c_transform(cost, points, points, in, double{}, out, out);
};

/// On a back end with memory of its own: points that are kept are copied there once, others,
/// potentials and results at each pass. The back end must outlive this.
template <TransformBackend B>
class BackendPasses final : public PairPasses {
 public:
  explicit BackendPasses(const B& backend) : backend_(backend) {}

  void c_transform(const Pairs& pairs, const Transform& t) const override {
    const std::size_t count = t.end - t.begin;
    const auto from = count == pairs.from.n ? place(pairs.from)
                                            : copy_points(part_of(pairs.from, t.begin, t.end));
    const auto to = place(pairs.to);
    const auto potential = copy(t.potential);
    auto value = backend_.template allocate<double>(count);
    auto mean_cost = backend_.template allocate<double>(count);
    backend_.c_transform(pairs.cost, from->points(), to->points(), std::as_const(potential).view(),
                         t.epsilon, value.view(), mean_cost.view());
    backend_.copy(std::as_const(value).view(), HostView<double>{t.value.data(), count});
    backend_.copy(std::as_const(mean_cost).view(), HostView<double>{t.mean_cost.data(), count});
  }

  std::shared_ptr<const void> keep(const DiscreteMeasure& measure) const override {
    std::erase_if(kept_, [](const Kept& kept) { return kept.copy.expired(); });
    std::shared_ptr<const Copy> copy = place(measure);
    kept_.push_back({measure.planes.data(), measure.planes.size(), copy});
    return copy;
  }

  PassPart part() const override { return {2e10, 1 << 14}; }
  bool on_host() const override { return false; }

 private:
  using Array = Buffer<double, B::space>;
  struct Copy {
    Array planes;
    std::size_t n;
    std::size_t d;
    Points<B::space> points() const { return {planes.view(), n, d}; }
  };
  struct Kept {
    const double* planes;
    std::size_t size;
    std::weak_ptr<const Copy> copy;
  };

  Array copy(std::span<const double> values) const {
    Array array = backend_.template allocate<double>(values.size());
    backend_.copy(HostView<const double>{values.data(), values.size()}, array.view());
    return array;
  }
  std::shared_ptr<const Copy> copy_points(const DiscreteMeasure& measure) const {
    return std::make_shared<const Copy>(copy(measure.planes), measure.n, measure.d);
  }
  std::shared_ptr<const Copy> place(const DiscreteMeasure& measure) const {
    for (const Kept& kept : kept_) {
      if (kept.planes != measure.planes.data() || kept.size != measure.planes.size()) continue;
      if (std::shared_ptr<const Copy> copy = kept.copy.lock()) return copy;
    }
    return copy_points(measure);
  }

  const B& backend_;
  mutable std::vector<Kept> kept_;
};

/// In the memory of the host nothing is copied.
template <TransformBackend B>
requires(B::space == Space::host) class BackendPasses<B> final : public PairPasses {
 public:
  explicit BackendPasses(const B& backend) : backend_(backend) {}

  void c_transform(const Pairs& pairs, const Transform& t) const override {
    const auto run = [&](const DiscreteMeasure& from) {
      backend_.c_transform(
          pairs.cost, from.points(), pairs.to.points(), {t.potential.data(), t.potential.size()},
          t.epsilon, {t.value.data(), t.value.size()}, {t.mean_cost.data(), t.mean_cost.size()});
    };
    if (t.end - t.begin == pairs.from.n) return run(pairs.from);
    run(part_of(pairs.from, t.begin, t.end));
  }
  std::shared_ptr<const void> keep(const DiscreteMeasure&) const override { return {}; }
  PassPart part() const override { return cpu_part(backend_.threads()); }
  bool on_host() const override { return true; }

 private:
  const B& backend_;
};

}  // namespace mckean
