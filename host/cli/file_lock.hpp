// One writer at a time of a folder or a file.
#pragma once

#include <filesystem>
#include <string>

namespace mckean::cli {

/// The lock of a folder that a run writes to.
constexpr const char* run_lock = ".mckean.lock";

/// What a lock keeps others from, and what they are told to do instead.
struct Guarded {
  std::filesystem::path lock;  // the file that is locked
  std::filesystem::path path;
  std::string instead;
};

/// Holds the lock, which the kernel releases however the process ends; the file goes with the
/// object. On a file system without locks nothing is held.
class FileLock {
 public:
  /// InputError where another process holds the lock, IoError where the file cannot be made.
  explicit FileLock(const Guarded& guarded);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  /// InputError where another process holds the lock, IoError where something else stands in its
  /// place; makes nothing. Not while this process holds the lock: it would lose it.
  static void check(const Guarded& guarded);

 private:
  bool is_current() const;

  std::filesystem::path path_;
  int descriptor_ = -1;
};

}  // namespace mckean::cli
