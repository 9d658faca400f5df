// Reading numbers line by line.
#include "host/data/csv.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/data/interruptible.hpp"

namespace mckean {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr std::size_t kBlock = std::size_t{1} << 20;
constexpr std::size_t kLeastRoom = std::size_t{1} << 10;
constexpr std::size_t kLongestLine = std::size_t{1} << 28;

std::string_view trim(std::string_view text, std::string_view padding) {
  const std::size_t first = text.find_first_not_of(padding);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(padding) - first + 1);
}

/// What parts the cells of a line; a comma where nothing does.
char find_separator(std::string_view line) {
  for (const char separator : {';', ',', '\t', ' '}) {
    if (trim(line, kBlanks).find(separator) != std::string_view::npos) return separator;
  }
  return ',';
}

std::size_t find_blank(std::string_view line) {
  const auto place =
      std::find_if(line.begin(), line.end(), [](char c) { return c == ' ' || c == '\t'; });
  return place == line.end() ? std::string_view::npos
                             : static_cast<std::size_t>(place - line.begin());
}

/// Calls use(column, cell) for each cell of a line and returns their number.
template <class Use>
std::size_t for_each_cell(std::string_view line, char separator, Use use) {
  const bool by_runs = separator == ' ';
  const std::string_view padding = separator == '\t' ? " " : kBlanks;
  if (by_runs) line = trim(line, kBlanks);
  std::size_t column = 0;
  while (true) {
    const std::size_t end = by_runs ? find_blank(line) : line.find(separator);
    use(column++, trim(line.substr(0, end), padding));
    if (end == std::string_view::npos) return column;
    line.remove_prefix(by_runs ? line.find_first_not_of(kBlanks, end) : end + 1);
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

bool is_number(std::string_view cell) {
  double value = 0;
  return parse(cell, value) != Cell::not_a_number;
}

/// A number once its comma is a point.
bool has_decimal_comma(std::string_view cell) {
  std::string text(cell);
  if (std::count(text.begin(), text.end(), ',') != 1) return false;
  std::replace(text.begin(), text.end(), ',', '.');
  return is_number(text);
}

/// Words for a value that is missing; a row of them is no row of names.
bool is_missing(std::string_view cell) {
  constexpr std::string_view kWords[] = {"", "na", "n/a", "null", "none", "missing"};
  std::string word(cell);
  for (char& c : word) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords);
}

bool has_letter(std::string_view cell) {
  return std::any_of(cell.begin(), cell.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) > 127;
  });
}

/// A line of names has a name in it and no number at all.
bool is_header(std::string_view line) {
  bool has_name = false;
  bool has_number = false;
  for_each_cell(line, find_separator(line), [&](std::size_t, std::string_view cell) {
    has_number = has_number || is_number(cell) || has_decimal_comma(cell);
    has_name = has_name || (has_letter(cell) && !is_missing(cell));
  });
  return has_name && !has_number;
}

class CsvReader {
 public:
  explicit CsvReader(ByteSource& source) : source_(source) {}

  Matrix read() {
    std::vector<char> block(kBlock);
    std::string line;
    bool is_empty = true;
    while (const std::size_t size = source_.read_some(block.data(), block.size())) {
      is_empty = false;
      std::string_view text(block.data(), size);
      for (std::size_t end; (end = text.find('\n')) != std::string_view::npos;) {
        line += text.substr(0, end);
        take(line);
        line.clear();
        text.remove_prefix(end + 1);
      }
      line += text;
      if (line.size() > kLongestLine) {
        source_.reject("line " + std::to_string(number_ + 1) +
                       " is too long for a row of a table; check that this is one");
      }
    }
    source_.expect_end();
    if (is_empty) source_.reject("is empty; give at least one line of numbers");
    if (!line.empty()) take(line);
    if (matrix_.rows == 0) source_.reject("has no line of numbers; give at least one");
    return std::move(matrix_);
  }

 private:
  std::string here() const { return "line " + std::to_string(number_); }

