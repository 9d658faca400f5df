// Reads a matrix from a file of any format the program knows.
#pragma once

#include <filesystem>
#include <string>

#include "mckean/matrix.hpp"

namespace mckean {

/// The matrix that `path` names, never empty, all values finite. The end of the name, in any case
/// of letters, says what the file is: .npy; .csv, .tsv, .txt and .dat, all of them tables of text;
/// each of these with .gz behind it; or .npz, of which FILE.npz:NAME is one array and FILE.npz the
/// only one. InputError as read_npy, read_csv and ZipArchive throw it, and for any other name.
Matrix read_matrix(const std::filesystem::path& path);

/// The file of a path that read_matrix takes: FILE.npz of FILE.npz:NAME.
std::filesystem::path file_of(const std::filesystem::path& path);

/// Whether the name of a file ends so, in any case of letters.
bool has_ending(const std::filesystem::path& path, const std::string& ending);

}  // namespace mckean
