// A record lock of fcntl, which tells who holds it.
#include "folder_lock.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "host/data/error.hpp"

namespace mckean::cli {
namespace {

namespace fs = std::filesystem;

fs::path lock_file(const fs::path& folder) { return folder / ".mckean.lock"; }

struct flock whole_file() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

/// InputError where another process holds the lock.
void refuse_holder(int descriptor, const fs::path& folder) {
  struct flock lock = whole_file();
  if (::fcntl(descriptor, F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) return;
  throw InputError(folder.string() + ": process " + std::to_string(lock.l_pid) +
                   " is writing its results there: wait for its end, or give --out another folder");
}

}  // namespace

FolderLock::FolderLock(const fs::path& folder) : path_(lock_file(folder)) {
  while (true) {
    descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (descriptor_ < 0)
      throw IoError(folder.string() + ": cannot be written: " + std::strerror(errno));
    struct flock lock = whole_file();
    const bool held = ::fcntl(descriptor_, F_SETLK, &lock) == 0;
    const bool is_busy = !held && (errno == EACCES || errno == EAGAIN);
    // The file may have been removed between the two calls, by a run at its end.
    if (!is_busy && is_current()) return;
    const int descriptor = descriptor_;
    descriptor_ = -1;
    try {
      if (is_busy) refuse_holder(descriptor, folder);
    } catch (...) {
      ::close(descriptor);
      throw;
    }
    ::close(descriptor);
  }
}

FolderLock::~FolderLock() {
  if (descriptor_ < 0) return;
  if (is_current()) ::unlink(path_.c_str());
  ::close(descriptor_);
}

bool FolderLock::is_current() const {
  struct stat own {
  }, found{};
  return ::fstat(descriptor_, &own) == 0 && ::lstat(path_.c_str(), &found) == 0 &&
         own.st_dev == found.st_dev && own.st_ino == found.st_ino;
}

void FolderLock::refuse_if_held(const fs::path& folder) {
  const int descriptor =
      ::open(lock_file(folder).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (descriptor < 0) return;
  try {
    refuse_holder(descriptor, folder);
  } catch (...) {
    ::close(descriptor);
    throw;
  }
  ::close(descriptor);
}

}  // namespace mckean::cli
