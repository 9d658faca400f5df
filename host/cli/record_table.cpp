// Records as a table on the terminal, rows of metrics.csv and JSON, from one list of columns.
#include "record_table.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>
#include <variant>
#include <vector>

#include "mckean/number_text.hpp"

namespace mckean::cli {
namespace {

struct Column {
  const char* name;
  int rank;  // in the table for people: 1 is shown first; 0: never
  std::variant<std::optional<double>, std::uint64_t> value;
};

constexpr std::size_t widest_cell = 12;

/// Not known where an interruption came: NaN.
std::optional<double> known(double value) {
  return std::isnan(value) ? std::nullopt : std::optional(value);
}

std::vector<Column> columns(const Record& record, bool antipodal) {
  using Number = std::optional<double>;
  std::vector<Column> all{{"t", 1, Number(record.t)},
                          {"step", 7, record.step},
                          {"objective", 3, known(record.objective)},
                          {"risk", 2, known(record.risk)},
                          {"test_risk", 6, record.test_risk},
                          {"dissipation", 9, known(record.dissipation)},
                          {"energy_residual", 5, record.energy_residual},
                          {"w2", 4, record.w2},
                          {"w2_lower", 0, record.w2_lower},
                          {"w2_upper", 0, record.w2_upper}};
  if (antipodal) all.push_back({"w2_antipodal", 8, record.w2_antipodal});
  all.push_back({"path_norm", 10, Number(record.path_norm)});
  all.push_back({"n_eff", 11, Number(record.n_eff)});
  all.push_back({"rejected", 12, record.rejected});
  all.push_back({"evaluations", 13, record.evaluations});
  return all;
}

std::vector<Column> text_columns(const Record& record, bool antipodal, int least) {
  std::vector<Column> shown = columns(record, antipodal);
  std::erase_if(shown,
                [&](const Column& column) { return column.rank == 0 || column.rank > least; });
  return shown;
}

/// Each column's name or value, joined.
template <class Write>
std::string join(const std::vector<Column>& columns, const char* separator, const Write& write) {
  std::string line;
  for (const Column& column : columns) {
    if (!line.empty()) line += separator;
    line += write(column);
  }
  return line + "\n";
}

std::string padded(const std::string& text, std::size_t cell) {
  return std::string(cell - std::min(cell, text.size()), ' ') + text;
}

/// 1e-7 of 1e-07.
std::string with_short_exponent(std::string text) {
  const std::size_t e = text.find('e');
  if (e == std::string::npos) return text;
  const std::size_t digits = std::min(text.find_first_not_of('0', e + 2), text.size() - 1);
  return text.substr(0, e + 1) + (text[e + 1] == '-' ? "-" : "") + text.substr(digits);
}

/// Six digits, or as many as fit; stars where none does.
std::string digits_of(double value, std::size_t cell) {
  for (int digits = 6; digits > 0; --digits) {
    char text[32];
    std::snprintf(text, sizeof text, "%.*g", digits, value);
    for (const std::string& form : {std::string(text), with_short_exponent(text)}) {
      if (form.size() <= cell) return form;
    }
  }
  return std::string(cell, '*');
}

}  // namespace

RecordTable::RecordTable(bool antipodal, std::size_t width)
    : antipodal_(antipodal),
      cell_(width == 0 ? widest_cell : std::clamp<std::size_t>(width, 2, widest_cell + 1) - 1) {
  std::vector<int> ranks;
  for (const Column& column : columns({}, antipodal)) {
    if (column.rank > 0) ranks.push_back(column.rank);
  }
  std::sort(ranks.begin(), ranks.end());
  // Cells and the blanks between them, with the last place of a line left free.
  const std::size_t room = width == 0 ? ranks.size() : width / (widest_cell + 1);
  least_shown_ = ranks[std::clamp<std::size_t>(room, 1, ranks.size()) - 1];
}

std::string RecordTable::csv_header() const {
  return join(columns({}, antipodal_), ",",
              [](const Column& column) { return std::string(column.name); });
}

std::string RecordTable::csv_row(const Record& record) const {
  return join(columns(record, antipodal_), ",", [](const Column& column) {
    if (const auto* whole = std::get_if<std::uint64_t>(&column.value))
      return std::to_string(*whole);
    const auto& number = std::get<std::optional<double>>(column.value);
    return number ? shortest(*number) : std::string();
  });
}

std::string RecordTable::text_header() const {
  return join(text_columns({}, antipodal_, least_shown_), " ", [this](const Column& column) {
    return padded(std::string(column.name).substr(0, cell_), cell_);
  });
}

std::string RecordTable::text_row(const Record& record) const {
  return join(text_columns(record, antipodal_, least_shown_), " ", [this](const Column& column) {
    if (const auto* whole = std::get_if<std::uint64_t>(&column.value)) {
      const std::string text = std::to_string(*whole);
      return padded(text.size() > cell_ ? digits_of(static_cast<double>(*whole), cell_) : text,
                    cell_);
    }
    const auto& number = std::get<std::optional<double>>(column.value);
    return padded(number ? digits_of(*number, cell_) : "-", cell_);
  });
}

nlohmann::ordered_json RecordTable::json(const Record& record) const {
  nlohmann::ordered_json object;
  for (const Column& column : columns(record, antipodal_)) {
    if (const auto* whole = std::get_if<std::uint64_t>(&column.value)) {
      object[column.name] = *whole;
      continue;
    }
    const auto& number = std::get<std::optional<double>>(column.value);
    object[column.name] =
        number ? nlohmann::ordered_json(*number) : nlohmann::ordered_json(nullptr);
  }
  return object;
}

}  // namespace mckean::cli
