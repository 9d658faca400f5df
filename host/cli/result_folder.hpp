// The folder of a run: metrics.csv, particles.npy, summary.json.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "file_lock.hpp"
#include "host/data/new_file.hpp"
#include "mckean/matrix.hpp"

namespace mckean::cli {

/// InputError where another run is writing there, or where there are results and `replace` is
/// false; IoError where the folder is not there and plainly cannot be made. Makes nothing and
/// touches nothing.
void check_result_folder(const std::filesystem::path& folder, bool replace);

/// Locked against other runs as long as it lives. Every file is written beside its place and
/// renamed, so that whole rows and whole files are left however the program ends; what an earlier
/// run left stays until the first record of this one is on disk. Failures are IoError.
class ResultFolder {
 public:
  /// Makes the folder where it is missing; check_result_folder once more, under the lock.
  ResultFolder(const std::filesystem::path& folder, bool replace, const std::string& header);

  /// A row of metrics.csv and the particles there; safe on disk on return.
  void add_record(const std::string& row, const Matrix& particles);
  void write_particles(const Matrix& particles);
  /// A file of the end of a run, by its name in result_names.
  void write(const std::string& name, const std::string& text);

 private:
  void put_metrics_into_place();

  std::filesystem::path path_;
  std::optional<FileLock> lock_;
  std::optional<NewFile> metrics_;
};

}  // namespace mckean::cli
