// Parts of one scratch allocation.
#pragma once

#include <cstddef>

#include "kernels/cuda/grid.cuh"

namespace mckean::cuda {

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
