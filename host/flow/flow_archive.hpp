// What a flow has to remember to go on with the same bits, as a row of words.
#pragma once

#include <bit>
#include <cstdint>
#include <map>
#include <set>
#include <type_traits>
#include <utility>
#include <vector>

#include "host/flow/fingerprint.hpp"
#include "kernels/backend.hpp"
#include "mckean/error.hpp"

namespace mckean {

/// Saves values into words or loads them from there: each type that has a part in a flow lists its
/// members once, in `exchange(archive)`, for both directions.
class FlowArchive {
 public:
  /// To save.
  FlowArchive() = default;
  /// To load what was saved.
  explicit FlowArchive(std::vector<std::uint64_t> words) : words_(std::move(words)), loads_(true) {}

  bool loads() const { return loads_; }
  std::vector<std::uint64_t> take_words() { return std::move(words_); }
  /// With a word behind them by which open() knows that they are whole.
  std::vector<std::uint64_t> take_sealed_words() {
    words_.push_back(digest(words_));
    return take_words();
  }
  /// To load what was saved with a seal.
  static FlowArchive open(std::vector<std::uint64_t> words) {
    if (words.empty()) refuse();
    const std::uint64_t seal = words.back();
    words.pop_back();
    if (digest(words) != seal) refuse();
    return FlowArchive(std::move(words));
  }

  /// Numbers, enumerations, structs with exchange(), and vectors, sets and maps of these.
  template <class... T>
  void operator()(T&... values) {
    (exchange(values), ...);
  }
  /// An array in the memory of a back end, whose size does not change.
  template <Backend B>
  void buffer(const B& backend, Buffer<double, B::space>& buffer) {
    std::vector<double> values(buffer.size());
    if (!loads_) {
      backend.copy(std::as_const(buffer).view(), HostView<double>(values.data(), values.size()));
    }
    exchange(values);
    if (values.size() != buffer.size()) refuse();
    if (loads_) backend.copy(HostView<const double>(values.data(), values.size()), buffer.view());
  }
  /// Every word must have been loaded.
  void finish() const {
    if (loads_ && next_ != words_.size()) refuse();
  }

  [[noreturn]] static void refuse() {
    throw InputError(
        "restore: the saved state is of another flow or of another version: give the one that this "
        "problem, model and these options saved");
  }

 private:
  static std::uint64_t digest(const std::vector<std::uint64_t>& words) {
    Fingerprint all;
    for (const std::uint64_t word : words) all.add(word);
    return all.value();
  }
  template <class T>
  void exchange(T& value) {
    if constexpr (requires { value.exchange(*this); }) {
      value.exchange(*this);
    } else if constexpr (std::is_floating_point_v<T>) {
      std::uint64_t word = std::bit_cast<std::uint64_t>(static_cast<double>(value));
      exchange_word(word);
      if (loads_) value = std::bit_cast<double>(word);
    } else {
      static_assert(std::is_integral_v<T> || std::is_enum_v<T>);
      auto word = static_cast<std::uint64_t>(value);
      exchange_word(word);
      if (loads_) value = static_cast<T>(word);
    }
  }
  template <class T>
  void exchange(std::vector<T>& values) {
    std::size_t count = values.size();
    exchange(count);
    if (loads_) {
      if (count > words_.size() - next_) refuse();
      values.resize(count);
    }
    for (T& value : values) exchange(value);
  }
  template <class T>
  void exchange(std::set<T>& set) {
    std::vector<T> values(set.begin(), set.end());
    exchange(values);
    if (loads_) set = {values.begin(), values.end()};
  }
  template <class Key, class Value>
  void exchange(std::map<Key, Value>& map) {
    std::vector<Key> keys;
    std::vector<Value> values;
    for (const auto& [key, value] : map) {
      keys.push_back(key);
      values.push_back(value);
    }
    exchange(keys);
    exchange(values);
    if (!loads_) return;
    if (keys.size() != values.size()) refuse();
    map.clear();
    for (std::size_t i = 0; i < keys.size(); ++i) map[keys[i]] = std::move(values[i]);
  }
  void exchange_word(std::uint64_t& word) {
    if (!loads_) {
      words_.push_back(word);
      return;
    }
    if (next_ == words_.size()) refuse();
    word = words_[next_++];
  }

  std::vector<std::uint64_t> words_;
  std::size_t next_ = 0;
  bool loads_ = false;
};

}  // namespace mckean
