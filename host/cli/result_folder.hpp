// The folder of a run: metrics.csv, summary.json, particles.npy.
#pragma once

#include <filesystem>
#include <string>

#include "host/data/particle_array.hpp"

namespace mckean::cli {

/// Creates `folder` where it is missing and makes sure that files can be written there; touches no
/// file of an earlier run. InputError otherwise.
void prepare_folder(const std::filesystem::path& folder);

/// InputError where the file could not be created in its folder.
void prepare_file(const std::filesystem::path& file);

/// Replaces `path` by `text`: a temporary file beside it, fsync, rename. IoError with the system's
/// reason.
void write_text(const std::filesystem::path& path, const std::string& text);

/// Rows of metrics.csv, each safe on disk when append returns.
class MetricsFile {
 public:
  MetricsFile(const std::filesystem::path& folder, const std::string& header);
  ~MetricsFile();
  MetricsFile(const MetricsFile&) = delete;
  MetricsFile& operator=(const MetricsFile&) = delete;
  void append(const std::string& row);

 private:
  std::filesystem::path path_;
  int descriptor_;
};

}  // namespace mckean::cli
