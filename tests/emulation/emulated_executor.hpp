// The executor of kernels/cuda/*_operation.cuh over the block emulator.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <numeric>
#include <optional>
#include <typeindex>
#include <typeinfo>
#include <utility>
#include <vector>

#include "emulation/block_emulator.hpp"
#include "emulation/sync_site.hpp"
#include "kernels/cuda/grid.cuh"
#include "mckean/interruption.hpp"

namespace mckean::emulation {

class EmulatedExecutor {
 public:
  /// `audited`: the only kernel whose barriers an audit sees; all of them without it.
  explicit EmulatedExecutor(Order order, std::optional<std::type_index> audited = {})
      : order_(order), audited_(audited) {}

  /// All bytes 0xff, like shared memory.
  void* scratch(std::size_t bytes) {
    scratch_.push_back(std::make_shared<std::byte[]>(bytes));
    std::memset(scratch_.back().get(), 0xff, bytes);
    return scratch_.back().get();
  }
  void zero(void* data, std::size_t bytes) {
    ++launches_;
    std::memset(data, 0, bytes);
  }
  void pause(double) { check_interruption(); }
  void sort_pairs(const std::uint64_t* keys_in, std::uint64_t* keys_out, const std::uint32_t* in,
                  std::uint32_t* out, std::size_t count) {
    ++launches_;
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](auto i, auto j) { return keys_in[i] < keys_in[j]; });
    for (std::size_t i = 0; i < count; ++i) {
      keys_out[i] = keys_in[order[i]];
      out[i] = in[order[i]];
    }
  }

  template <class Args>
  void run(std::size_t grid_x, std::size_t grid_y, const Args& args) {
    using Shared = typename Args::Shared;
    const cuda::Grid grid = cuda::checked_grid(grid_x, grid_y);
    if (grid.empty()) return;
    ++launches_;
    const bool hidden = audited_ && *audited_ != typeid(Args);
    SyncControl control;
    if (hidden) std::swap(control, sync_control());
    emulate<Shared>(grid.x, grid.y, Args::threads, order_,
                    [&](const EmulatedBlock& block, Shared& shared) { args.run(block, shared); });
    if (hidden) std::swap(control, sync_control());
  }

  /// Kernels, fills and sorts so far.
  std::size_t launches() const { return launches_; }

 private:
  Order order_;
  std::optional<std::type_index> audited_;
  std::vector<std::shared_ptr<std::byte[]>> scratch_;
  std::size_t launches_ = 0;
};

}  // namespace mckean::emulation
