// EmulatedBlock: the block policy of kernels/cuda/block.cuh on one CPU thread, for tests of kernel
// bodies.
//
// Every thread of a block is a fibre. The scheduler resumes them one after the other in the order
// asked for; a fibre runs until it stands at a barrier or a warp collective, or leaves. In
// ascending and descending order each warp then goes as far as it comes by itself before the next
// one runs; in shuffled order all warps go from collective to collective together. Once all threads
// stand at the same barrier, the block goes on. Anything else - a thread that left, barriers at
// different places of the source - is an EmulationError that names the place. So a missing barrier
// shows in one order or another. Shared memory is a fresh heap allocation for each block, all bytes
// 0xff (NaN, -1): AddressSanitizer sees overruns, and the test's numbers see what was read before
// it was written. sync_audit.hpp leaves out one barrier at a time.
#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <source_location>
#include <type_traits>

#include "emulation/scheduler.hpp"
#include "kernels/cuda/block.cuh"

namespace mckean::emulation {

class EmulatedBlock {
 public:
  EmulatedBlock(Scheduler& scheduler, unsigned thread, BlockPosition position)
      : scheduler_(&scheduler), thread_(thread), position_(position) {}

  unsigned thread() const { return thread_; }
  unsigned threads() const { return scheduler_->threads(); }
  unsigned x() const { return position_.x; }
  unsigned y() const { return position_.y; }
  unsigned grid_x() const { return position_.grid_x; }
  unsigned grid_y() const { return position_.grid_y; }

  void sync(std::source_location at = std::source_location::current()) const {
    scheduler_->barrier(thread_, at);
  }
  template <class T>
  T shuffle_xor(T value, unsigned mask,
                std::source_location at = std::source_location::current()) const {
    return exchange(value, (thread_ % 32 ^ mask) % 32, at);
  }
  unsigned ballot(bool predicate, std::source_location at = std::source_location::current()) const {
    const auto& slots = scheduler_->collective(thread_, predicate ? 1 : 0, at);
    unsigned bits = 0;
    for (unsigned lane = 0; lane < 32; ++lane) bits |= unsigned(slots[lane]) << lane;
    return bits;
  }

  template <unsigned Threads>
  double sum(cuda::BlockSumShared& shared, double value,
             std::source_location at = std::source_location::current()) const {
    check_threads<Threads>();
    for (unsigned mask = 16; mask > 0; mask /= 2) value += shuffle_xor(value, mask);
    if (thread_ % 32 == 0) shared.warps[thread_ / 32] = value;
    sync(at);
    double total = 0;
    for (unsigned warp = 0; thread_ == 0 && warp < Threads / 32; ++warp)
      total += shared.warps[warp];
    return total;
  }
  /// By Hillis and Steele's scan of each warp; the storage is used as by CUB: in front of the
  /// barrier and behind it.
  template <unsigned Threads, class T>
  T exclusive_sum(cuda::BlockScanShared<T>& shared, const T& value, T& total,
                  std::source_location at = std::source_location::current()) const {
    check_threads<Threads>();
    const unsigned lane = thread_ % 32;
    T sum = value;
    for (unsigned delta = 1; delta < 32; delta *= 2) {
      const T left = shuffle_parts(sum, lane >= delta ? lane - delta : lane);
      if (lane >= delta) sum = left + sum;
    }
    T* const warps = reinterpret_cast<T*>(shared.bytes);
    if (lane == 31) warps[thread_ / 32] = sum;
    sync(at);
    T before{};
    total = T{};
    for (unsigned warp = 0; warp < Threads / 32; ++warp) {
      if (warp == thread_ / 32) before = total;
      total = total + warps[warp];
    }
    const T left = shuffle_parts(sum, lane == 0 ? 0 : lane - 1);
    return lane == 0 ? before : before + left;
  }

 private:
  template <unsigned Threads>
  void check_threads() const {
    if (threads() != Threads)
      throw EmulationError("a collective of " + std::to_string(Threads) +
                           " threads in a block of " + std::to_string(threads()));
  }
  /// A value of several doubles from another lane.
  template <class T>
  T shuffle_parts(const T& value, unsigned from) const {
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) % sizeof(double) == 0);
    std::array<double, sizeof(T) / sizeof(double)> parts;
    std::memcpy(&parts, &value, sizeof(T));
    for (double& part : parts) part = exchange(part, from, std::source_location::current());
    T result;
    std::memcpy(static_cast<void*>(&result), &parts, sizeof(T));
    return result;
  }
  template <class T>
  T exchange(T value, unsigned from, const std::source_location& at) const {
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= sizeof(std::uint64_t));
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof(T));
    bits = scheduler_->collective(thread_, bits, at)[from];
    std::memcpy(&value, &bits, sizeof(T));
    return value;
  }

  Scheduler* scheduler_;
  unsigned thread_;
  BlockPosition position_;
};

/// Runs body(block, shared) - or body(block) - for every thread of every block of the grid;
/// `threads` is a multiple of
/// 32. The blocks, too, run in `order`. Throws what a body throws, and EmulationError for divergent
/// threads.
template <class Shared = cuda::NoShared, class Body>
void emulate(unsigned grid_x, unsigned grid_y, unsigned threads, Order order, const Body& body) {
  static_assert(std::is_trivially_copyable_v<Shared>, "shared memory has no constructors");
  static_assert(sizeof(Shared) <= 48 * 1024, "static shared memory is at most 48 KB");
  Scheduler scheduler(threads, order);
  for (const unsigned index : scheduler.permutation(grid_x * grid_y)) {
    const std::unique_ptr<void, decltype(&std::free)> memory(std::malloc(sizeof(Shared)),
                                                             std::free);
    std::memset(memory.get(), 0xff, sizeof(Shared));
    auto& shared = *static_cast<Shared*>(memory.get());
    const BlockPosition position{index % grid_x, index / grid_x, grid_x, grid_y};
    scheduler.run_block([&](unsigned thread) {
      const EmulatedBlock block(scheduler, thread, position);
      if constexpr (std::invocable<const Body&, const EmulatedBlock&, Shared&>) {
        body(block, shared);
      } else {
        body(block);
      }
    });
  }
}

}  // namespace mckean::emulation
