// One list of columns for every form.
#include "record_table.hpp"

#include <cstdio>
#include <optional>
#include <variant>
#include <vector>

#include "settings.hpp"

namespace mckean::cli {
namespace {

struct Column {
  const char* name;
  std::variant<std::optional<double>, std::uint64_t> value;
  bool in_text = true;  // of the table for people
};

std::vector<Column> columns(const Record& record, bool antipodal) {
  using Number = std::optional<double>;
  std::vector<Column> all{{"t", Number(record.t)},
                          {"step", record.step},
                          {"objective", Number(record.objective)},
                          {"risk", Number(record.risk)},
                          {"test_risk", record.test_risk},
                          {"dissipation", Number(record.dissipation)},
                          {"energy_residual", record.energy_residual},
                          {"w2", record.w2},
                          {"w2_lower", record.w2_lower, false},
                          {"w2_upper", record.w2_upper, false}};
  if (antipodal) all.push_back({"w2_antipodal", record.w2_antipodal});
  all.push_back({"path_norm", Number(record.path_norm)});
  all.push_back({"n_eff", Number(record.n_eff)});
  all.push_back({"rejected", record.rejected});
  all.push_back({"evaluations", record.evaluations});
  return all;
}

std::vector<Column> text_columns(const Record& record, bool antipodal) {
  std::vector<Column> shown = columns(record, antipodal);
  std::erase_if(shown, [](const Column& column) { return !column.in_text; });
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
  char cell[64];
  std::snprintf(cell, sizeof cell, "%12s", text.c_str());
  return cell;
}

}  // namespace

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
  return join(text_columns({}, antipodal_), " ", [](const Column& column) {
    const std::string name = column.name;
    return padded(name == "energy_residual" ? "energy_resid" : name);
  });
}

std::string RecordTable::text_row(const Record& record) const {
  return join(text_columns(record, antipodal_), " ", [](const Column& column) {
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
