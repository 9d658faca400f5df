// Reading and writing the header of a .npy file (NumPy Enhancement Proposal 1).
#include "host/data/npy_header.hpp"

#include <charconv>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>
#include <vector>

namespace mckean {
namespace {

constexpr std::string_view kMagic("\x93NUMPY", 6);
constexpr std::size_t kMaxHeader = 1 << 16;

/// Walks over the dictionary {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }.
class DictionaryReader {
 public:
  DictionaryReader(const ByteSource& source, std::string_view text)
      : source_(source), text_(text) {}

  void read() {
    expect('{');
    while (!accept('}')) {
      const std::string_view key = quoted();
      expect(':');
      if (key == "descr") {
        if (is_next('[')) {
          source_.reject("is a structured array; save one column group as a plain float array");
        }
        descr = quoted();
      } else if (key == "fortran_order") {
        fortran_order = boolean();
        has_order = true;
      } else if (key == "shape") {
        shape = tuple();
        has_shape = true;
      } else {
        fail();
      }
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_spaces();
    if (!text_.empty() || descr.empty() || !has_order || !has_shape) fail();
  }

  std::string_view descr;
  bool fortran_order = false;
  std::vector<std::size_t> shape;

 private:
  [[noreturn]] void fail() const {
    source_.reject("its header is not that of an array; write it again with numpy.save");
  }
  void skip_spaces() {
    const std::size_t at = text_.find_first_not_of(" \t\r\n");
    text_.remove_prefix(at == std::string_view::npos ? text_.size() : at);
  }
  bool is_next(char c) {
    skip_spaces();
    return !text_.empty() && text_.front() == c;
  }
  bool accept(char c) {
    if (!is_next(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail();
  }
  std::string_view quoted() {
    const char quote = is_next('"') ? '"' : '\'';
    expect(quote);
    const std::size_t end = text_.find(quote);
    if (end == std::string_view::npos) fail();
    const std::string_view inside = text_.substr(0, end);
    text_.remove_prefix(end + 1);
    return inside;
  }
  bool boolean() {
    skip_spaces();
    for (const std::string_view word : {"True", "False"}) {
      if (text_.starts_with(word)) {
        text_.remove_prefix(word.size());
        return word == "True";
      }
    }
    fail();
  }
  std::vector<std::size_t> tuple() {
    std::vector<std::size_t> sizes;
    expect('(');
    while (!accept(')')) {
      skip_spaces();
      std::size_t size = 0;
      const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), size);
      if (error == std::errc::result_out_of_range) {
        source_.reject("its shape is beyond any memory; write it again with numpy.save");
      }
      if (error != std::errc()) fail();
      text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
      sizes.push_back(size);
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return sizes;
  }

  const ByteSource& source_;
  std::string_view text_;
  bool has_order = false;
  bool has_shape = false;
};

std::string read_header_text(ByteSource& source) {
  unsigned char start[8];
  const std::size_t size = source.read_some(start, sizeof start);
  if (size < sizeof start) {
    source.reject("is not a .npy file (only " + std::to_string(size) +
                  " bytes); write it with numpy.save");
  }
  if (std::memcmp(start, kMagic.data(), kMagic.size()) != 0) {
    source.reject(
        "is not a .npy file (it does not begin with \\x93NUMPY); write it with numpy.save");
  }
  const unsigned version = start[6];
  if (version < 1 || version > 3) {
    source.reject("has .npy version " + std::to_string(version) +
                  ", which is not 1, 2 or 3; write it again with numpy.save");
  }
  unsigned char bytes[4] = {};
  const std::size_t width = version == 1 ? 2 : 4;
  std::size_t length = std::numeric_limits<std::size_t>::max();
  if (source.most_left() >= width) {
    source.read(bytes, width);
    length = bytes[0] | std::size_t{bytes[1]} << 8 | std::size_t{bytes[2]} << 16 |
             std::size_t{bytes[3]} << 24;
  }
  if (length > source.most_left()) {
    source.reject("is truncated: it ends inside its header; write it again with numpy.save");
  }
  if (length > kMaxHeader) {
    source.reject("has a header of " + std::to_string(length) +
                  " bytes, more than a plain array needs; write it again with numpy.save");
  }
  std::string text(length, '\0');
  source.read(text.data(), length);
  return text;
}

/// The type that a descr such as <f8, >i4 or |b1 names; a refusal says what else it names.
NpyType parse_type(const ByteSource& source, std::string_view descr) {
  const auto reject = [&](const std::string& why) {
    source.reject("has the type " + printable(descr, 20) + ", " + why);
  };
  NpyType type;
  std::string_view rest = descr;
  const char order = rest.empty() ? '?' : rest.front();
  const bool has_order = std::string_view("<>|=").find(order) != std::string_view::npos;
  if (has_order) rest.remove_prefix(1);
  type.big_endian = order == '>';
  type.kind = rest.empty() ? '?' : rest.front();
  if (!rest.empty()) rest.remove_prefix(1);
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), type.size);
  const bool has_size = error == std::errc() && end == rest.data() + rest.size();
  const std::string convert = "; convert it with numpy.save(path, array.astype('<f8'))";

