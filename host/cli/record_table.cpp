// One list of columns for every form.
#include "record_table.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>
#include <variant>
#include <vector>

#include "settings.hpp"

namespace mckean::cli {
namespace {

struct Column {
  const char* name;
  int rank;  // in the table for people: 1 is shown first; 0: never
  std::variant<std::optional<double>, std::uint64_t> value;
};

constexpr std::size_t cell_width = 12;

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

std::string padded(const std::string& text) {
  return std::string(cell_width - std::min(cell_width, text.size()), ' ') + text;
}

}  // namespace

RecordTable::RecordTable(bool antipodal, std::size_t width) : antipodal_(antipodal) {
  std::vector<int> ranks;
  for (const Column& column : columns({}, antipodal)) {
    if (column.rank > 0) ranks.push_back(column.rank);
  }
  std::sort(ranks.begin(), ranks.end());
  // Cells and the blanks between them, with the last place of a line left free.
  const std::size_t room = width == 0 ? ranks.size() : width / (cell_width + 1);
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
  return join(text_columns({}, antipodal_, least_shown_), " ", [](const Column& column) {
    const std::string name = column.name;
    return padded(name == "energy_residual" ? "energy_resid" : name);
  });
}

std::string RecordTable::text_row(const Record& record) const {
  return join(text_columns(record, antipodal_, least_shown_), " ", [](const Column& column) {
    if (const auto* whole = std::get_if<std::uint64_t>(&column.value))
      return padded(std::to_string(*whole));
    const auto& number = std::get<std::optional<double>>(column.value);
    char text[32];
    std::snprintf(text, sizeof text, "%.6g", number.value_or(0));
    return padded(number ? text : "-");
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
