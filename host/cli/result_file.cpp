// One file of results: what it may replace, and how it gets there whole.
#include "result_file.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "host/data/new_file.hpp"
#include "mckean/error.hpp"
#include "mckean/files.hpp"

namespace mckean::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_name = 200;  // with the rest of the lock's below 255 bytes

Guarded guard(const fs::path& file) {
  const std::string name = file.filename().string().substr(0, longest_name);
  fs::path lock = file;
  lock.replace_filename(std::string(".").append(name).append(".lock"));
  return {lock, file, "--velocity another name"};
}

fs::path folder_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

bool has_ended(int process) { return ::kill(process, 0) != 0 && errno == ESRCH; }

/// A temporary file for the target `name` whose writer has ended.
bool is_left_over(const std::string& file_name, const std::string& name) {
  const int writer = writer_of_temporary(file_name, name);
  // Of this process there is none yet: one of its number has been here before.
  return writer > 0 && (writer == ::getpid() || has_ended(writer));
}

void refuse_folder(const fs::path& file) {
  std::error_code ignored;
  if (fs::is_directory(fs::symlink_status(file, ignored)))
    throw IoError(file.string() + ": is a folder: remove it, or choose another name");
}

void refuse_existing(const fs::path& file, bool replace) {
  if (!replace && is_there(file))
    throw InputError(file.string() +
                     ": is there: give --force to replace it, or --velocity another name");
}

}  // namespace

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(path, ignored));
}

void check_result_file(const fs::path& file) {
  refuse_folder(file);
  // Made, and gone again.
  static_cast<void>(NewFile(file));
}

void remove_left_over(const fs::path& folder, const std::vector<std::string>& names) {
  std::vector<fs::path> left;
  std::error_code ignored;
  for (fs::directory_iterator entry(folder, ignored), end; !ignored && entry != end;
       entry.increment(ignored)) {
    const std::string found = entry->path().filename().string();
    const bool is_left = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
      return is_left_over(found, name);
    });
    if (is_left) left.push_back(entry->path());
  }
  for (const fs::path& path : left) fs::remove(path, ignored);
}

void ResultFile::check(const fs::path& file, bool replace) {
  FileLock::check(guard(file));
  if (file.filename() == "particles.npy")
    FileLock::check({folder_of(file) / run_lock, file, guard(file).instead});
  refuse_folder(file);
  refuse_existing(file, replace);
}

ResultFile::ResultFile(const fs::path& file, bool replace) : path_(file) {
  check(file, replace);
  // A folder that is missing or read-only is said to be so before the lock cannot be made in it.
  check_result_file(file);
  lock_.emplace(guard(file));
  refuse_existing(file, replace);
  remove_left_over(folder_of(file), {file.filename().string()});
}

void ResultFile::write(const Matrix& matrix) { write_npy(path_, matrix); }

}  // namespace mckean::cli
