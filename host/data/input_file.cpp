// Opening and reading a file the user names.
#include "host/data/input_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "mckean/error.hpp"

namespace mckean {

InputFile::InputFile(const std::filesystem::path& path) : name_(path.string()) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    reject("there is no such file; check the path");
  }
  if (error) reject("cannot be read: " + error.message() + "; check the permissions");
  if (std::filesystem::is_directory(status)) reject("is a directory; name a file in it");
  if (!std::filesystem::is_regular_file(status)) {
    reject("is not a regular file; copy the data into one");
  }
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor_ < 0) {
    reject("cannot be read: " + std::string(std::strerror(errno)) + "; check the permissions");
  }
  struct stat properties {};
  if (::fstat(descriptor_, &properties) != 0) {
    const std::string reason = std::strerror(errno);
    ::close(descriptor_);
    throw IoError(name_ + ": " + reason);
  }
  size_ = static_cast<std::uint64_t>(properties.st_size);
}

InputFile::~InputFile() { ::close(descriptor_); }

void InputFile::read_at(std::uint64_t offset, void* to, std::size_t bytes) const {
  char* start = static_cast<char*>(to);
  while (bytes > 0) {
    const ssize_t count = ::pread(descriptor_, start, bytes, static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw IoError(name_ + ": " + std::strerror(errno));
    if (count == 0) {
      reject("ended before the " + std::to_string(size_) +
             " bytes it had when opened; write it completely and read it then");
    }
    start += count;
    offset += static_cast<std::uint64_t>(count);
    bytes -= static_cast<std::size_t>(count);
  }
}

void InputFile::reject(const std::string& what) const { throw InputError(name_ + ": " + what); }

Section whole(std::shared_ptr<const InputFile> file) {
  const std::uint64_t size = file->size();
  return {std::move(file), 0, size};
}

FileSource::FileSource(std::string name, Section section, std::optional<std::uint32_t> checksum)
    : ByteSource(std::move(name), section.size, true),
      section_(std::move(section)),
      checksum_(checksum) {}

std::size_t FileSource::take(void* to, std::size_t bytes) {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, section_.size));
  if (count == 0) {
    if (checksum_ && *checksum_ != sum_) {
      reject("is damaged: its CRC-32 is not the one stored beside it; write it again");
    }
    return 0;
  }
  section_.file->read_at(section_.offset, to, count);
  section_.offset += count;
  section_.size -= count;
  if (checksum_) {
    sum_ =
        static_cast<std::uint32_t>(::crc32_z(sum_, static_cast<const unsigned char*>(to), count));
  }
  return count;
}

}  // namespace mckean
