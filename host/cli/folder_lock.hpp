// One run at a time in a folder.
#pragma once

#include <filesystem>

namespace mckean::cli {

/// Holds ".mckean.lock" in the folder, which the kernel releases however the process ends; the file
/// goes with the object. On a file system without locks nothing is held.
class FolderLock {
 public:
  /// InputError where another process holds the lock, IoError where the file cannot be made.
  explicit FolderLock(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

  /// InputError where another process holds the lock of the folder; makes nothing.
  static void refuse_if_held(const std::filesystem::path& folder);

 private:
  bool is_current() const;

  std::filesystem::path path_;
  int descriptor_ = -1;
};

}  // namespace mckean::cli
