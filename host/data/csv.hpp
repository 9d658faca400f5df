// Tables of numbers as text.
#pragma once

#include "host/data/byte_source.hpp"
#include "host/data/matrix.hpp"

namespace mckean {

/// Rows of numbers in plain or exponent notation, with a decimal point in any locale. Cells are
/// separated by semicolons, commas, tabs or runs of blanks: the first of these that the first row
/// has is the separator of the whole file. What follows a '#' is a comment; a first line without a
/// single number holds names and is skipped; blanks and quotes around a cell, CRLF, and blank lines
/// at the end are accepted. InputError (with line and column) where the source is empty, a row has
/// another length than the first, or a cell is not a finite number; 1,5 is none.
Matrix read_csv(ByteSource& source);

}  // namespace mckean
