// Reading and writing the arrays of .npy files.
#include "host/data/npy.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>
#include <vector>

#include "host/data/new_file.hpp"
#include "host/data/npy_header.hpp"

namespace mckean {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::size_t kBlock = std::size_t{1} << 17;  // values

void check_length(const InputFile& file, const NpyHeader& header) {
  const std::uint64_t expected = std::uint64_t{header.rows} * header.cols * header.item_size;
  if (file.remaining() == expected) return;
  const std::string sizes = std::to_string(file.remaining()) + " bytes of data where its shape " +
                            std::to_string(header.rows) + " x " + std::to_string(header.cols) +
                            " needs " + std::to_string(expected);
  file.reject((file.remaining() < expected ? "is truncated: " : "is too long: ") + sizes +
              "; write it again with numpy.save");
}

/// Hands the values of the file, in its order, to use(index, value).
template <class T, class Use>
void for_each_value(InputFile& file, std::size_t count, Use use) {
  std::vector<T> block(std::min(count, kBlock));
  for (std::size_t start = 0; start < count; start += kBlock) {
    const std::size_t size = std::min(kBlock, count - start);
    file.read(block.data(), size * sizeof(T));
    for (std::size_t i = 0; i < size; ++i) use(start + i, static_cast<double>(block[i]));
  }
}

template <class T>
void read_values(InputFile& file, const NpyHeader& header, Matrix& matrix) {
  if (!header.fortran_order || header.cols == 1) {
    for_each_value<T>(file, matrix.values.size(),
                      [&](std::size_t index, double value) { matrix.values[index] = value; });
    return;
  }
  std::size_t i = 0;
  std::size_t j = 0;
  for_each_value<T>(file, matrix.values.size(), [&](std::size_t, double value) {
    matrix(i, j) = value;
    if (++i == matrix.rows) {
      i = 0;
      ++j;
    }
  });
}

void check_finite(const InputFile& file, const Matrix& matrix) {
  const auto bad = std::find_if(matrix.values.begin(), matrix.values.end(),
                                [](double value) { return !std::isfinite(value); });
  if (bad == matrix.values.end()) return;
  const auto index = static_cast<std::size_t>(bad - matrix.values.begin());
  file.reject(std::string("holds ") + (std::isnan(*bad) ? "NaN" : "an infinite value") +
              " at row " + std::to_string(index / matrix.cols + 1) + ", column " +
              std::to_string(index % matrix.cols + 1) +
              " (counted from 1); remove or replace that value");
}

}  // namespace

Matrix read_npy(const std::filesystem::path& path) {
  InputFile file(path);
  const NpyHeader header = read_npy_header(file);
  check_length(file, header);
  Matrix matrix(header.rows, header.cols);
  if (header.item_size == 4) {
    read_values<float>(file, header, matrix);
  } else {
    read_values<double>(file, header, matrix);
  }
  check_finite(file, matrix);
  return matrix;
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
