// Move-only ownership of an array in one memory space; the only type in the project that frees
// memory.
#pragma once

#include <functional>
#include <utility>

#include "mckean/view.hpp"

namespace mckean {

/// An array of `size()` elements, or none. Movable, not copyable; nothing here throws. The
/// functions that make one, `allocate` of a back end, throw std::bad_alloc where there is no
/// memory.
template <class T, Space S>
class Buffer {
 public:
  using Release = std::function<void(void*)>;

  Buffer() = default;
  /// Takes ownership of `data` (`size` elements); `release`, which may not throw, is called on it
  /// once, unless `data` is null.
  Buffer(T* data, std::size_t size, Release release)
      : data_(data), size_(size), release_(std::move(release)) {}
  Buffer(Buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        release_(std::move(other.release_)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(release_, other.release_);
    return *this;
  }
  ~Buffer() {
    if (data_ != nullptr) release_(data_);
  }

  View<T, S> view() { return {data_, size_}; }
  View<const T, S> view() const { return {data_, size_}; }
  std::size_t size() const { return size_; }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
  Release release_;
};

}  // namespace mckean
