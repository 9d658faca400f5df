// Matrices in files: what users keep their data, particles and points in.
#pragma once

#include <filesystem>

#include "mckean/matrix.hpp"

namespace mckean {

/// The matrix that `path` names, never empty, all values finite; an array of n values is n x 1. The
/// end of the name, in any case of letters, says what the file is: .npy; .csv, .tsv, .txt and .dat,
/// all of them tables of text; each of these with .gz behind it; or .npz, of which FILE.npz:NAME is
/// one array and FILE.npz the only one. InputError, with the path and what is wrong, where the file
/// is not there or is not that; IoError where the system cannot read; Interrupted where that was
/// asked for.
Matrix read_matrix(const std::filesystem::path& path);

/// Writes .npy version 1.0, float64, C order. Atomic: a temporary file in the same folder, fsync,
/// rename. IoError with the system's reason, the old file then left as it was.
void write_npy(const std::filesystem::path& path, const Matrix& matrix);

}  // namespace mckean
