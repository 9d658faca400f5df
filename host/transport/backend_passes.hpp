// Passes over all pairs on any back end.
#pragma once

#include <algorithm>
#include <concepts>
#include <utility>
#include <vector>

#include "host/transport/pair_passes.hpp"
#include "host/transport/passes.hpp"
#include "kernels/backend.hpp"
#include "mckean/buffer.hpp"

namespace mckean {

/// What passes need of a back end (see Backend).
template <class B>
concept PassBackend = requires(const B& backend, const PointPairs<B::space>& pairs,
                               View<const double, B::space> in, View<double, B::space> out,
                               View<std::uint32_t, B::space> indices,
                               HostView<const double> host_in, HostView<double> host_out) {
  { backend.template allocate<double>(std::size_t{}) } -> std::same_as<Buffer<double, B::space>>;
  backend.copy(host_in, out);
  backend.copy(in, host_out);
  backend.c_transform(pairs, double{}, out, out);
  backend.nearest_targets(pairs, std::size_t{}, out, indices);
};

/// On a back end with memory of its own: points that are kept are copied there once, others,
/// potentials and results at each pass. The back end must outlive this.
template <PassBackend B>
class BackendPasses final : public PairPasses {
 public:
  explicit BackendPasses(const B& backend) : backend_(backend) {}

  void c_transform(const Pairs& pairs, const Transform& t) const override {
    const Placed placed = place(pairs, t);
    auto value = allocate<double>(t.value.size());
    auto mean_cost = allocate<double>(t.mean_cost.size());
    backend_.c_transform(placed.pairs(), t.epsilon, value.view(), mean_cost.view());
    fetch(value, t.value);
    fetch(mean_cost, t.mean_cost);
  }

  void nearest_targets(const Pairs& pairs, const Search& s) const override {
    const Placed placed = place(pairs, s);
    auto value = allocate<double>(s.value.size());
    auto target = allocate<std::uint32_t>(s.target.size());
    backend_.nearest_targets(placed.pairs(), s.k, value.view(), target.view());
    fetch(value, s.value);
    fetch(target, s.target);
  }

  std::shared_ptr<const void> keep(const DiscreteMeasure& measure) const override {
    std::erase_if(kept_, [](const Kept& kept) { return kept.copy.expired(); });
    std::shared_ptr<const Copy> copy = place(measure);
    kept_.push_back({measure.planes.data(), measure.planes.size(), copy});
    return copy;
  }

  PassPart part() const override { return {2e10, 1 << 14}; }

 private:
  template <class T>
  using Array = Buffer<T, B::space>;
  struct Copy {
    Array<double> planes;
    std::size_t n;
    std::size_t d;
    Points<B::space> points() const { return {planes.view(), n, d}; }
  };
  /// What a pass works on.
  struct Placed {
    GroundCost cost;
    std::shared_ptr<const Copy> from, to;
    Array<double> potential;
    PointPairs<B::space> pairs() const {
      return {cost, from->points(), to->points(), potential.view()};
    }
  };
  struct Kept {
    const double* planes;
    std::size_t size;
    std::weak_ptr<const Copy> copy;
  };

  template <class T>
  Array<T> allocate(std::size_t count) const {
    return backend_.template allocate<T>(count);
  }
  template <class T>
  void fetch(const Array<T>& from, std::span<T> to) const {
    backend_.template copy<T>(from.view(), HostView<T>{to.data(), to.size()});
  }
  Array<double> copy(std::span<const double> values) const {
    Array<double> array = allocate<double>(values.size());
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
  template <class Pass>
  Placed place(const Pairs& pairs, const Pass& pass) const {
    return {pairs.cost,
            pass.end - pass.begin == pairs.from.n
                ? place(pairs.from)
                : copy_points(part_of(pairs.from, pass.begin, pass.end)),
            place(pairs.to), copy(pass.potential)};
  }

  const B& backend_;
  mutable std::vector<Kept> kept_;
};

/// In the memory of the host nothing is copied.
template <PassBackend B>
requires(B::space == Space::host) class BackendPasses<B> : public PairPasses {
 public:
  explicit BackendPasses(const B& backend) : backend_(backend) {}

  void c_transform(const Pairs& pairs, const Transform& t) const override {
    run(pairs, t, [&](const PointPairs<Space::host>& part) {
      backend_.c_transform(part, t.epsilon, view(t.value), view(t.mean_cost));
    });
  }
  void nearest_targets(const Pairs& pairs, const Search& s) const override {
    run(pairs, s, [&](const PointPairs<Space::host>& part) {
      backend_.nearest_targets(part, s.k, view(s.value), view(s.target));
    });
  }
  std::shared_ptr<const void> keep(const DiscreteMeasure&) const override { return {}; }
  PassPart part() const override { return cpu_part(backend_.threads()); }

 private:
  template <class T>
  static HostView<T> view(std::span<T> values) {
    return {values.data(), values.size()};
  }
  /// operation() on the points that the pass is for.
  template <class Pass, class Operation>
  static void run(const Pairs& pairs, const Pass& pass, const Operation& operation) {
    const auto use = [&](const DiscreteMeasure& from) {
      operation({pairs.cost, from.points(), pairs.to.points(), view(pass.potential)});
    };
    if (pass.end - pass.begin == pairs.from.n) return use(pairs.from);
    use(part_of(pairs.from, pass.begin, pass.end));
  }

  const B& backend_;
};

}  // namespace mckean
