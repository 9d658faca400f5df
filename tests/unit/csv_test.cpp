// .csv files: what is read, and the line and column of what is wrong.
#include "host/data/csv.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <clocale>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <string>
#include <vector>

#include "host/data/error.hpp"
#include "host/data/read.hpp"

namespace mckean {
namespace {

class Csv : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path write(const std::string& text) {
    std::ofstream(folder_ / "a.csv", std::ios::binary) << text;
    return folder_ / "a.csv";
  }
  Matrix read(const std::string& text) { return read_matrix(write(text)); }

  std::string rejection(const std::string& text) {
    const auto path = write(text);
    try {
      read_matrix(path);
    } catch (const InputError& error) {
      const std::string message = error.what();
      EXPECT_EQ(message.find('\n'), std::string::npos);
      EXPECT_EQ(message.find(path.string()), 0u) << message;
      EXPECT_NE(message.find(';'), std::string::npos) << "no mend: " << message;
      return message.substr(path.string().size() + 2);
    }
    return "nothing was wrong";
  }
  void expect_rejection(const std::string& text, const std::string& what) {
    const std::string message = rejection(text);
    EXPECT_NE(message.find(what), std::string::npos) << message;
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("mckean-csv-test-" + std::to_string(::getpid()));
};

TEST_F(Csv, ReadsNumbersInAnyNotation) {
  const Matrix matrix = read("1,-2.5,+3\n4e3, 5.5E-1 ,\t.25\n1e-300,-0,7.\n");
  EXPECT_EQ(matrix.rows, 3u);
  EXPECT_EQ(matrix.cols, 3u);
  EXPECT_EQ(matrix.values, (std::vector<double>{1, -2.5, 3, 4000, 0.55, 0.25, 1e-300, -0.0, 7}));
  EXPECT_EQ(read("0.1").values, (std::vector<double>{0.1}));
  EXPECT_EQ(read("1\n2\n3\n").rows, 3u);
}

TEST_F(Csv, SkipsAHeader) {
  const Matrix matrix = read("age, sex,bmi-2\n1,2,3\n4,5,6\n");
  EXPECT_EQ(matrix.rows, 2u);
  EXPECT_EQ(matrix.values, (std::vector<double>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(read("progression\n151\n75\n").values, (std::vector<double>{151, 75}));
}

TEST_F(Csv, ReadsAnySeparator) {
  const std::vector<double> expected{1, 2, -3, 4e5};
  for (const char* text :
       {"1;2\n-3;4e5\n", "1\t2\n-3\t4e5\n", "1 2\n-3 4e5\n", "  1   2\n -3 4e5  \n",
        "1 ; 2\n-3;\t4e5\n", "1 \t 2\n-3\t 4e5\n", "1 2\n-3\t\t4e5\n", "1 , 2\n-3 , 4e5\n",
        "x;y\n1;2\n-3;4e5\n", "x\ty\n1\t2\n-3\t4e5\n", "x y\n1 2\n-3 4e5\n"}) {
    const Matrix matrix = read(text);
    EXPECT_EQ(matrix.cols, 2u) << text;
    EXPECT_EQ(matrix.values, expected) << text;
  }
  EXPECT_EQ(read("body mass\n70\n80\n").values, (std::vector<double>{70, 80}));
}

TEST_F(Csv, ReadsWhatSavetxtWrites) {
  // numpy.savetxt(file, array, header="x y\nsecond", footer="end")
  const Matrix matrix = read(
      "# x y\n# second\n1.000000000000000056e-01 -2.000000000000000000e+00\n"
      "3.000000000000000000e+300 0.000000000000000000e+00\n# end\n");
  EXPECT_EQ(matrix.cols, 2u);
  EXPECT_EQ(matrix.values, (std::vector<double>{0.1, -2, 3e300, 0}));
}

TEST_F(Csv, SkipsComments) {
  const std::vector<double> expected{1, 2, 3, 4};
  EXPECT_EQ(read("#a,b\n1,2 # so\n# and, so, on\n  #\n3,4#\n#").values, expected);
  EXPECT_EQ(read("# comment\na,b\n1,2\n3,4\n").values, expected);
  EXPECT_EQ(read("1 2#3\n3 4\n\n# end after a blank line\n").values, expected);
  expect_rejection("1,2 # so\n3,x # 5\n", "line 2, column 2: 'x'");
  expect_rejection("# nothing\n# here\n", "no line of numbers");
}

TEST_F(Csv, TakesQuotesAroundCells) {
  const std::vector<double> expected{1, 2, 3, 4};
  EXPECT_EQ(read("\"a\",\"b, #2\"\n\"1\",2\n3, \"4\" # \"\n").values, expected);
  EXPECT_EQ(read("\"a b\" \"c\"\n1 2\n3 4\n").values, expected);
  expect_rejection("1,2\n3\"4\",5\n", "line 2 has a quote inside a cell");
  expect_rejection("1,2\n\"3\"4,5\n", "line 2 has a quote inside a cell");
  expect_rejection("a,\"b\n1,2\n", "line 1 has a quote that is not closed");
  expect_rejection("1,2\n\"3,4\",5\n", "line 2, column 1: '3_4' is not a number");
}

TEST_F(Csv, RefusesDecimalCommas) {
  expect_rejection("1,5;2,5\n3,5;4,5\n", "line 1, column 1: '1,5' has a decimal comma");
  expect_rejection("1,5;2,5\n3;4\n", "line 1, column 1: '1,5' has a decimal comma");
  expect_rejection("a;b\n1,5;2\n", "line 2, column 1: '1,5' has a decimal comma");
  expect_rejection("1 2\n3 -4,5e3\n", "line 2, column 2: '-4,5e3' has a decimal comma");
  expect_rejection("1,5 2,5\n", "write decimal points");
  expect_rejection("1,5\t2,5\n", "write decimal points");
}

TEST_F(Csv, SkipsNoRowOfMissingValues) {
  expect_rejection("NA,NA\n1,2\n", "line 1, column 1: 'NA' is not a number");
  expect_rejection(",\n1,2\n", "line 1, column 1: the cell is empty");
  expect_rejection("?,?\n1,2\n", "line 1, column 1: '?'");
  EXPECT_EQ(read(",name\n1,2\n").rows, 1u);
}

TEST_F(Csv, IsReadByEveryNameOfText) {
  for (const char* name : {"a.csv", "a.tsv", "a.txt", "a.dat", "A.TXT"}) {
    std::ofstream(folder_ / name) << "1 2\n";
    EXPECT_EQ(read_matrix(folder_ / name).values, (std::vector<double>{1, 2})) << name;
  }
}

TEST_F(Csv, TakesAnyLineEnd) {
  const std::vector<double> expected{1, 2, 3, 4};
  EXPECT_EQ(read("1,2\r\n3,4\r\n").values, expected);
  EXPECT_EQ(read("a,b\r\n1,2\r\n3,4").values, expected);
  EXPECT_EQ(read("1,2\n3,4\n\n  \n\r\n").values, expected);
  EXPECT_EQ(read("\xEF\xBB\xBF"
                 "1,2\n3,4\n")
                .values,
            expected);
}

TEST_F(Csv, DoesNotDependOnTheLocale) {
  const std::string kept = std::setlocale(LC_ALL, nullptr);
  bool found = false;
  for (const char* name : {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "fr_FR.utf8"}) {
    found = found || std::setlocale(LC_ALL, name) != nullptr;
  }
  if (!found) GTEST_SKIP() << "no locale with a decimal comma is installed";
  const std::vector<double> values = read("1.5,2.5\n").values;
  std::setlocale(LC_ALL, kept.c_str());
  EXPECT_EQ(values, (std::vector<double>{1.5, 2.5}));
}

TEST_F(Csv, ReadsLinesAcrossBlocks) {
  std::string text;
  std::vector<double> expected;
  for (int row = 0; row < 250000; ++row) {
    text += std::to_string(row) + "," + std::to_string(row % 7) + ".5\n";
    expected.insert(expected.end(), {static_cast<double>(row), row % 7 + 0.5});
  }
  ASSERT_GT(text.size(), std::size_t{1} << 21);
  EXPECT_EQ(read(text).values, expected);
}

TEST_F(Csv, SaysWhichCellIsNoNumber) {
  expect_rejection("1,2\n3,four\n", "line 2, column 2: 'four' is not a number");
  expect_rejection("a,b\n1,2\n3,4x\n", "line 3, column 2: '4x'");
  expect_rejection("1,b\n3,4\n", "line 1, column 2: 'b'");
  expect_rejection("1;2\n3;4\n1,5;2\n", "line 3, column 1: '1,5' has a decimal comma");
  expect_rejection("1,2\n3,0x10\n", "'0x10' is not a number");
  expect_rejection("1,2\n3,+-4\n", "'+-4' is not a number");
  expect_rejection("1,2\n3,4 5\n", "'4 5' is not a number");
  expect_rejection("1,2\n,4\n", "line 2, column 1: the cell is empty");
  expect_rejection("1,2\n3,\n", "line 2, column 2: the cell is empty");
  expect_rejection("1,2\n3,nan\n", "line 2, column 2: 'nan' is not finite");
  expect_rejection("1,2\n-inf,3\n", "line 2, column 1: '-inf' is not finite");
  expect_rejection("1,2\n1e400,3\n", "line 2, column 1: '1e400' is beyond the range");
  expect_rejection(std::string("1,2\n3,\0\x1B[31m\n", 14), "'??[31m'");
  expect_rejection("1,2\n3," + std::string(1000, 'x') + "\n", std::string(40, 'x') + "...'");
}

TEST_F(Csv, SaysWhichLineIsNotLikeTheFirst) {
  expect_rejection("1,2\n3\n", "line 2 has 1 cell where line 1 has 2");
  expect_rejection("1,2\n3,4\n5,6,7\n", "line 3 has 3 cells where line 1 has 2");
  expect_rejection("a,b,c\n1,2\n", "line 2 has 2 cells where line 1 has 3");
  expect_rejection("1,2\n\n3,4\n", "line 2 is blank");
}

TEST_F(Csv, RejectsAFileWithoutNumbers) {
  expect_rejection("", "is empty");
  expect_rejection("\n\n", "no line of numbers");
  expect_rejection("a,b\n", "no line of numbers");
  expect_rejection(std::string("\xFF\xFE"
                               "1\0",
                               4),
                   "UTF-16");
  expect_rejection("1 2\n1\t", "line 2 has 1 cell");
  expect_rejection("1\t2\n1\t\n", "line 2, column 2: the cell is empty");
}

TEST(DiabetesData, HasTheShapeAndMeanOfThePaper) {
  const std::filesystem::path folder = std::filesystem::path(MCKEAN_EXAMPLES_DIR) / "data";
  const Matrix x = read_matrix(folder / "diabetes-x.csv");
  const Matrix y = read_matrix(folder / "diabetes-y.csv");
  EXPECT_EQ(x.rows, 442u);
  EXPECT_EQ(x.cols, 10u);
  EXPECT_EQ(y.rows, 442u);
  EXPECT_EQ(y.cols, 1u);
  EXPECT_NEAR(std::accumulate(y.values.begin(), y.values.end(), 0.0) / 442, 152.133484, 5e-7);
}

}  // namespace
}  // namespace mckean
