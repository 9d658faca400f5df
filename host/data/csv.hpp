// Tables of numbers as comma-separated text.
#pragma once

#include <filesystem>

#include "host/data/matrix.hpp"

namespace mckean {

/// Rows of comma-separated numbers in plain or exponent notation, with a decimal point in any
/// locale. A first line without a single number is a header and is skipped; spaces around a number,
/// CRLF and blank lines at the end are accepted; quotes are not. InputError (with line and column)
/// where the file is missing or empty, a row has another length than the first, or a cell is not a
/// finite number.
Matrix read_csv(const std::filesystem::path& path);

}  // namespace mckean