  const std::size_t size = has_order && has_size ? type.size : 0;
  if (order != '|' || size == 1) {
    if (type.kind == 'f' && (size == 2 || size == 4 || size == 8)) return type;
    const bool is_whole = size == 1 || size == 2 || size == 4 || size == 8;
    if ((type.kind == 'i' || type.kind == 'u') && is_whole) return type;
    if (type.kind == 'b' && size == 1) return type;
  }
  if (type.kind == 'f' && (size == 10 || size == 12 || size == 16)) {
    reject("a long double, which has more digits than the double that is computed with" + convert);
  }
  if (type.kind == 'c') {
    reject("complex numbers, and real ones are needed; save its real or its imaginary part");
  }
  if (type.kind == 'O') reject("Python objects and not numbers" + convert);
  if (type.kind == 'S' || type.kind == 'U' || type.kind == 'V') {
    reject("text or raw bytes and not numbers" + convert);
  }
  if (type.kind == 'M' || type.kind == 'm') reject("times and not numbers" + convert);
  reject("not one of bool, int8 to int64, uint8 to uint64, float16, float32, float64" + convert);
  return type;
}

}  // namespace

NpyHeader read_npy_header(ByteSource& source) {
  const std::string text = read_header_text(source);
  DictionaryReader dictionary(source, text);
  dictionary.read();

  NpyHeader header;
  header.type = parse_type(source, dictionary.descr);
  const auto& shape = dictionary.shape;
  if (shape.empty() || shape.size() > 2) {
    source.reject("has " + std::to_string(shape.size()) +
                  " dimensions, not 1 or 2; convert it with array.reshape(rows, columns)");
  }
  header.fortran_order = dictionary.fortran_order;
  header.rows = shape[0];
  header.cols = shape.size() == 2 ? shape[1] : 1;
  if (header.rows == 0 || header.cols == 0) {
    source.reject("holds no values (" + std::to_string(header.rows) + " x " +
                  std::to_string(header.cols) + "); give at least one row and one column");
  }
  // The result is in doubles, whatever the file is in.
  if (header.rows > std::numeric_limits<std::size_t>::max() / 8 / header.cols) {
    source.reject("its shape is beyond any memory; write it again with numpy.save");
  }
  return header;
}

std::string make_npy_header(std::size_t rows, std::size_t cols) {
  constexpr std::size_t kLength = 118;
  std::string text = "{'descr': '<f8', 'fortran_order': False, 'shape': (" + std::to_string(rows) +
                     ", " + std::to_string(cols) + "), }";
  text.resize(kLength - 1, ' ');
  std::string header(kMagic);
  header += {'\x01', '\x00', static_cast<char>(kLength), '\x00'};
  return header + text + '\n';
}

}  // namespace mckean
