// Records as rows: .csv and JSON with all columns, and a table for people.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>

#include "mckean/record.hpp"

namespace mckean::cli {

/// With or without the column w2_antipodal. The table for people is at most `width` wide, 0: as
/// wide as it is; what matters least is left out of it, and t never.
class RecordTable {
 public:
  explicit RecordTable(bool antipodal, std::size_t width = 0);

  std::string csv_header() const;
  /// All digits; empty cells where a column has no meaning.
  std::string csv_row(const Record& record) const;
  /// Without the bracket of W2.
  std::string text_header() const;
  /// Six digits, or as many as fit; - where a column has no meaning.
  std::string text_row(const Record& record) const;
  /// null where a column has no meaning.
  nlohmann::ordered_json json(const Record& record) const;

 private:
  bool antipodal_;
  std::size_t cell_;     // columns of a cell
  int least_shown_ = 0;  // rank of importance that the width has room for
};

}  // namespace mckean::cli
