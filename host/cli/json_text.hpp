// JSON as the program prints and stores it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace mckean::cli {

/// An object over several lines, as all commands print it. A path may hold any bytes: those that
/// are not UTF-8 become U+FFFD, since JSON has no other place for them.
inline std::string json_text(const nlohmann::ordered_json& json) {
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

/// A value on one line, for a table that people read.
inline std::string json_cell(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace mckean::cli
