// A file the user names, open for reading anywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "host/data/byte_source.hpp"

namespace mckean {

class InputFile {
 public:
  /// InputError where the path is missing, not a regular file, or not readable.
  explicit InputFile(const std::filesystem::path& path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  const std::string& name() const { return name_; }
  std::uint64_t size() const { return size_; }

  /// Exactly `bytes` bytes from `offset` on into `to`; IoError where the system fails, InputError
  /// where the file ends before.
  void read_at(std::uint64_t offset, void* to, std::size_t bytes) const;

  /// Throws InputError("PATH: what").
  [[noreturn]] void reject(const std::string& what) const;

 private:
  std::string name_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

/// Bytes `offset` to `offset + size` of a file.
struct Section {
  std::shared_ptr<const InputFile> file;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

/// All of a file.
Section whole(std::shared_ptr<const InputFile> file);

/// The bytes of a section as they are; with a CRC-32, InputError at the end where it is another.
class FileSource : public ByteSource {
 public:
  FileSource(std::string name, Section section, std::optional<std::uint32_t> checksum = {});

 private:
  std::size_t take(void* to, std::size_t bytes) override;

  Section section_;
  std::optional<std::uint32_t> checksum_;
  std::uint32_t sum_ = 0;
};

}  // namespace mckean
