// Configuration files: flat TOML whose keys are the option names.
#pragma once

#include <filesystem>

#include "host/cli/options/draft.hpp"

namespace mckean::cli {

/// Gives every key of the file to the draft; paths are relative to the file's folder. InputError
/// for a file that is missing or not TOML, for unknown keys, and for values of another type than
/// the option's.
void read_toml(const std::filesystem::path& path, Draft& draft);

}  // namespace mckean::cli
