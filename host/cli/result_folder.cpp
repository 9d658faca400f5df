// Files written so that a crash leaves whole rows and whole files.
#include "result_folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "host/data/error.hpp"

namespace mckean::cli {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, const char* what) {
  throw IoError(path.string() + ": " + what + ": " + std::strerror(errno));
}

void write_all(int descriptor, const std::string& text, const fs::path& path) {
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t count = ::write(descriptor, text.data() + written, text.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(path, "cannot be written");
    written += static_cast<std::size_t>(count);
  }
  if (::fsync(descriptor) != 0 && errno != EINVAL) fail(path, "cannot be brought to disk");
}

}  // namespace

void prepare_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error || !fs::is_directory(folder)) {
    throw InputError(folder.string() + ": cannot be made a folder: " +
                     (error ? error.message() : std::string("there is a file of that name")) +
                     ": give --out another one");
  }
  for (const char* name : {"metrics.csv", "summary.json", "particles.npy"})
    prepare_file(folder / name);
}

void prepare_file(const fs::path& file) {
  if (fs::is_directory(file))
    throw InputError(file.string() + ": is a folder: remove it, or choose another name");
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  std::string probe = (folder / ".mckean-probe-XXXXXX").string();
  const int descriptor = ::mkstemp(probe.data());
  if (descriptor < 0) {
    throw InputError(folder.string() + ": cannot be written: " + std::strerror(errno) +
                     ": choose another folder");
  }
  ::close(descriptor);
  ::unlink(probe.c_str());
}

void write_text(const fs::path& path, const std::string& text) {
  std::string temporary = path.string() + ".XXXXXX";
  const int descriptor = ::mkstemp(temporary.data());
  if (descriptor < 0) fail(path, "cannot be created");
  try {
    ::fchmod(descriptor, 0644);
    write_all(descriptor, text, path);
  } catch (...) {
    ::close(descriptor);
    ::unlink(temporary.c_str());
    throw;
  }
  ::close(descriptor);
  if (std::rename(temporary.c_str(), path.c_str()) != 0) {
    ::unlink(temporary.c_str());
    fail(path, "cannot be replaced");
  }
}

MetricsFile::MetricsFile(const fs::path& folder, const std::string& header)
    : path_(folder / "metrics.csv"),
      descriptor_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) {
  if (descriptor_ < 0) fail(path_, "cannot be created");
  append(header);
}

MetricsFile::~MetricsFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void MetricsFile::append(const std::string& row) { write_all(descriptor_, row, path_); }

}  // namespace mckean::cli
