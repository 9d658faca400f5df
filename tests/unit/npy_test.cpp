// .npy files: every format that is read, the bytes that are written, and every kind of bad file.
#include "host/data/npy.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "files/archives.hpp"
#include "mckean/error.hpp"
#include "mckean/files.hpp"
#include "mckean/interruption.hpp"
#include "mckean/particle_array.hpp"

namespace mckean {
namespace {

class Npy : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path write(const std::string& bytes, const std::string& name = "a.npy") {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
    return folder_ / name;
  }

  /// The message of the InputError; its one line names the file.
  std::string rejection(const std::filesystem::path& path) {
    try {
      read_matrix(path);
    } catch (const InputError& error) {
      const std::string message = error.what();
      EXPECT_EQ(message.find('\n'), std::string::npos);
      EXPECT_EQ(message.find(path.string()), 0u) << message;
      EXPECT_NE(message.find(';'), std::string::npos) << "no mend: " << message;
      return message;
    }
    return "nothing was wrong";
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("mckean-npy-test-" + std::to_string(::getpid()));
};

std::string with_header(const std::string& dictionary, const std::string& data, char version = 1) {
  std::string text = dictionary + "\n";
  std::string bytes("\x93NUMPY", 6);
  bytes += {version, '\0'};
  const auto length = static_cast<std::uint32_t>(text.size());
  for (int byte = 0; byte < (version == 1 ? 2 : 4); ++byte) {
    bytes += static_cast<char>(length >> (8 * byte) & 0xFF);
  }
  return bytes + text + data;
}

std::string describe(const std::string& type, const std::string& shape,
                     const std::string& fortran = "False") {
  return "{'descr': '" + type + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }";
}

using test::bytes_of;

const std::vector<double> kSix{1, 2, 3, 4, 5, 0.1};
const std::vector<float> kSixFloats{1, 2, 3, 4, 5, 0.1F};

TEST_F(Npy, ReadsBothTypesAndOrders) {
  const Matrix c = read_matrix(write(with_header(describe("<f8", "(2, 3)"), bytes_of(kSix))));
  EXPECT_EQ(c.rows, 2u);
  EXPECT_EQ(c.cols, 3u);
  EXPECT_EQ(c.values, kSix);
  const Matrix fortran =
      read_matrix(write(with_header(describe("<f8", "(2, 3)", "True"), bytes_of(kSix))));
  EXPECT_EQ(fortran.values, (std::vector<double>{1, 3, 5, 2, 4, 0.1}));
  const Matrix floats =
      read_matrix(write(with_header(describe("<f4", "(3, 2)"), bytes_of(kSixFloats))));
  EXPECT_EQ(floats.rows, 3u);
  EXPECT_EQ(floats.values, (std::vector<double>{1, 2, 3, 4, 5, double{0.1F}}));
  const Matrix both =
      read_matrix(write(with_header(describe("<f4", "(3, 2)", "True"), bytes_of(kSixFloats))));
  EXPECT_EQ(both.values, (std::vector<double>{1, 4, 2, 5, 3, double{0.1F}}));
}

/// The values as T, in both byte orders and both orders of the array.
template <class T>
void expect_all_orders(const std::function<Matrix(const std::string&)>& read, const char* type,
                       const std::vector<T>& values, const std::vector<double>& expected) {
  const std::string size = std::to_string(values.size() / 2);
  for (const bool big_endian : {false, true}) {
    std::string bytes = bytes_of(values);
    if (big_endian) {
      for (std::size_t i = 0; i < bytes.size(); i += sizeof(T))
        std::reverse(&bytes[i], &bytes[i] + sizeof(T));
    }
    const std::string order = sizeof(T) == 1 ? "|" : big_endian ? ">" : "<";
    for (const char* fortran : {"False", "True"}) {
      const std::string shape = *fortran == 'T' ? "(2, " + size + ")" : "(" + size + ", 2)";
      const Matrix matrix = read(with_header(describe(order + type, shape, fortran), bytes));
      ASSERT_EQ(matrix.values.size(), expected.size());
      for (std::size_t i = 0; i < expected.size(); ++i) {
        const double value = *fortran == 'T' ? matrix(i % 2, i / 2) : matrix.values[i];
        EXPECT_EQ(value, expected[i]) << order << type << " value " << i;
        EXPECT_EQ(std::signbit(value), std::signbit(expected[i]));
      }
    }
  }
}

template <class T>
void expect_whole(const std::function<Matrix(const std::string&)>& read, const char* type) {
  using Limits = std::numeric_limits<T>;
  // Of eight bytes the largest number is not a double; 2^63 - 1024 and 2^64 - 2048 are.
  const T largest = sizeof(T) < 8
                        ? Limits::max()
                        : static_cast<T>(Limits::max() - (Limits::is_signed ? 1023 : 2047));
  const std::vector<T> values{0, 1, Limits::min(), largest, static_cast<T>(-7), 100};
  std::vector<double> expected;
  for (const T value : values) {
    if (value == static_cast<T>(-7) && !Limits::is_signed && sizeof(T) == 8) {
      continue;  // 2^64 - 7 is no double
    }
    expected.push_back(static_cast<double>(value));
  }
  std::vector<T> kept;
  for (const double value : expected) kept.push_back(static_cast<T>(value));
  if (kept.size() % 2 == 1) {
    kept.push_back(3);
    expected.push_back(3);
  }
  expect_all_orders<T>(read, type, kept, expected);
}

TEST_F(Npy, ReadsEveryTypeOfRealNumber) {
  const auto read = [&](const std::string& bytes) { return read_matrix(write(bytes)); };
  expect_whole<std::int8_t>(read, "i1");
  expect_whole<std::int16_t>(read, "i2");
  expect_whole<std::int32_t>(read, "i4");
  expect_whole<std::int64_t>(read, "i8");
  expect_whole<std::uint8_t>(read, "u1");
  expect_whole<std::uint16_t>(read, "u2");
  expect_whole<std::uint32_t>(read, "u4");
  expect_whole<std::uint64_t>(read, "u8");
  expect_all_orders<std::uint8_t>(read, "b1", {0, 1, 1, 0}, {0, 1, 1, 0});
  expect_all_orders<float>(read, "f4", {1, -0.0F, 0.1F, 1e-45F}, {1, -0.0, 0.1F, 1e-45F});
  expect_all_orders<double>(read, "f8", {1, -0.0, 0.1, 5e-324}, {1, -0.0, 0.1, 5e-324});
  // binary16: 1, -2, 65504, 2^-14, 2^-24, -0, 1/3 rounded, (1023/1024) 2^-14.
  expect_all_orders<std::uint16_t>(
      read, "f2", {0x3C00, 0xC000, 0x7BFF, 0x0400, 0x0001, 0x8000, 0x3555, 0x03FF},
      {1, -2, 65504, 0x1p-14, 0x1p-24, -0.0, 0.333251953125, 1023 * 0x1p-24});
}

TEST_F(Npy, RejectsANumberThatIsNoDouble) {
  const auto message = [&](const char* type, const std::string& bytes) {
    return rejection(write(with_header(describe(type, "(3, 2)"), bytes)));
  };
  constexpr std::int64_t kOdd = (std::int64_t{1} << 53) + 1;
  for (const std::int64_t value : {kOdd, -kOdd, std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_NE(
        message("<i8", bytes_of<std::int64_t>({1, 2, 3, value, 5, 6})).find("row 2, column 2"),
        std::string::npos);
  }
  EXPECT_NE(message("<u8", bytes_of<std::uint64_t>({1, 2, 3, 4, ~std::uint64_t{0}, 6}))
                .find("row 3, column 1"),
            std::string::npos);
  EXPECT_NE(rejection(write(with_header(describe("<i8", "(2, 3)", "True"),
                                        bytes_of<std::int64_t>({1, kOdd, 3, 4, 5, 6}))))
                .find("row 2, column 1"),
            std::string::npos);
  EXPECT_NE(message("|b1", bytes_of<char>({0, 1, 1, 0, 2, 1})).find("row 3, column 1"),
            std::string::npos);
  EXPECT_NE(message("<f2", bytes_of<std::uint16_t>({0, 0, 0, 0x7E00, 0, 0})).find("NaN at row 2"),
            std::string::npos);
  EXPECT_NE(message("<f2", bytes_of<std::uint16_t>({0, 0, 0, 0, 0xFC00, 0})).find("infinite"),
            std::string::npos);
  EXPECT_NE(message("<i4", bytes_of<std::int32_t>({1, 2, 3, 4, 5})).find("truncated"),
            std::string::npos);
}

TEST_F(Npy, KeepsTheBytesOfAName) {
  const auto path = write(with_header(describe("<f8", "(6,)"), bytes_of(kSix)), "\xFF\xFE.NPY");
  EXPECT_EQ(read_matrix(path).values, kSix);
}

TEST_F(Npy, StopsReadingWhereAskedTo) {
  const auto path = write(with_header(describe("<f8", "(6,)"), bytes_of(kSix)));
  request_interruption();
  EXPECT_THROW(read_matrix(path), Interrupted);
  clear_interruption();
  EXPECT_EQ(read_matrix(path).values, kSix);
}

TEST_F(Npy, ReadsVectorsAsColumns) {
  for (const char* order : {"True", "False"}) {
    const Matrix column =
        read_matrix(write(with_header(describe("<f8", "(6,)", order), bytes_of(kSix))));
    EXPECT_EQ(column.rows, 6u);
    EXPECT_EQ(column.cols, 1u);
    EXPECT_EQ(column.values, kSix);
  }
}

TEST_F(Npy, ReadsVersionsOneToThreeAndAnyKeyOrder) {
  for (const char version : {1, 2, 3}) {
    EXPECT_EQ(
        read_matrix(write(with_header(describe("<f8", "(6, 1)"), bytes_of(kSix), version))).values,
        kSix);
  }
  const std::string other = "{\"shape\":(2,3),'fortran_order':False,'descr':\"<f8\"}";
  EXPECT_EQ(read_matrix(write(with_header(other, bytes_of(kSix)))).rows, 2u);
}

TEST_F(Npy, ReadsMoreThanABlock) {
  std::vector<double> values(300001 * 3);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i);
  const Matrix matrix =
      read_matrix(write(with_header(describe("<f8", "(3, 300001)", "True"), bytes_of(values))));
  for (std::size_t j = 0; j < matrix.cols; j += 1000) {
    for (std::size_t i = 0; i < 3; ++i) ASSERT_EQ(matrix(i, j), static_cast<double>(3 * j + i));
  }
  EXPECT_EQ(matrix.values.back(), values.back());
}

TEST_F(Npy, WritesWhatItReads) {
  Matrix matrix(3, 2);
  matrix.values = {1, -0.0, std::numeric_limits<double>::denorm_min(), 1e308, 5, 6};
  const auto path = folder_ / "out.npy";
  write_npy(path, matrix);
  const Matrix back = read_matrix(path);
  EXPECT_EQ(back.rows, 3u);
  EXPECT_EQ(back.cols, 2u);
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(std::bit_cast<std::uint64_t>(back.values[i]),
              std::bit_cast<std::uint64_t>(matrix.values[i]));
  }
}

