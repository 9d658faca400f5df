// Opening and reading a file the user names.
#include "host/data/input_file.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>

#include "host/data/error.hpp"

namespace mckean {

InputFile::InputFile(const std::filesystem::path& path) : name_(path.string()) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    reject("there is no such file; check the path");
  }
  if (error) reject("cannot be read: " + error.message() + "; check the permissions");
  if (std::filesystem::is_directory(status)) reject("is a directory; name a .npy or .csv file");
  if (!std::filesystem::is_regular_file(status)) {
    reject("is not a regular file; copy the data into a .npy or .csv file");
  }
  file_.reset(std::fopen(path.c_str(), "rb"));
  if (!file_) {
    reject("cannot be read: " + std::string(std::strerror(errno)) + "; check the permissions");
  }
  size_ = std::filesystem::file_size(path, error);
  if (error) throw IoError(name_ + ": " + error.message());
}

void InputFile::read(void* to, std::size_t bytes) {
  const std::size_t count = std::fread(to, 1, bytes, file_.get());
  position_ += count;
  if (count == bytes) return;
  if (std::ferror(file_.get())) throw IoError(name_ + ": " + std::strerror(errno));
  reject("ended before the " + std::to_string(size_) +
         " bytes it had when opened; write it completely and read it then");
}

void InputFile::reject(const std::string& what) const { throw InputError(name_ + ": " + what); }

}  // namespace mckean
