// Records as rows: a table for people, .csv, and JSON, all with the same columns.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "host/flow/record.hpp"

namespace mckean::cli {

/// With or without the column w2_antipodal.
class RecordTable {
 public:
  explicit RecordTable(bool antipodal) : antipodal_(antipodal) {}

  std::string csv_header() const;
  /// All digits; empty cells where a column has no meaning.
  std::string csv_row(const Record& record) const;
  std::string text_header() const;
  /// Six digits; - where a column has no meaning.
  std::string text_row(const Record& record) const;
  /// null where a column has no meaning.
  nlohmann::ordered_json json(const Record& record) const;

 private:
  bool antipodal_;
};

}  // namespace mckean::cli
