// A call that can be suspended and resumed, on its own stack, with AddressSanitizer told of every
// switch.
#pragma once

#include <boost/context/fiber.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace mckean::emulation {

/// Memory for the stack of one fibre at a time.
class FibreStack {
 public:
  static constexpr std::size_t size = 128 * 1024;
  std::byte* bottom() const { return memory_.get(); }

  // What boost::context asks of a stack allocator; the memory stays for the next fibre.
  boost::context::stack_context allocate() const {
#if defined(__SANITIZE_ADDRESS__)
    // The outermost frames of the last fibre never returned: their red zones are still marked.
    constexpr std::size_t outermost = 4096;
    __asan_unpoison_memory_region(bottom() + size - outermost, outermost);
#endif
    boost::context::stack_context context;
    context.size = size;
    context.sp = bottom() + size;
    return context;
  }
  void deallocate(boost::context::stack_context&) const {}

 private:
  std::shared_ptr<std::byte[]> memory_{new std::byte[size]};
};

class Fibre {
 public:
  /// Starts nothing yet. `call` must not throw; a fibre is resumed until finished() before it dies.
  Fibre(const FibreStack& stack, std::function<void()> call)
      : stack_(stack.bottom()),
        fiber_(std::allocator_arg, stack,
               [this, run = std::move(call)](boost::context::fiber&& resumer) {
                 resumer_ = std::move(resumer);
                 arrive(nullptr);
                 run();
                 finished_ = true;
                 leave(nullptr);
                 return std::move(resumer_);
               }) {}
  Fibre(const Fibre&) = delete;
  Fibre& operator=(const Fibre&) = delete;

  bool finished() const { return finished_; }

  /// From outside: runs until the fibre suspends or finishes.
  void resume() {
#if defined(__SANITIZE_ADDRESS__)
    void* fake_stack = nullptr;
    __sanitizer_start_switch_fiber(&fake_stack, stack_, FibreStack::size);
#endif
    fiber_ = std::move(fiber_).resume();
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(fake_stack, nullptr, nullptr);
#endif
  }

  /// From inside: returns at the next resume().
  void suspend() {
    void* fake_stack = nullptr;
    leave(&fake_stack);
    resumer_ = std::move(resumer_).resume();
    arrive(fake_stack);
  }

 private:
  void leave([[maybe_unused]] void** fake_stack) {
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_start_switch_fiber(fake_stack, resumer_stack_, resumer_size_);
#endif
  }
  void arrive([[maybe_unused]] void* fake_stack) {
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(fake_stack, &resumer_stack_, &resumer_size_);
#endif
  }

  const void* stack_;
  [[maybe_unused]] const void* resumer_stack_ = nullptr;
  [[maybe_unused]] std::size_t resumer_size_ = 0;
  bool finished_ = false;
  boost::context::fiber resumer_;
  boost::context::fiber fiber_;
};

}  // namespace mckean::emulation
