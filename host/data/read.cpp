// Reading a matrix from a file: the end of its name chooses the reader.
#include "host/data/read.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

#include "host/data/csv.hpp"
#include "host/data/inflate.hpp"
#include "host/data/input_file.hpp"
#include "host/data/npy.hpp"
#include "host/data/zip_archive.hpp"
#include "mckean/files.hpp"

namespace mckean {
namespace {

constexpr std::array<const char*, 4> kTextEndings{".csv", ".tsv", ".txt", ".dat"};
constexpr std::string_view kArchiveEnding = ".npz";

std::string in_lower_case(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

/// FILE.npz and NAME of FILE.npz:NAME, and the path itself otherwise. A file that is there under
/// the whole name is meant so.
std::pair<std::filesystem::path, std::string> split_member(const std::filesystem::path& path) {
  const std::string& text = path.native();
  const std::size_t archive = in_lower_case(text).find(std::string(kArchiveEnding) + ":");
  std::error_code ignored;
  if (archive == std::string::npos || std::filesystem::exists(path, ignored)) return {path, ""};
  const std::size_t colon = archive + kArchiveEnding.size();
  return {text.substr(0, colon), text.substr(colon + 1)};
}

}  // namespace

bool has_ending(const std::filesystem::path& path, const std::string& ending) {
  return in_lower_case(path.native()).ends_with(ending);
}

std::filesystem::path file_of(const std::filesystem::path& path) {
  return split_member(path).first;
}

Matrix read_matrix(const std::filesystem::path& path) {
  const auto [name, member] = split_member(path);
  const bool is_inflated = has_ending(name, ".gz");
  const std::string text = name.native();
  const std::filesystem::path inner = is_inflated ? text.substr(0, text.size() - 3) : text;
  const bool is_npy = has_ending(inner, ".npy");
  const bool is_text = std::any_of(kTextEndings.begin(), kTextEndings.end(),
                                   [&](const char* ending) { return has_ending(inner, ending); });
  const bool is_archive = !is_inflated && has_ending(name, std::string(kArchiveEnding));

  const auto file = std::make_shared<const InputFile>(name);
  if (is_archive) return read_npy(*ZipArchive(file).open(member));
  if (!is_npy && !is_text) {
    file->reject(
        "only files named *.npy, *.npz, *.csv, *.tsv, *.txt or *.dat are read, and *.gz of "
        "these; rename it, or convert it with numpy.save");
  }
  std::unique_ptr<ByteSource> source;
  if (is_inflated) {
    source = std::make_unique<InflateSource>(file->name(), whole(file));
  } else {
    source = std::make_unique<FileSource>(file->name(), whole(file));
  }
  return is_npy ? read_npy(*source) : read_csv(*source);
}

}  // namespace mckean
