// Memory of the loops.
#pragma once

#include <cstddef>
#include <new>

#include "kernels/divide_up.hpp"

namespace mckean::cpu {

constexpr std::size_t round_up(std::size_t a, std::size_t b) { return divide_up(a, b) * b; }

/// Uninitialised memory, aligned to 64 bytes.
template <class T>
class Scratch {
 public:
  explicit Scratch(std::size_t count)
      : data_(static_cast<T*>(::operator new (count * sizeof(T) + 1, std::align_val_t{64}))) {}
  ~Scratch() { ::operator delete (data_, std::align_val_t{64}); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  T* data() const { return data_; }

 private:
  T* data_;
};

}  // namespace mckean::cpu