  void take(std::string_view line) {
    ++number_;
    if (number_ == 1) line = without_mark(line);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find('"') != std::string_view::npos) line = unquote(line);
    const std::size_t comment = line.find('#');
    line = line.substr(0, comment);
    if (trim(line, kBlanks).empty()) {
      if (comment == std::string_view::npos && first_blank_ == 0) first_blank_ = number_;
      return;
    }
    if (first_blank_ != 0) {
      source_.reject("line " + std::to_string(first_blank_) + " is blank; remove it");
    }
    if (first_row_ == 0 && !has_header_ && is_header(line)) {
      has_header_ = true;
      header_ = line;
      first_line_ = number_;
      return;
    }
    take_numbers(line);
  }

  /// Without the mark of UTF-8; that of UTF-16 is a refusal.
  std::string_view without_mark(std::string_view line) const {
    if (line.starts_with("\xFF\xFE") || line.starts_with("\xFE\xFF")) {
      source_.reject("is text in UTF-16; save it as UTF-8");
    }
    if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    return line;
  }

  /// The line without the quotes around its cells; what would part cells or begin a comment, but
  /// stands between quotes, becomes '_'.
  std::string_view unquote(std::string_view line) {
    constexpr std::string_view kAround = ";, \t";
    const auto is_around = [&](char c) { return kAround.find(c) != std::string_view::npos; };
    unquoted_.clear();
    bool inside = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const char c = line[i];
      if (c == '#' && !inside) break;
      if (c != '"') {
        unquoted_ += inside && (is_around(c) || c == '#') ? '_' : c;
        continue;
      }
      const bool at_edge =
          inside ? i + 1 == line.size() || is_around(line[i + 1]) || line[i + 1] == '#'
                 : i == 0 || is_around(line[i - 1]);
      if (!at_edge) {
        source_.reject(here() + " has a quote inside a cell; put quotes around whole cells only");
      }
      inside = !inside;
    }
    if (inside) source_.reject(here() + " has a quote that is not closed; close or remove it");
    return unquoted_;
  }

  void take_numbers(std::string_view line) {
    if (first_row_ == 0) {
      first_row_ = number_;
      separator_ = find_separator(line);
      if (has_header_) {
        matrix_.cols = for_each_cell(header_, separator_, [](std::size_t, std::string_view) {});
      } else {
        first_line_ = number_;
      }
    }
    const std::size_t cells =
        for_each_cell(line, separator_, [&](std::size_t column, std::string_view cell) {
          double value = 0;
          const Cell kind = parse(cell, value);
          if (kind != Cell::number) reject_cell(column, cell, kind);
          if (matrix_.values.size() == matrix_.values.capacity()) grow();
          matrix_.values.push_back(value);
        });
    if (matrix_.cols == 0) matrix_.cols = cells;
    if (cells != matrix_.cols) {
      source_.reject(here() + " has " + std::to_string(cells) + (cells == 1 ? " cell" : " cells") +
                     " where line " + std::to_string(first_line_) + " has " +
                     std::to_string(matrix_.cols) + "; give every line as many");
    }
    ++matrix_.rows;
  }

  /// Room for twice as many values.
  void grow() {
    std::vector<double>& values = matrix_.values;
    values = copy_values(values.data(), values.size(), std::max(kLeastRoom, 2 * values.size()));
  }

  [[noreturn]] void reject_cell(std::size_t column, std::string_view cell, Cell kind) const {
    const std::string where = here() + ", column " + std::to_string(column + 1) + ": ";
    if (cell.empty()) source_.reject(where + "the cell is empty; give a number");
    const std::string what = where + "'" + printable(cell, 40) + "' ";
    if (kind == Cell::out_of_range) {
      source_.reject(what + "is beyond the range of double; rescale the column");
    }
    if (kind == Cell::not_finite) {
      source_.reject(what + "is not finite; remove or replace that value");
    }
    if (has_decimal_comma(cell)) {
      source_.reject(what + "has a decimal comma; write it with a decimal point");
    }
    const std::size_t gap = cell.find_first_of(";, \t");
    if (gap != std::string_view::npos && is_number(cell.substr(0, gap))) {
      source_.reject(what +
                     "is not a number; separate all cells by the same sign, and write "
                     "decimal points and no decimal commas");
    }
    source_.reject(what +
                   "is not a number; write numbers as 1.5 or 2e-3, and separate all of them "
                   "by commas, semicolons, tabs or blanks");
  }

  ByteSource& source_;
  Matrix matrix_;
  std::string unquoted_;
  std::string header_;
  bool has_header_ = false;
  char separator_ = ',';
  std::size_t number_ = 0;
  std::size_t first_line_ = 0;  // of names or numbers
  std::size_t first_row_ = 0;
  std::size_t first_blank_ = 0;
};

}  // namespace

Matrix read_csv(ByteSource& source) { return CsvReader(source).read(); }

}  // namespace mckean
