// A record lock of fcntl, which tells who holds it.
#include "file_lock.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "mckean/error.hpp"

namespace mckean::cli {
namespace {

namespace fs = std::filesystem;

struct flock whole_file() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

/// InputError where another process holds the lock.
void refuse_holder(int descriptor, const Guarded& guarded) {
  struct flock lock = whole_file();
  if (::fcntl(descriptor, F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) return;
  throw InputError(guarded.path.string() + ": process " + std::to_string(lock.l_pid) +
                   " is writing its results there: wait for its end, or give " + guarded.instead);
}

[[noreturn]] void fail(const Guarded& guarded, const std::string& why) {
  throw IoError(guarded.lock.string() + ": " + why + ", where the lock of " +
                guarded.path.string() + " has to be: remove it, or give " + guarded.instead);
}

/// IoError where a link, a folder or a device has the name of the lock.
void check_kind(const Guarded& guarded) {
  std::error_code ignored;
  const fs::file_status status = fs::symlink_status(guarded.lock, ignored);
  if (!fs::exists(status) || fs::is_regular_file(status)) return;
  fail(guarded, fs::is_symlink(status)     ? "is a symbolic link"
                : fs::is_directory(status) ? "is a folder"
                                           : "is no file");
}

}  // namespace

FileLock::FileLock(const Guarded& guarded) : path_(guarded.lock) {
  while (true) {
    check_kind(guarded);
    descriptor_ =
        ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
    if (descriptor_ < 0) fail(guarded, std::string("cannot be written: ") + std::strerror(errno));
    struct flock lock = whole_file();
    const bool held = ::fcntl(descriptor_, F_SETLK, &lock) == 0;
    const bool is_busy = !held && (errno == EACCES || errno == EAGAIN);
    // The file may have been removed between the two calls, by a run at its end.
    if (!is_busy && is_current()) return;
    const int descriptor = descriptor_;
    descriptor_ = -1;
    try {
      if (is_busy) refuse_holder(descriptor, guarded);
    } catch (...) {
      ::close(descriptor);
      throw;
    }
    ::close(descriptor);
  }
}

FileLock::~FileLock() {
  if (descriptor_ < 0) return;
  if (is_current()) ::unlink(path_.c_str());
  ::close(descriptor_);
}

bool FileLock::is_current() const {
  struct stat own {
  }, found{};
  return ::fstat(descriptor_, &own) == 0 && ::lstat(path_.c_str(), &found) == 0 &&
         own.st_dev == found.st_dev && own.st_ino == found.st_ino;
}

void FileLock::check(const Guarded& guarded) {
  check_kind(guarded);
  const int descriptor =
      ::open(guarded.lock.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (descriptor < 0) return;
  try {
    refuse_holder(descriptor, guarded);
  } catch (...) {
    ::close(descriptor);
    throw;
  }
  ::close(descriptor);
}

}  // namespace mckean::cli
