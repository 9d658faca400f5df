// A flow put aside: a value that can be kept, copied and written to a file.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace mckean {

/// What Flow::save() gives and Flow::restore() takes: particles, time, counters, the memory of the
/// integrator and the sums of the audit. Of the problem, the model and the options it knows only
/// what tells whether a state fits.
class FlowState {
 public:
  FlowState() = default;
  /// From words() of another one, of the same version of the library; that they are is found, and
  /// what is thrown said, by Flow::restore().
  explicit FlowState(std::vector<std::uint64_t> words) : words_(std::move(words)) {}

  /// All of it, to be kept as it is; numbers in the byte order of the machine. Empty where nothing
  /// has been saved.
  std::span<const std::uint64_t> words() const { return words_; }

  friend bool operator==(const FlowState&, const FlowState&) = default;

 private:
  std::vector<std::uint64_t> words_;
};

}  // namespace mckean
