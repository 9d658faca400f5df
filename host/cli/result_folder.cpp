// What stands in the folder before, during and after a run.
#include "result_folder.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <vector>

#include "mckean/error.hpp"
#include "mckean/files.hpp"
#include "result_file.hpp"

namespace mckean::cli {
namespace {

namespace fs = std::filesystem;

/// The files of each record, then those of the end of a run.
constexpr const char* result_names[] = {"metrics.csv", "particles.npy", "summary.json"};
constexpr std::size_t files_of_records = 2;

Guarded guard(const fs::path& folder) {
  return {folder / run_lock, folder, "--out another folder"};
}

[[noreturn]] void fail_to_make(const fs::path& folder, const std::string& why) {
  throw IoError(folder.string() + ": cannot be made or written: " + why +
                ": give --out another one");
}

/// InputError where results stand in the folder.
void refuse_results(const fs::path& folder) {
  std::string found;
  for (const char* const name : result_names) {
    if (is_there(folder / name)) found += (found.empty() ? "" : ", ") + std::string(name);
  }
  if (found.empty()) return;
  throw InputError(folder.string() + ": holds results of an earlier run (" + found +
                   "): give --force to replace them, or --out another folder");
}

/// Whether `name` is what an earlier version left of a summary.json, or of its look at the folder.
bool is_old_temporary(const std::string& name) {
  for (const std::string stem : {"summary.json.", ".mckean-probe-"}) {
    if (name.size() != stem.size() + 6 || !name.starts_with(stem)) continue;
    return std::all_of(name.begin() + static_cast<std::ptrdiff_t>(stem.size()), name.end(),
                       [](unsigned char c) { return std::isalnum(c) != 0; });
  }
  return false;
}

/// Not what someone put there under such a name: whole summaries are kept.
bool is_torn(const fs::path& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file || file.tellg() < 2) return static_cast<bool>(file);
  char end[2] = {};
  file.seekg(-2, std::ios::end);
  file.read(end, 2);
  return end[0] != '}' || end[1] != '\n';
}

/// Removes what runs that were killed have left beside the results.
void remove_temporaries(const fs::path& folder) {
  remove_left_over(folder, {std::begin(result_names), std::end(result_names)});
  std::vector<fs::path> old;
  std::error_code ignored;
  for (fs::directory_iterator entry(folder, ignored), end; !ignored && entry != end;
       entry.increment(ignored)) {
    if (entry->is_regular_file(ignored) && is_old_temporary(entry->path().filename().string()) &&
        is_torn(entry->path()))
      old.push_back(entry->path());
  }
  for (const fs::path& path : old) fs::remove(path, ignored);
}

}  // namespace

void check_result_folder(const fs::path& folder, bool replace) {
  FileLock::check(guard(folder));
  if (!replace) refuse_results(folder);
  std::error_code error;
  fs::path there = fs::absolute(folder, error);
  while (!fs::exists(there, error) && there.has_relative_path()) there = there.parent_path();
  if (!fs::is_directory(there, error)) fail_to_make(folder, there.string() + " is no folder");
  if (::access(there.c_str(), W_OK | X_OK) != 0)
    fail_to_make(folder, there.string() + ": " + std::strerror(errno));
}

ResultFolder::ResultFolder(const fs::path& folder, bool replace, const std::string& header)
    : path_(folder) {
  check_result_folder(folder, replace);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail_to_make(folder, error.message());
  lock_.emplace(guard(folder));
  if (!replace) refuse_results(folder);
  remove_temporaries(folder);
  for (const char* const name : result_names) check_result_file(folder / name);
  metrics_.emplace(folder / "metrics.csv");
  metrics_->write(header);
}

void ResultFolder::add_record(const std::string& row, const Matrix& particles) {
  metrics_->write(row);
  metrics_->sync();
  write_particles(particles);
  put_metrics_into_place();
}

void ResultFolder::write_particles(const Matrix& particles) {
  write_npy(path_ / "particles.npy", particles);
}

void ResultFolder::write(const std::string& name, const std::string& text) {
  put_metrics_into_place();
  NewFile file(path_ / name);
  file.write(text);
  file.move_into_place();
}

void ResultFolder::put_metrics_into_place() {
  if (metrics_->in_place()) return;
  metrics_->move_into_place();
  // Those of the earlier run: the files of two runs are never together for longer than this.
  for (std::size_t i = files_of_records; i < std::size(result_names); ++i)
    ::unlink((path_ / result_names[i]).c_str());
}

}  // namespace mckean::cli
