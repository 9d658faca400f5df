// A non-owning array whose memory space is part of its type: handing host memory to a CUDA
// operation does not compile.
#pragma once

#include <cstddef>
#include <type_traits>

#include "mckean/config.hpp"

namespace mckean {

/// Whose memory it is: the host's, or that of a CUDA device.
enum class Space { host, device };

/// `size()` elements at `data()`, which outlive the view. Nothing here throws: an index or a part
/// beyond the end is a broken contract, which builds for debugging check.
template <class T, Space S>
class View {
 public:
  constexpr View() = default;
  constexpr View(T* data, std::size_t size) : data_(data), size_(size) {}
  /// A view of mutable elements is also a view of constant ones.
  template <class U>
  requires(std::is_same_v<const U, T>) constexpr View(const View<U, S>& other)
      : data_(other.data()), size_(other.size()) {}

  constexpr T* data() const { return data_; }
  constexpr std::size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }

  /// `count` elements from `offset` on.
  constexpr View subview(std::size_t offset, std::size_t count) const {
    MCKEAN_EXPECT(offset + count <= size_);
    return {data_ + offset, count};
  }

  constexpr T& operator[](std::size_t i) const requires(S == Space::host) {
    MCKEAN_EXPECT(i < size_);
    return data_[i];
  }
  constexpr T* begin() const requires(S == Space::host) { return data_; }
  constexpr T* end() const requires(S == Space::host) { return data_ + size_; }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

template <class T>
using HostView = View<T, Space::host>;
template <class T>
using DeviceView = View<T, Space::device>;

}  // namespace mckean
