// Bytes in order: of a file, of a member of an archive, or what either inflates to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mckean {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  /// Up to `bytes` bytes into `to`, fewer only at the end. InputError where the source is cut off
  /// or damaged, IoError where the system fails, Interrupted where that was asked for.
  std::size_t read_some(void* to, std::size_t bytes);
  /// Exactly `bytes` bytes; InputError where there are fewer.
  void read(void* to, std::size_t bytes);
  /// InputError where something is left, or where a checksum does not fit what was read.
  void expect_end();

  /// How many bytes are left at most; where size_is_known(), exactly that many.
  std::uint64_t most_left() const { return most_ - position_; }
  bool size_is_known() const { return size_is_known_; }

  /// Throws InputError("NAME: what").
  [[noreturn]] void reject(const std::string& what) const;

 protected:
  ByteSource(std::string name, std::uint64_t most, bool size_is_known);
  const std::string& name() const { return name_; }

 private:
  /// As read_some, but 0 only at the end, where the checksum is looked at.
  virtual std::size_t take(void* to, std::size_t bytes) = 0;

  std::string name_;
  std::uint64_t most_;
  bool size_is_known_;
  std::uint64_t position_ = 0;
};

/// Text of a file for a message: cut after `most` bytes, control characters as '?'.
std::string printable(std::string_view text, std::size_t most);

}  // namespace mckean