TEST_F(Npy, WritesAHeaderOf128BytesAndReplacesTheFileWhole) {
  const auto path = write("something older", "out.npy");
  for (const std::size_t rows : {std::size_t{1}, std::size_t{123456}}) {
    const Matrix matrix(rows, 2);
    write_npy(path, matrix);
    EXPECT_EQ(std::filesystem::file_size(path), 128 + rows * 16);
    std::ifstream file(path, std::ios::binary);
    std::string header(128, '\0');
    file.read(header.data(), 128);
    EXPECT_EQ(header.substr(0, 10), std::string("\x93NUMPY\x01\x00\x76\x00", 10));
    EXPECT_EQ(header.substr(10).find("{'descr': '<f8', 'fortran_order': False, 'shape': (" +
                                     std::to_string(rows) + ", 2), }  "),
              0u);
    EXPECT_EQ(header.back(), '\n');
  }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1)
      << "a temporary file was left";
}

TEST_F(Npy, SaysWhyItCannotWrite) {
  const Matrix matrix(1, 1);
  try {
    write_npy(folder_ / "no-such-folder" / "a.npy", matrix);
    FAIL();
  } catch (const IoError& error) {
    EXPECT_NE(std::string(error.what()).find("No such file or directory"), std::string::npos);
  }
  std::filesystem::create_directory(folder_ / "taken.npy");
  EXPECT_THROW(write_npy(folder_ / "taken.npy", matrix), IoError);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1)
      << "a temporary file was left";
}

