// The executor of kernels/cuda/*_sequence.cuh over the block emulator.
#pragma once

#include <cstddef>
#include <cstring>
#include <optional>
#include <typeindex>
#include <typeinfo>
#include <utility>
#include <vector>

#include "emulation/block_emulator.hpp"
#include "emulation/sync_site.hpp"
#include "mckean/interruption.hpp"

namespace mckean::emulation {

class EmulatedExecutor {
 public:
  /// `audited`: the only kernel whose barriers an audit sees; all of them without it.
  explicit EmulatedExecutor(Order order, std::optional<std::type_index> audited = {})
      : order_(order), audited_(audited) {}

  /// All bytes 0xff, like shared memory.
  void* scratch(std::size_t bytes) {
    scratch_.assign(bytes, std::byte{0xff});
    scratch_.shrink_to_fit();
    return scratch_.data();
  }
  void zero(void* data, std::size_t bytes) { std::memset(data, 0, bytes); }
  double fetch(const double* value) { return *value; }
  void pause(double) { check_interruption(); }

  template <class Args>
  void run(unsigned grid_x, unsigned grid_y, const Args& args) {
    using Shared = typename Args::Shared;
    const bool hidden = audited_ && *audited_ != typeid(Args);
    SyncControl control;
    if (hidden) std::swap(control, sync_control());
    emulate<Shared>(grid_x, grid_y, Args::threads, order_,
                    [&](const EmulatedBlock& block, Shared& shared) { args.run(block, shared); });
    if (hidden) std::swap(control, sync_control());
  }

 private:
  Order order_;
  std::optional<std::type_index> audited_;
  std::vector<std::byte> scratch_;
};

}  // namespace mckean::emulation
