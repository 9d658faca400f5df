// Reads a matrix from a file of any format the program knows.
#pragma once

#include <filesystem>

#include "host/data/matrix.hpp"

namespace mckean {

/// The matrix in a .npy or a .csv file, chosen by the name's extension; never empty, all values
/// finite. InputError as read_npy and read_csv throw it, and for any other extension.
Matrix read_matrix(const std::filesystem::path& path);

}  // namespace mckean
