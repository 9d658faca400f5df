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

#include "mckean/error.hpp"
#include "mckean/files.hpp"

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

TEST_F(Csv, SkipsNoRowThatMightBeNumbers) {
  for (const char* row : {"1d5,2d5",
                          "0x1p3,0x2",
                          "1e5f,2",
                          "1e5f,2f",
                          "1.5kg,2kg",
                          "\xE2\x82\xAC"
                          "5,\xE2\x82\xAC"
                          "6",
                          "(1+2j),(1+3j)",
                          "TRUE,FALSE",
                          "true,x",
                          "yes,no",
                          "1O,2O",
                          "\xC2\xB1"
                          "1,\xC2\xB1"
                          "2",
                          "\xEF\xBC\x91,\xEF\xBC\x92",
                          "\xE2\x88\x92"
                          "1,\xE2\x88\x92"
                          "2",
                          "\xD9\xA1,\xD9\xA2",
                          "\xFF,x",
                          "NA,x",
                          "nan,x",
                          "x,Infinity",
                          "$1,$2",
                          "1_0,2_0",
                          "1'000,2'000",
                          "2020-01-01,x",
                          "12:30,x",
                          "\"1,5\",\"2,5\"",
                          "\"5 kg\",\"6 kg\"",
                          "-x,y",
                          "x,2",
                          "x1,2,y",
                          "[1,2]",
                          "1 x"}) {
    for (const char* below : {"1,2\n3,4\n", "1 2\n", "1\n"}) {
      const std::string message = rejection(row + std::string("\n") + below);
      EXPECT_EQ(message.rfind("line 1, column ", 0), 0u) << row << ": " << message;
    }
  }
  expect_rejection("x1,2,y\n1,2,3\n",
                   "line 1, column 1: 'x1' is not a number, and beside '2' in column 2 not one of");
  expect_rejection("2kg,x\n1,2\n", "line 1, column 1: '2kg' is neither a number nor a name");
  expect_rejection("x 5\n1 2\n", "line 1, column 1: 'x' is not a number, and beside '5'");
  expect_rejection("a,b\nc,d\n1,2\n", "line 2, column 1: 'c' is not a number");
  expect_rejection("\"\"\n1\n2\n", "line 1, column 1: the cell is empty");
  expect_rejection("1\n\"\"\n2\n", "line 2, column 1: the cell is empty");
  expect_rejection("1\t2\n\t\n3\t4\n", "line 2, column 1: the cell is empty");
  expect_rejection("1\n1.#INF\n", "line 2: '1.#INF' is not finite");
  expect_rejection("-1.#QNAN 2\n3\n", "line 1: '1.#QNAN' is not finite");
}

TEST_F(Csv, TakesNamesOfAnyKind) {
  for (const char* names :
       {"x,y", "_x,_", "x 1,y 2", "x (m),y", "\"x\",\"y, 2\"", "\xC3\xA4,\xCE\xB1",
        "\xE5\x80\xA4,\xEA\xB0\x92", ",x", "e5,d3", "info,nano", "x;y", "x y", "x\ty", "T,F"}) {
    const std::string text = names;
    const char separator = text.find(';') != text.npos    ? ';'
                           : text.find(',') != text.npos  ? ','
                           : text.find('\t') != text.npos ? '\t'
                                                          : ' ';
    EXPECT_EQ(read(text + "\n1" + separator + "2\n").values, (std::vector<double>{1, 2})) << names;
  }
  EXPECT_EQ(read("progression (mg/dl)\n151\n75\n").values, (std::vector<double>{151, 75}));
  // Not to be told from data, as README says.
  EXPECT_EQ(read("0,1\n5,6\n").rows, 2u);
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
  // numpy.savetxt(..., newline=) of any kind that numpy.loadtxt reads again.
  EXPECT_EQ(read("1 2\r3 4\r").values, expected);
  EXPECT_EQ(read("# a\ra b\r1 2\r3 4").values, expected);
  EXPECT_EQ(read("1 2\r\r3 4\r\r\n\r").values, expected);
  EXPECT_EQ(read("1 2\n\n3 4\n\n").values, expected);
  EXPECT_EQ(read("# c\n\n1 2\n \t\n3 4\n").values, expected);
  EXPECT_EQ(read("\n\na,b\n\n1,2\n\r\n3,4").values, expected);
  expect_rejection("# c\r\n\r\n1 2\r\n3 x\r\n", "line 4, column 2: 'x'");
  expect_rejection("1 2\r3 x\r", "line 2, column 2: 'x'");
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

TEST_F(Csv, ReadsLineEndsAcrossBlocks) {
  // CR and LF stand on both sides of every place where a block may end.
  for (std::size_t shift = 0; shift < 4; ++shift) {
    std::string text = std::string("#").append(shift, ' ').append("\r\n");
    std::size_t rows = 0;
    for (; text.size() < (std::size_t{3} << 20); ++rows) text += "7\r\n";
    EXPECT_EQ(read(text).rows, rows);
    expect_rejection(text + "x\n", "line " + std::to_string(rows + 2) + ", column 1");
  }
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
  expect_rejection("1,2\n\n3\n", "line 3 has 1 cell where line 1 has 2");
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
