// Reading numbers line by line.
#include "host/data/csv.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
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
constexpr std::size_t kNoCell = std::string_view::npos;

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

/// Words for what a value is not or might be; a row of them is no row of names.
bool is_value_word(std::string_view cell) {
  constexpr std::string_view kWords[] = {"na",   "n/a", "nil", "null", "none", "missing",
                                         "true", "yes", "on",  "no",   "off",  "false"};
  std::string word(cell);
  for (char& c : word) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords);
}

/// The code point at the front of UTF-8 text; 0 where there is none.
std::uint32_t first_point(std::string_view text) {
  if (text.empty()) return 0;
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return first;
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || text.size() < size) return 0;
  std::uint32_t point = first & (0x7FU >> size);
  for (const char c : text.substr(1, size - 1))
    point = point << 6 | (static_cast<unsigned char>(c) & 0x3FU);
  return point;
}

/// Letters as names begin with: Latin, Greek, Cyrillic and what else is no sign, currency or digit
/// up to there; kana, Han and Hangul. A script that is missing here is refused, not misread.
bool is_letter(std::uint32_t point) {
  constexpr std::pair<std::uint32_t, std::uint32_t> kLetters[] = {
      {'A', 'Z'},       {'a', 'z'},       {'_', '_'},       {0xB5, 0xB5},     {0xC0, 0xD6},
      {0xD8, 0xF6},     {0xF8, 0x2AF},    {0x370, 0x373},   {0x386, 0x386},   {0x388, 0x3F5},
      {0x3F7, 0x481},   {0x48A, 0x556},   {0x1E00, 0x1FBC}, {0x3041, 0x3096}, {0x30A1, 0x30FA},
      {0x3400, 0x4DBF}, {0x4E00, 0x9FFF}, {0xAC00, 0xD7A3}};
  return std::any_of(std::begin(kLetters), std::end(kLetters), [&](const auto& range) {
    return point >= range.first && point <= range.second;
  });
}

bool is_name(std::string_view cell) {
  return is_letter(first_point(cell)) && !is_number(cell) && !is_value_word(cell);
}

/// The first cell that keeps a line from being one of names: any that is neither a name nor empty;
/// kNoCell where there is no such cell.
std::size_t find_no_name(std::string_view line, char separator) {
  std::size_t found = kNoCell;
  bool has_name = false;
  for_each_cell(line, separator, [&](std::size_t column, std::string_view cell) {
    has_name = has_name || is_name(cell);
    if (found == kNoCell && !cell.empty() && !is_name(cell)) found = column;
  });
  return found == kNoCell && !has_name ? 0 : found;
}

/// The name of a column may have blanks in it, as the first row of numbers will tell.
bool may_be_header(std::string_view line) {
  return find_no_name(line, find_separator(line)) == kNoCell || find_no_name(line, ',') == kNoCell;
}

class CsvReader {
 public:
  explicit CsvReader(ByteSource& source) : source_(source) {}

  Matrix read() {
    std::vector<char> block(kBlock);
    std::string line;
    bool is_empty = true;
    bool after_return = false;
    while (const std::size_t size = source_.read_some(block.data(), block.size())) {
      is_empty = false;
      std::string_view text(block.data(), size);
      for (std::size_t end; (end = text.find_first_of("\r\n")) != std::string_view::npos;) {
        // Of CRLF the second ends no line.
        const bool is_rest = text[end] == '\n' && after_return && end == 0 && line.empty();
        after_return = text[end] == '\r';
        line += text.substr(0, end);
        if (!is_rest) take(line);
        line.clear();
        text.remove_prefix(end + 1);
      }
      if (!text.empty()) after_return = false;
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
    // A cell of nothing but quotes is no blank line.
    if (is_blank(line.substr(0, line.find('#')))) return;
    if (line.find('"') != std::string_view::npos) line = unquote(line);
    line = without_comment(line);
    if (first_row_ == 0 && !has_header_) {
      if (may_be_header(line)) {
        has_header_ = true;
        header_ = line;
        first_line_ = number_;
        return;
      }
      refuse_mixture(line, find_separator(line));
    }
    take_numbers(line);
  }

  /// Of cells that tabs part, a line without any but tabs is a row of empty ones.
  bool is_blank(std::string_view line) const {
    return trim(line, kBlanks).empty() &&
           !(separator_ == '\t' && line.find('\t') != std::string_view::npos);
  }

  /// Without the mark of UTF-8; that of UTF-16 is a refusal.
  std::string_view without_mark(std::string_view line) const {
    if (line.starts_with("\xFF\xFE") || line.starts_with("\xFE\xFF")) {
      source_.reject("is text in UTF-16; save it as UTF-8");
    }
    if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    return line;
  }

  std::string_view without_comment(std::string_view line) const {
    const std::size_t at = line.find('#');
    if (at == std::string_view::npos) return line;
    // What C on Windows has long written for what is not finite.
    for (const char* const word : {"#INF", "#IND", "#QNAN", "#SNAN"}) {
      if (at > 0 && line[at - 1] == '.' && line.substr(at).starts_with(word)) {
        source_.reject(here() + ": '1." + word + "' is not finite; remove or replace that value");
      }
    }
    return line.substr(0, at);
  }

  /// Refuses a line with a name in it that is no row of names.
  void refuse_mixture(std::string_view line, char separator) const {
    std::size_t word = kNoCell;
    bool has_name = false;
    std::vector<std::string> cells;
    for_each_cell(line, separator, [&](std::size_t column, std::string_view cell) {
      has_name = has_name || is_name(cell);
      if (word == kNoCell && !is_number(cell)) word = column;
      cells.push_back(std::string("'").append(printable(cell, 40)).append("'"));
    });
    const std::size_t other = find_no_name(line, separator);
    if (!has_name || other == kNoCell) return;
    const std::string what = word == other
                                 ? " is neither a number nor a name"
                                 : " is not a number, and beside " + cells[other] + " in column " +
                                       std::to_string(other + 1) + " not one of a line of names";
    source_.reject("line " + std::to_string(has_header_ ? first_line_ : number_) + ", column " +
                   std::to_string(word + 1) + ": " + cells[word] + what +
                   "; give numbers alone below names that begin with a letter");
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
        refuse_mixture(header_, separator_);
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
};

}  // namespace

Matrix read_csv(ByteSource& source) { return CsvReader(source).read(); }

}  // namespace mckean
