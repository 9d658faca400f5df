// Reading comma-separated numbers line by line.
#include "host/data/csv.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/data/input_file.hpp"

namespace mckean {
namespace {

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Calls use(column, cell) for each cell of a line and returns their number.
template <class Use>
std::size_t for_each_cell(std::string_view line, Use use) {
  std::size_t column = 0;
  while (true) {
    const std::size_t comma = line.find(',');
    use(column++, trim(line.substr(0, comma)));
    if (comma == std::string_view::npos) return column;
    line.remove_prefix(comma + 1);
  }
}

enum class Cell { number, not_a_number, out_of_range, not_finite };

Cell parse(std::string_view cell, double& value) {
  if (cell.size() > 1 && cell[0] == '+' && cell[1] != '-') cell.remove_prefix(1);
  const char* end = cell.data() + cell.size();
  const auto [stop, error] = std::from_chars(cell.data(), end, value);
  if (error == std::errc::invalid_argument || stop != end) return Cell::not_a_number;
  if (error == std::errc::result_out_of_range) return Cell::out_of_range;
  return std::isfinite(value) ? Cell::number : Cell::not_finite;
}

/// A line of names has no number in it at all.
bool is_header(std::string_view line) {
  bool header = true;
  for_each_cell(line, [&](std::size_t, std::string_view cell) {
    double value = 0;
    header = header && parse(cell, value) == Cell::not_a_number;
  });
  return header;
}

class CsvReader {
 public:
  explicit CsvReader(const std::filesystem::path& path) : file_(path) {}

  Matrix read() {
    if (file_.size() == 0) file_.reject("is empty; give at least one line of numbers");
    std::vector<char> block(std::size_t{1} << 20);
    std::string line;
    while (file_.remaining() > 0) {
      const auto size =
          static_cast<std::size_t>(std::min<std::uint64_t>(block.size(), file_.remaining()));
      file_.read(block.data(), size);
      std::string_view text(block.data(), size);
      for (std::size_t end; (end = text.find('\n')) != std::string_view::npos;) {
        line += text.substr(0, end);
        take(line);
        line.clear();
        text.remove_prefix(end + 1);
      }
      line += text;
    }
    if (!line.empty()) take(line);
    if (matrix_.rows == 0) file_.reject("has no line of numbers; give at least one");
    return std::move(matrix_);
  }

 private:
  void take(std::string_view line) {
    ++number_;
    if (number_ == 1 && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (trim(line).empty()) {
      if (first_blank_ == 0) first_blank_ = number_;
      return;
    }
    if (first_blank_ != 0) {
      file_.reject("line " + std::to_string(first_blank_) + " is blank; remove it");
    }
    if (line.find('"') != std::string_view::npos) {
      file_.reject("line " + std::to_string(number_) +
                   " has quotes, which are not supported; write bare names and numbers");
    }
    if (number_ == 1 && is_header(line)) {
      matrix_.cols = for_each_cell(line, [](std::size_t, std::string_view) {});
      return;
    }
    take_numbers(line);
  }

  void take_numbers(std::string_view line) {
    const std::size_t cells = for_each_cell(line, [&](std::size_t column, std::string_view cell) {
      double value = 0;
      const Cell kind = parse(cell, value);
      if (kind != Cell::number) reject_cell(column, cell, kind);
      matrix_.values.push_back(value);
    });
    if (matrix_.cols == 0) matrix_.cols = cells;
    if (cells != matrix_.cols) {
      file_.reject("line " + std::to_string(number_) + " has " + std::to_string(cells) +
                   (cells == 1 ? " cell" : " cells") + " where line 1 has " +
                   std::to_string(matrix_.cols) + "; give every line as many");
    }
    ++matrix_.rows;
  }

  [[noreturn]] void reject_cell(std::size_t column, std::string_view cell, Cell kind) const {
    std::string shown;
    for (const char c : cell.substr(0, 40)) shown += c >= ' ' && c != '\x7F' ? c : '?';
    if (cell.size() > 40) shown += "...";
    const std::string where =
        "line " + std::to_string(number_) + ", column " + std::to_string(column + 1) + ": ";
    if (cell.empty()) file_.reject(where + "the cell is empty; give a number");
    if (kind == Cell::out_of_range) {
      file_.reject(where + "'" + shown + "' is beyond the range of double; rescale the column");
    }
    if (kind == Cell::not_finite) {
      file_.reject(where + "'" + shown + "' is not finite; remove or replace that value");
    }
    file_.reject(where + "'" + shown +
                 "' is not a number; write numbers as 1.5 or 2e-3 and separate them by commas");
  }

  InputFile file_;
  Matrix matrix_;
  std::size_t number_ = 0;
  std::size_t first_blank_ = 0;
};

}  // namespace

Matrix read_csv(const std::filesystem::path& path) { return CsvReader(path).read(); }

}  // namespace mckean