TEST_F(Npy, RejectsWhatIsNoReadableFile) {
  EXPECT_NE(rejection(folder_ / "none.npy").find("no such file"), std::string::npos);
  EXPECT_NE(rejection(folder_ / "none.csv").find("no such file"), std::string::npos);
  EXPECT_NE(rejection(folder_).find("directory"), std::string::npos);
  std::filesystem::create_directory(folder_ / "d.npy");
  EXPECT_NE(rejection(folder_ / "d.npy").find("directory"), std::string::npos);
  EXPECT_NE(rejection("/dev/null.npy").find("no such file"), std::string::npos);
  EXPECT_NE(rejection(write("[1,2]", "a.json")).find("*.npz"), std::string::npos);
  std::filesystem::create_symlink("/dev/null", folder_ / "null.npy");
  EXPECT_NE(rejection(folder_ / "null.npy").find("not a regular file"), std::string::npos);
}

TEST_F(Npy, RejectsAFileWithoutPermission) {
  const auto path = write(with_header(describe("<f8", "(6,)"), bytes_of(kSix)));
  std::filesystem::permissions(path, std::filesystem::perms::none);
  const bool is_root = ::geteuid() == 0;  // root may read every file, so be nobody for a moment
  if (is_root && ::seteuid(65534) != 0) GTEST_SKIP() << "root may read every file";
  const std::string message = rejection(path);
  if (is_root) {
    ASSERT_EQ(::seteuid(0), 0);
  }
  EXPECT_NE(message.find("Permission denied"), std::string::npos) << message;
}

