// A back end for passes over all pairs whose "device" memory is host memory that nothing else reads
// or writes, and which counts what it is asked for.
#pragma once

#include <cstring>

#include "mckean/buffer.hpp"
#include "mckean/formula/ground_cost.hpp"
#include "mckean/points.hpp"

namespace mckean::test {

/// transform_(cost, sources, targets, potential, epsilon, value, mean_cost) on device views.
template <class Transform>
class HostMemoryBackend {
 public:
  static constexpr Space space = Space::device;
  using Vector = View<double, space>;
  using ConstVector = View<const double, space>;

  explicit HostMemoryBackend(Transform transform) : transform_(transform) {}

  template <class T>
  Buffer<T, space> allocate(std::size_t count) const {
    return {new T[count], count, [](void* data) { delete[] static_cast<T*>(data); }};
  }
  void copy(HostView<const double> from, Vector to) const {
    uploaded += from.size();
    std::memcpy(to.data(), from.data(), from.size() * sizeof(double));
  }
  void copy(ConstVector from, HostView<double> to) const {
    downloaded += from.size();
    std::memcpy(to.data(), from.data(), from.size() * sizeof(double));
  }
  void c_transform(GroundCost cost, Points<space> sources, Points<space> targets,
                   ConstVector potential, double epsilon, Vector value, Vector mean_cost) const {
    ++(epsilon == 0 ? hard : soft);
    transform_(cost, sources, targets, potential, epsilon, value, mean_cost);
  }

  mutable std::size_t hard = 0, soft = 0;            // transforms
  mutable std::size_t uploaded = 0, downloaded = 0;  // values

 private:
  Transform transform_;
};

}  // namespace mckean::test
