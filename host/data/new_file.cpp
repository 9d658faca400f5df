// Creating, writing and renaming files.
#include "host/data/new_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>

#include "mckean/error.hpp"

namespace mckean {
namespace {

// With the rest of a temporary's name below the 255 bytes of file systems.
constexpr std::size_t longest_name = 200;

std::string stem_of(const std::string& name) {
  return std::string(1, '.').append(name, 0, longest_name).append(1, '.');
}

/// A rename is on disk once its folder is. Not all file systems can do that, and none needs it for
/// the file to be whole.
void sync_folder(const std::filesystem::path& file) {
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace

NewFile::NewFile(const std::filesystem::path& target) : target_(target) {
  static std::atomic<unsigned> counter{0};
  const std::string stem = stem_of(target.filename().string()) + std::to_string(::getpid()) + ".";
  // A name may be left over from a process that had the same number.
  for (int attempt = 0; attempt < 1000; ++attempt) {
    temporary_ = target;
    temporary_.replace_filename(stem + std::to_string(counter++) + ".tmp");
    descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor_ >= 0 || errno != EEXIST) break;
  }
  if (descriptor_ < 0) fail("cannot create a file beside it");
}

NewFile::~NewFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!in_place_) ::unlink(temporary_.c_str());
}

void NewFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("cannot be written");
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void NewFile::sync() {
  if (::fsync(descriptor_) != 0 && errno != EINVAL) fail("cannot be brought to disk");
}

void NewFile::move_into_place() {
  sync();
  if (std::rename(temporary_.c_str(), target_.c_str()) != 0) fail("cannot be replaced");
  in_place_ = true;
  sync_folder(target_);
}

void NewFile::fail(const char* what) const {
  throw IoError(target_.string() + ": " + what + ": " + std::strerror(errno));
}

int writer_of_temporary(const std::string& file_name, const std::string& name) {
  const std::string stem = stem_of(name);
  const std::string end = ".tmp";
  if (file_name.size() < stem.size() + end.size()) return 0;
  if (!file_name.starts_with(stem) || !file_name.ends_with(end)) return 0;
  const char* const last = file_name.data() + file_name.size() - end.size();
  int process = 0;
  unsigned number = 0;
  const auto [dot, error] = std::from_chars(file_name.data() + stem.size(), last, process);
  if (error != std::errc{} || dot == last || *dot != '.') return 0;
  const auto [rest, wrong] = std::from_chars(dot + 1, last, number);
  return wrong == std::errc{} && rest == last && process > 0 ? process : 0;
}

}  // namespace mckean
