// A back end for passes over all pairs whose "device" memory is host memory that nothing else reads
// or writes, and which counts what it is asked for.
#pragma once

#include <cstring>

#include "kernels/backend.hpp"

namespace mckean::test {

/// c_transform and nearest_targets of `On`, a back end on the host, behind views of device memory.
template <class On>
class HostMemoryBackend {
 public:
  static constexpr Space space = Space::device;
  using Vector = View<double, space>;
  using ConstVector = View<const double, space>;
  using Indices = View<std::uint32_t, space>;

  explicit HostMemoryBackend(On on) : on_(on) {}

  template <class T>
  Buffer<T, space> allocate(std::size_t count) const {
    return {new T[count], count, [](void* data) { delete[] static_cast<T*>(data); }};
  }
  void copy(HostView<const double> from, Vector to) const {
    uploaded += from.size();
    std::memcpy(to.data(), from.data(), from.size() * sizeof(double));
  }
  template <class T>
  void copy(View<const T, space> from, HostView<T> to) const {
    downloaded += from.size();
    std::memcpy(to.data(), from.data(), from.size() * sizeof(T));
  }
  void copy(ConstVector from, HostView<double> to) const { copy<double>(from, to); }
  void c_transform(const PointPairs<space>& pairs, double epsilon, Vector value,
                   Vector mean_cost) const {
    ++(epsilon == 0 ? hard : soft);
    on_.c_transform(host(pairs), epsilon, host(value), host(mean_cost));
  }
  void nearest_targets(const PointPairs<space>& pairs, std::size_t k, Vector value,
                       Indices index) const {
    ++searches;
    on_.nearest_targets(host(pairs), k, host(value), host(index));
  }

  mutable std::size_t hard = 0, soft = 0;            // transforms
  mutable std::size_t searches = 0;                  // for nearest targets
  mutable std::size_t uploaded = 0, downloaded = 0;  // values

 private:
  template <class T>
  static HostView<T> host(View<T, space> view) {
    return {view.data(), view.size()};
  }
  static Points<Space::host> host(const Points<space>& points) {
    return {host(points.planes), points.n, points.d};
  }
  static PointPairs<Space::host> host(const PointPairs<space>& pairs) {
    return {pairs.cost, host(pairs.sources), host(pairs.targets), host(pairs.potential)};
  }

  On on_;
};

}  // namespace mckean::test
