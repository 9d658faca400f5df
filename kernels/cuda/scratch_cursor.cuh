// Parts of one scratch allocation.
#pragma once

#include <cstddef>

namespace mckean::cuda {

constexpr std::size_t divide_up(std::size_t a, std::size_t b) { return (a + b - 1) / b; }

/// Hands out parts of one allocation; without one it only measures.
class ScratchCursor {
 public:
  explicit ScratchCursor(void* base = nullptr) : base_(static_cast<std::byte*>(base)) {}
  template <class T>
  T* take(std::size_t count) {
    void* const part = base_ == nullptr ? nullptr : base_ + used_;
    used_ += divide_up(count * sizeof(T), 256) * 256;
    return static_cast<T*>(part);
  }
  std::size_t used() const { return used_; }

 private:
  std::byte* base_;
  std::size_t used_ = 0;
};

}  // namespace mckean::cuda
