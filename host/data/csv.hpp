// Tables of numbers as text.
#pragma once

#include "host/data/byte_source.hpp"
#include "mckean/matrix.hpp"

namespace mckean {

/// Rows of numbers in plain or exponent notation, with a decimal point in any locale. Cells are
/// separated by semicolons, commas, tabs or runs of blanks: the first of these that the first row
/// has is the separator of the whole file. Lines end with LF, CRLF or CR; blank ones are skipped,
/// and what follows a '#' is a comment. A first line is skipped as one of names where all of its
/// cells begin with a letter or '_' (or are empty) and none is a number or a word like NaN, NA or
/// TRUE; whatever else is no number is refused. Blanks and quotes around a cell are accepted.
/// InputError (with line and column) where the source is empty, a row has another length than the
/// first, or a cell is not a finite number; 1,5 is none.
Matrix read_csv(ByteSource& source);

}  // namespace mckean
