// The one way results are written: into a new file that is then renamed into place, so that a
// reader, or whoever comes after a crash, finds the old file or the whole new one.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace mckean {

/// A file beside its target, ".NAME.PID.N.tmp", that vanishes again unless it is moved into place.
/// What stood at the target, a link or a pipe too, is replaced and never written to. Failures are
/// IoError with the system's reason.
class NewFile {
 public:
  explicit NewFile(const std::filesystem::path& target);
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  void write(std::string_view bytes);
  /// What was written is safe on disk when this returns.
  void sync();
  /// Renames the file; it may be written further.
  void move_into_place();
  bool in_place() const { return in_place_; }

 private:
  [[noreturn]] void fail(const char* what) const;

  std::filesystem::path target_;
  std::filesystem::path temporary_;
  int descriptor_ = -1;
  bool in_place_ = false;
};

/// The process that left a temporary file of that name for the target `name`; 0 where it is none.
int writer_of_temporary(const std::string& file_name, const std::string& name);

}  // namespace mckean
