// Which build this is.
#pragma once

#include <string>

namespace mckean::cli {

/// The commit that the build was made of, "-dirty" behind it where files had changed; "unknown"
/// outside of a git tree. In a file that the build writes where it has changed.
const char* build_commit();
const char* build_type();

/// "mckean 0.1.0" and below it commit, build type, compiler and back ends.
std::string version_text();

}  // namespace mckean::cli
