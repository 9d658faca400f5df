// A single file of results: the velocities of mckean eval.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "file_lock.hpp"
#include "mckean/matrix.hpp"

namespace mckean::cli {

/// Whether anything has that name, a link that leads nowhere too.
bool is_there(const std::filesystem::path& path);

/// IoError where `file` could not be written in its folder. Touches nothing.
void check_result_file(const std::filesystem::path& file);

/// Removes the temporary files that processes which were killed have left beside files of those
/// names.
void remove_left_over(const std::filesystem::path& folder, const std::vector<std::string>& names);

/// Locked against other writers as long as it lives, and written beside its place and renamed.
class ResultFile {
 public:
  /// InputError where another process is writing the file (as a run is its particles.npy), or where
  /// it is there and `replace` is false; IoError where it is a folder. Makes nothing and touches
  /// nothing.
  static void check(const std::filesystem::path& file, bool replace);

  /// check() once more, under the lock; IoError where the file could not be written.
  ResultFile(const std::filesystem::path& file, bool replace);

  /// As .npy. IoError.
  void write(const Matrix& matrix);

 private:
  std::filesystem::path path_;
  std::optional<FileLock> lock_;
};

}  // namespace mckean::cli
