// Text for people, no wider than a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mckean::cli {

/// `text` with its lines broken at blanks so that none has more than `width` - 1 columns, of which
/// some terminals need the last; 0: as it is. What follows stands below the second column of a list
/// of two, and behind '#' where the line is a comment. Words that are wider than that are broken
/// too, after a bar, comma or slash if there is one.
std::string fitted(std::string_view text, std::size_t width);

}  // namespace mckean::cli