TEST_F(Npy, RejectsBadHeaders) {
  const std::string data = bytes_of(kSix);
  const auto message = [&](const std::string& dictionary) {
    return rejection(write(with_header(dictionary, data)));
  };
  EXPECT_NE(rejection(write("")).find("only 0 bytes"), std::string::npos);
  EXPECT_NE(rejection(write("\x93NUMPY")).find("only 6 bytes"), std::string::npos);
  EXPECT_NE(rejection(write("1,2\n3,4\n5,6\n")).find("NUMPY"), std::string::npos);
  EXPECT_NE(rejection(write(with_header("{}", data, 4))).find("version 4"), std::string::npos);
  for (const auto& [type, why] : {std::pair{"<f16", "long double"},
                                  {"<f12", "long double"},
                                  {">f16", "long double"},
                                  {"<c16", "complex"},
                                  {"|O", "Python objects"},
                                  {"<U3", "text"},
                                  {"|S5", "text"},
                                  {"|V8", "raw bytes"},
                                  {"<M8[ns]", "times"},
                                  {"|f8", "float64"},
                                  {"<i3", "float64"},
                                  {"<i16", "float64"},
                                  {"<b2", "float64"},
                                  {"f8", "float64"},
                                  {"<f4294967304", "float64"},
                                  {"<", "float64"}}) {
    const std::string refusal = message(describe(type, "(6,)"));
    EXPECT_NE(refusal.find(type), std::string::npos) << refusal;
    EXPECT_NE(refusal.find(why), std::string::npos) << refusal;
  }
  EXPECT_NE(message("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (6,), }")
                .find("structured"),
            std::string::npos);
  EXPECT_NE(message(describe("<f8", "()")).find("0 dimensions"), std::string::npos);
  EXPECT_NE(message(describe("<f8", "(1, 2, 3)")).find("3 dimensions"), std::string::npos);
  EXPECT_NE(message(describe("<f8", "(0, 3)")).find("no values"), std::string::npos);
  EXPECT_NE(message(describe("<f8", "(3, 0)")).find("no values"), std::string::npos);
  for (const char* text : {"", "{", "{'descr': '<f8'}", "not a dictionary",
                           "{'descr': '<f8', 'fortran_order': False, 'shape': (6,), } more",
                           "{'descr': '<f8', 'fortran_order': 0, 'shape': (6,), }",
                           "{'descr': '<f8', 'fortran_order': False, 'shape': (-6,), }",
                           "{'descr': '<f8', 'fortran_order': False, 'shape': (6, }",
                           "{'descr': '<f8', 'fortran_order': False, 'shape': 6, }",
                           "{'descr': '<f8, 'fortran_order': False, 'shape': (6,), }",
                           "{'descr': '<f8', 'fortran_order': False, 'shape': (6,), 'other': 1}"}) {
    EXPECT_NE(message(text).find("header"), std::string::npos) << text;
  }
}

