// A file the user names, open for reading in blocks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

namespace mckean {

class InputFile {
 public:
  /// InputError where the path is missing, not a regular file, or not readable.
  explicit InputFile(const std::filesystem::path& path);

  std::uint64_t size() const { return size_; }
  std::uint64_t remaining() const { return size_ - position_; }

  /// Exactly `bytes` bytes into `to`; IoError where the system fails, InputError where the file
  /// ends before.
  void read(void* to, std::size_t bytes);

  /// Throws InputError("PATH: what").
  [[noreturn]] void reject(const std::string& what) const;

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  std::string name_;
  std::unique_ptr<std::FILE, Close> file_;
  std::uint64_t size_ = 0;
  std::uint64_t position_ = 0;
};

}  // namespace mckean
