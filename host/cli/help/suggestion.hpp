// What a user may have meant by a name that there is not.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace mckean::cli {

/// The number of letters to insert, delete, replace or swap with their neighbour that makes one
/// word the other (Damerau and Levenshtein, no letter touched twice).
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The known name nearest to `name`: at most a third of its letters away, or begun by it; empty
/// where there is none.
std::string_view nearest_name(std::string_view name, std::span<const std::string_view> known);

/// ": did you mean NAME?", or nothing.
std::string did_you_mean(std::string_view name, std::span<const std::string_view> known,
                         std::string_view prefix = "");

std::string joined(std::span<const std::string_view> words, std::string_view separator);

}  // namespace mckean::cli
