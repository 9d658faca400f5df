// Names of files of matrices, as read_matrix takes them.
#pragma once

#include <filesystem>
#include <string>

namespace mckean {

/// The file of a path that read_matrix takes: FILE.npz of FILE.npz:NAME.
std::filesystem::path file_of(const std::filesystem::path& path);

/// Whether the name of a file ends so, in any case of letters.
bool has_ending(const std::filesystem::path& path, const std::string& ending);

}  // namespace mckean
