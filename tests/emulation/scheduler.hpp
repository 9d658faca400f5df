// Runs the threads of one block as fibres, in a chosen order, from barrier to barrier.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <numeric>
#include <random>
#include <source_location>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "emulation/fibre.hpp"
#include "emulation/sync_site.hpp"

namespace mckean::emulation {

/// The kernel broke a rule of the block: divergent barriers, a thread that left early.
struct EmulationError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Who runs first between two barriers; shuffled draws anew for each stretch, the same at every
/// run.
enum class Order { ascending, descending, shuffled };
inline constexpr std::array orders{Order::ascending, Order::descending, Order::shuffled};

struct BlockPosition {
  unsigned x, y, grid_x, grid_y;
};

class Scheduler {
 public:
  Scheduler(unsigned threads, Order order)
      : order_(order), lanes_(threads), slots_(threads / 32) {
    if (threads == 0 || threads % 32 != 0) {
      throw EmulationError("a block of " + std::to_string(threads) + " threads, not whole warps");
    }
    if (stacks_.size() < threads) stacks_.resize(threads);
  }

  unsigned threads() const { return static_cast<unsigned>(lanes_.size()); }

  /// 0..count-1 in the order of this run.
  std::vector<unsigned> permutation(unsigned count) {
    std::vector<unsigned> index(count);
    std::iota(index.begin(), index.end(), 0u);
    if (order_ == Order::descending) std::reverse(index.begin(), index.end());
    if (order_ == Order::shuffled) std::shuffle(index.begin(), index.end(), random_);
    return index;
  }

  void run_block(const std::function<void(unsigned)>& body) {
    failure_ = nullptr;
    body_ = &body;
    for (unsigned t = 0; t < threads(); ++t) {
      lanes_[t] = {};
      lanes_[t].fibre = std::make_unique<Fibre>(stacks_[t], [this, t] {
        try {
          if (!failure_) (*body_)(t);
        } catch (const Abandoned&) {
        } catch (...) {
          if (!failure_) failure_ = std::current_exception();
        }
      });
    }
    do {
      if (order_ == Order::shuffled) {
        for (const unsigned t : permutation(threads())) run_lane(t);
      } else {
        for (const unsigned warp : permutation(threads() / 32)) run_warp(warp * 32);
      }
    } while (!failure_ && release());
    abandon();
    if (failure_) std::rethrow_exception(failure_);
  }

  // Called by the threads of the block.

  void barrier(unsigned t, const std::source_location& at) {
    const auto& skipped = sync_control().skipped;
    if (!skipped || !skipped->is(at)) wait(t, State::at_barrier, at);
  }

  /// What the 32 lanes of t's warp handed to this collective.
  const std::array<std::uint64_t, 32>& collective(unsigned t, std::uint64_t value,
                                                  const std::source_location& at) {
    // Two sets of slots in turn: a lane may reach the next collective before others have read.
    const unsigned turn = lanes_[t].collectives++ % 2;
    auto& slots = slots_[t / 32][turn];
    slots[t % 32] = value;
    wait(t, State::at_collective, at);
    return slots;
  }

 private:
  enum class State { ready, at_barrier, at_collective, left };
  struct Lane {
    std::unique_ptr<Fibre> fibre;
    State state = State::ready;
    std::source_location at;
    unsigned collectives = 0;
  };
  using WarpSlots = std::array<std::array<std::uint64_t, 32>, 2>;
  struct Abandoned {};

  /// Memory that all blocks of a thread use in turn.
  static std::vector<FibreStack>& stacks() {
    static thread_local std::vector<FibreStack> stacks;
    return stacks;
  }

  void wait(unsigned t, State state, const std::source_location& at) {
    lanes_[t].state = state;
    lanes_[t].at = at;
    lanes_[t].fibre->suspend();
    if (failure_) throw Abandoned{};
  }

  void run_lane(unsigned t) {
    if (lanes_[t].state == State::ready && !failure_) resume(t);
  }

  /// As far as the warp comes by itself, collectives included: the others stand still meanwhile.
  void run_warp(unsigned first) {
    do {
      for (const unsigned lane : permutation(32)) run_lane(first + lane);
    } while (!failure_ && release(first, first + 32, State::at_collective));
  }

  void resume(unsigned t) {
    lanes_[t].fibre->resume();
    if (lanes_[t].fibre->finished()) lanes_[t].state = State::left;
  }

  /// Everybody waits or has left: lets go on who may. False once all have left.
  bool release() {
    bool released = false;
    for (unsigned warp = 0; warp < threads(); warp += 32) {
      released |= release(warp, warp + 32, State::at_collective);
    }
    if (released) return true;
    if (std::all_of(lanes_.begin(), lanes_.end(),
                    [](const Lane& lane) { return lane.state == State::left; })) {
      return false;
    }
    if (release(0, threads(), State::at_barrier)) {
      sync_control().seen.insert(SyncSite(lanes_[0].at));
      return true;
    }
    fail(0);
    return false;
  }

  bool release(unsigned begin, unsigned end, State state) {
    for (unsigned t = begin; t < end; ++t) {
      if (lanes_[t].state != state) return false;
      if (!same_site(lanes_[begin].at, lanes_[t].at)) return false;
    }
    for (unsigned t = begin; t < end; ++t) lanes_[t].state = State::ready;
    return true;
  }

  /// Names the first two threads that stand at different places.
  void fail(unsigned first) {
    unsigned second = first + 1;
    while (second < threads() && describe(second) == describe(first)) ++second;
    if (second == threads()) --second;
    failure_ = std::make_exception_ptr(
        EmulationError("thread " + std::to_string(first) + " " + describe(first) +
                       " while thread " + std::to_string(second) + " " + describe(second)));
  }

  std::string describe(unsigned t) const {
    const Lane& lane = lanes_[t];
    if (lane.state == State::left) return "has left the kernel";
    return (lane.state == State::at_barrier ? "waits at the barrier "
                                            : "waits at the collective ") +
           to_string(SyncSite(lane.at));
  }

  /// After a failure: every thread still inside unwinds its stack.
  void abandon() {
    for (unsigned t = 0; t < threads(); ++t) {
      while (!lanes_[t].fibre->finished()) resume(t);
    }
  }

  Order order_;
  std::mt19937_64 random_{20240607};
  std::vector<FibreStack>& stacks_ = stacks();
  std::vector<Lane> lanes_;
  std::vector<WarpSlots> slots_;
  const std::function<void(unsigned)>* body_ = nullptr;
  std::exception_ptr failure_;
};

}  // namespace mckean::emulation
