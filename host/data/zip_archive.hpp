// The directory of a zip archive, and its members: what a .npz file is.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "host/data/byte_source.hpp"
#include "host/data/input_file.hpp"

namespace mckean {

class ZipArchive {
 public:
  /// Reads the directory. InputError where the file is no whole archive, or one whose directory
  /// does not fit its bytes.
  explicit ZipArchive(std::shared_ptr<const InputFile> file);

  /// The member of this name, or of this name with .npy behind it; with an empty name, the only
  /// member. InputError that lists the members where there is none or more than one, and where it
  /// is encrypted, compressed in another way than deflate, or shares bytes with another.
  std::unique_ptr<ByteSource> open(const std::string& name) const;

 private:
  struct Member {
    std::string name;
    unsigned flags = 0;
    unsigned method = 0;
    std::uint32_t checksum = 0;
    std::uint64_t stored = 0;  // bytes in the archive
    std::uint64_t size = 0;    // bytes when inflated
    std::uint64_t offset = 0;  // of the header before them
  };

  void read_directory(std::uint64_t offset, std::uint64_t size, std::uint64_t count);
  const Member& find(const std::string& name) const;
  Section locate(const Member& member) const;
  [[noreturn]] void fail(const std::string& why) const;

  std::shared_ptr<const InputFile> file_;
  std::vector<Member> members_;
  std::uint64_t directory_ = 0;  // where it begins: the end of all members
};

}  // namespace mckean