TEST_F(Npy, RejectsShapesBeyondMemory) {
  for (const char* shape : {"(18446744073709551616,)", "(9223372036854775808, 2)",
                            "(4294967296, 4294967296)", "(18446744073709551615,)"}) {
    const std::string bytes = with_header(describe("<f8", shape), bytes_of(kSix));
    EXPECT_NE(rejection(write(bytes)).find("beyond any memory"), std::string::npos) << shape;
  }
  // Fits in an integer, and is rejected for the file's length before memory is asked for.
  const std::string bytes = with_header(describe("<f8", "(1000000000000,)"), bytes_of(kSix));
  EXPECT_NE(rejection(write(bytes)).find("truncated"), std::string::npos);
}

TEST_F(Npy, RejectsEveryTruncationAndEverySurplus) {
  const std::string bytes = with_header(describe("<f8", "(2, 3)"), bytes_of(kSix));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const std::string message = rejection(write(bytes.substr(0, size)));
    EXPECT_NE(message.find(size < 8 ? "not a .npy file" : "truncated"), std::string::npos)
        << size << ": " << message;
  }
  EXPECT_NE(rejection(write(bytes + "x")).find("49 bytes"), std::string::npos);
  std::string long_header("\x93NUMPY\x02\x00\xFF\xFF\xFF\xFF", 12);
  EXPECT_NE(rejection(write(long_header + bytes)).find("truncated"), std::string::npos);
  long_header = std::string("\x93NUMPY\x02\x00\x00\x00\x02\x00", 12) + std::string(0x20000, ' ');
  EXPECT_NE(rejection(write(long_header)).find("header"), std::string::npos);
}

TEST_F(Npy, NamesTheFirstValueThatIsNotFinite) {
  auto values = kSix;
  values[5] = std::numeric_limits<double>::infinity();
  EXPECT_NE(rejection(write(with_header(describe("<f8", "(2, 3)"), bytes_of(values))))
                .find("infinite value at row 2, column 3"),
            std::string::npos);
  values[1] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_NE(rejection(write(with_header(describe("<f8", "(2, 3)"), bytes_of(values))))
                .find("NaN at row 1, column 2"),
            std::string::npos);
  EXPECT_NE(rejection(write(with_header(describe("<f8", "(2, 3)", "True"), bytes_of(values))))
                .find("NaN at row 2, column 1"),
            std::string::npos);
}

TEST(ParticleArray, IsThePlanesOfTheRows) {
  Matrix rows(3, 3);
  rows.values = {1, 10, 100, 2, 20, 200, 3, 30, 300};
  const ParticleArray particles = from_rows(rows);
  EXPECT_EQ(particles.m, 3u);
  EXPECT_EQ(particles.d, 2u);
  EXPECT_EQ(particles.view().a()[1], 2);
  EXPECT_EQ(particles.view().b(0)[2], 30);
  EXPECT_EQ(particles.view().b(1)[0], 100);
  EXPECT_EQ(to_rows(particles.view()).values, rows.values);
  EXPECT_THROW(from_rows(Matrix(3, 1)), InputError);
  EXPECT_THROW(from_rows(Matrix(0, 3)), InputError);
}

}  // namespace
}  // namespace mckean
