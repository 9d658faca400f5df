// Reading and writing the arrays of .npy files.
#include "host/data/npy.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "host/data/interruptible.hpp"
#include "host/data/new_file.hpp"
#include "host/data/npy_header.hpp"
#include "mckean/files.hpp"

namespace mckean {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::size_t kBlock = std::size_t{1} << 17;  // values

void check_length(const ByteSource& source, const NpyHeader& header) {
  const std::uint64_t size = header.type.size;
  const std::uint64_t expected = std::uint64_t{header.rows} * header.cols * size;
  const std::uint64_t left = source.most_left();
  if (source.size_is_known() ? left == expected : left >= expected) return;
  const std::string sizes = std::to_string(left) + " bytes of data" +
                            (source.size_is_known() ? "" : " at most") + " where its shape " +
                            std::to_string(header.rows) + " x " + std::to_string(header.cols) +
                            " needs " + std::to_string(expected);
  source.reject((left < expected ? "is truncated: " : "is too long: ") + sizes +
                "; write it again with numpy.save");
}

/// What stands in a file as a number of another type than double.
struct Half {
  std::uint16_t bits;
};
struct Truth {
  std::uint8_t byte;
};

/// The same number as a double; nothing where there is none.
template <class T>
std::optional<double> to_double(T value) {
  if constexpr (std::is_integral_v<T> && sizeof(T) == 8) {
    const auto bits = static_cast<std::uint64_t>(value);
    const std::uint64_t size = std::is_signed_v<T> && value < 0 ? 0 - bits : bits;
    constexpr int kDigits = std::numeric_limits<double>::digits;
    if (size != 0 && std::bit_width(size) - std::countr_zero(size) > kDigits) return {};
  }
  return static_cast<double>(value);
}
std::optional<double> to_double(Truth value) {
  if (value.byte > 1) return {};
  return value.byte;
}
/// IEEE 754 binary16: 1 sign, 5 exponent and 10 fraction bits.
std::optional<double> to_double(Half value) {
  const int exponent = value.bits >> 10 & 0x1F;
  const int fraction = value.bits & 0x3FF;
  const double sign = (value.bits & 0x8000) != 0 ? -1 : 1;
  if (exponent == 0x1F) {
    return fraction == 0 ? sign * std::numeric_limits<double>::infinity()
                         : std::numeric_limits<double>::quiet_NaN();
  }
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(0x400 + fraction, exponent - 25);
}

class ArrayReader {
 public:
  ArrayReader(ByteSource& source, const NpyHeader& header)
      : source_(source), header_(header), matrix_(make_matrix(header.rows, header.cols)) {}

  Matrix read() {
    const std::size_t size = header_.type.size;
    switch (header_.type.kind) {
      case 'f':
        size == 2 ? take<Half>() : size == 4 ? take<float>() : take<double>();
        break;
      case 'b':
        take<Truth>();
        break;
      case 'i':
        take_whole<std::int8_t, std::int16_t, std::int32_t, std::int64_t>();
        break;
      default:
        take_whole<std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t>();
    }
    source_.expect_end();
    check_finite();
    return std::move(matrix_);
  }

 private:
  template <class One, class Two, class Four, class Eight>
  void take_whole() {
    const std::size_t size = header_.type.size;
    size == 1 ? take<One>() : size == 2 ? take<Two>() : size == 4 ? take<Four>() : take<Eight>();
  }

  /// Reads all values, which are of type T in the file.
  template <class T>
  void take() {
    const std::size_t count = matrix_.values.size();
    const bool by_columns = header_.fortran_order && header_.cols > 1;
    std::vector<unsigned char> block(std::min(count, kBlock) * sizeof(T));
    std::size_t row = 0;
    std::size_t column = 0;
    for (std::size_t start = 0; start < count; start += kBlock) {
      const std::size_t size = std::min(kBlock, count - start);
      source_.read(block.data(), size * sizeof(T));
      for (std::size_t i = 0; i < size; ++i) {
        unsigned char* const bytes = block.data() + i * sizeof(T);
        if (header_.type.big_endian) std::reverse(bytes, bytes + sizeof(T));
        T value;
        std::memcpy(&value, bytes, sizeof(T));
        const std::optional<double> number = to_double(value);
        const std::size_t index = by_columns ? row * matrix_.cols + column : start + i;
        if (!number) reject_inexact(index);
        matrix_.values[index] = *number;
        if (by_columns && ++row == matrix_.rows) {
          row = 0;
          ++column;
        }
      }
    }
  }

  std::string place(std::size_t index) const {
    return "at row " + std::to_string(index / matrix_.cols + 1) + ", column " +
           std::to_string(index % matrix_.cols + 1) + " (counted from 1)";
  }

  [[noreturn]] void reject_inexact(std::size_t index) const {
    if (header_.type.kind == 'b') {
      source_.reject("holds a byte that is neither false nor true " + place(index) +
                     "; write it again with numpy.save");
    }
    source_.reject("holds an integer that no double equals " + place(index) +
                   "; convert it with numpy.save(path, array.astype('<f8')) if rounding will do");
  }

  void check_finite() const {
    const std::vector<double>& values = matrix_.values;
    for_each_range(values.size(), [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        if (std::isfinite(values[i])) continue;
        source_.reject(std::string("holds ") +
                       (std::isnan(values[i]) ? "NaN " : "an infinite value ") + place(i) +
                       "; remove or replace that value");
      }
    });
  }

  ByteSource& source_;
  const NpyHeader& header_;
  Matrix matrix_;
};

}  // namespace

Matrix read_npy(ByteSource& source) {
  const NpyHeader header = read_npy_header(source);
  check_length(source, header);
  return ArrayReader(source, header).read();
}

void write_npy(const std::filesystem::path& path, const Matrix& matrix) {
  MCKEAN_EXPECT(matrix.values.size() == matrix.rows * matrix.cols);
  const std::string header = make_npy_header(matrix.rows, matrix.cols);
  NewFile file(path);
  file.write(header);
  file.write(
      {reinterpret_cast<const char*>(matrix.values.data()), matrix.values.size() * sizeof(double)});
  file.move_into_place();
}

}  // namespace mckean
