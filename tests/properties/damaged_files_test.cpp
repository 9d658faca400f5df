// Files with flipped, overwritten and missing bytes: each is read or refused by one line, and what
// a checksum covers is never read as something else.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "files/archives.hpp"
#include "mckean/error.hpp"
#include "mckean/files.hpp"
#include "mckean/formula/philox.hpp"

namespace mckean {
namespace {

using namespace test;

struct GoodFile {
  std::string name;
  std::string bytes;
  std::string member;
  bool has_checksum;
};

std::vector<GoodFile> good_files() {
  const std::string doubles = npy_bytes("<f8", "(3, 2)", bytes_of<double>({1, 2, 3, 4, 5, 0.1}));
  const std::string integers =
      npy_bytes(">i8", "(3, 2)", bytes_of<std::int64_t>({1, 2, 3, 4, 5, 6}));
  const std::string bools = npy_bytes("|b1", "(6, 1)", bytes_of<char>({0, 1, 1, 0, 1, 0}));
  const std::string text = "# made by hand\n\"x 1\", y\n1.5,2e-3 # first\r\n3,-4\n+5,.5\n# end\n";
  ZipMember wide = zip_member("b.npy", integers, true);
  wide.wide = true;
  return {{"a.npy", doubles, "", false},
          {"i.npy", integers, "", false},
          {"b.npy", bools, "", false},
          {"a.csv", text, "", false},
          {"a.txt", "1 2 3\n\t4  5 6e300 \n", "", false},
          {"a.npy.gz", deflate(doubles, Deflate::gzip), "", true},
          {"a.csv.gz", deflate(text, Deflate::gzip) + deflate("7,8\n", Deflate::gzip), "", true},
          {"one.npz", zip_bytes({zip_member("a.npy", doubles, true)}), "", true},
          {"two.npz", zip_bytes({zip_member("a.npy", doubles), wide}, true), ":b", true},
          {"stored.npz", zip_bytes({zip_member("a.npy", doubles), zip_member("c.npy", bools)}),
           ":a", true}};
}

class DamagedFiles : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Matrix read(const GoodFile& good, const std::string& bytes) {
    std::filesystem::path path = folder_ / good.name;
    std::ofstream(path, std::ios::binary) << bytes;
    return read_matrix(path += good.member);
  }

  /// Reads a damaged file; counts it where it was not refused.
  void check(const GoodFile& good, const Matrix& expected, const std::string& bytes) {
    try {
      const Matrix matrix = read(good, bytes);
      ++read_;
      EXPECT_EQ(matrix.values.size(), matrix.rows * matrix.cols);
      if (good.has_checksum) {
        EXPECT_EQ(matrix.values, expected.values) << good.name;
      }
    } catch (const InputError& error) {
      ++refused_;
      const std::string message = error.what();
      EXPECT_EQ(message.find('\n'), std::string::npos) << message;
      EXPECT_LT(message.size(), folder_.string().size() + 300) << message;
    }
  }

  std::filesystem::path folder_ = std::filesystem::temp_directory_path() /
                                  ("mckean-damaged-files-" + std::to_string(::getpid()));
  std::size_t read_ = 0;
  std::size_t refused_ = 0;
};

TEST_F(DamagedFiles, EveryTruncation) {
  for (const GoodFile& good : good_files()) {
    const Matrix expected = read(good, good.bytes);
    const std::size_t whole_before = read_;
    for (std::size_t size = 0; size < good.bytes.size(); ++size) {
      // Of gzip's parts the first ones are a whole file.
      if (good.name == "a.csv.gz") continue;
      check(good, expected, good.bytes.substr(0, size));
    }
    if (good.name.ends_with(".npy") || good.has_checksum) {
      EXPECT_EQ(read_, whole_before) << good.name << " is read where its end is missing";
    }
  }
  EXPECT_GT(refused_, 1000u);
}

TEST_F(DamagedFiles, BitsFlippedInEveryByte) {
  for (const GoodFile& good : good_files()) {
    const Matrix expected = read(good, good.bytes);
    for (std::size_t place = 0; place < good.bytes.size(); ++place) {
      for (const int bits : {0x01, 0x20, 0x80}) {
        std::string bytes = good.bytes;
        bytes[place] = static_cast<char>(bytes[place] ^ bits);
        check(good, expected, bytes);
        if (testing::Test::HasFailure()) FAIL() << good.name << ", byte " << place;
      }
    }
  }
  EXPECT_GT(refused_, 3000u);
}

TEST_F(DamagedFiles, RunsOfRandomBytes) {
  const std::vector<GoodFile> all = good_files();
  std::vector<Matrix> expected;
  for (const GoodFile& good : all) expected.push_back(read(good, good.bytes));
  for (std::uint64_t trial = 0; trial < 3000; ++trial) {
    const GoodFile& good = all[trial % all.size()];
    const auto draw = [&](std::uint64_t what) {
      return uniform(5, Purpose::samples, trial, what, 0);
    };
    const auto place = static_cast<std::size_t>(draw(0) * static_cast<double>(good.bytes.size()));
    const auto length = static_cast<std::size_t>(1 + 12 * draw(1));
    std::string bytes = good.bytes;
    // Extreme numbers are what lengths and offsets break by.
    const bool extreme = draw(2) < 0.4;
    for (std::size_t i = 0; i < length && place + i < bytes.size(); ++i) {
      bytes[place + i] = extreme ? '\xFF' : static_cast<char>(256 * draw(3 + i));
    }
    if (draw(30) < 0.2) bytes.erase(place, length);
    check(good, expected[trial % all.size()], bytes);
    if (testing::Test::HasFailure()) FAIL() << good.name << ", trial " << trial;
  }
}

}  // namespace
}  // namespace mckean
