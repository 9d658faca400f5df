// Data from archives, text and compressed files, and paths of any bytes.
#include "files/archives.hpp"
#include "program.hpp"

namespace mckean::test {
namespace {

class Files : public Program {
 protected:
  void SetUp() override {
    Program::SetUp();
    write("x.npy", 3, 2, {1, 0, 0, 1, 1, 1});
    write("y.npy", 3, 1, {1, 0, 1});
    const std::string x = npy_bytes("|i1", "(3, 2)", bytes_of<char>({1, 0, 0, 1, 1, 1}));
    const std::string y =
        npy_bytes(">f4", "(3,)", std::string("\x3F\x80\0\0\0\0\0\0\x3F\x80\0\0", 12));
    write("data.npz", zip_bytes({zip_member("x.npy", x, true), zip_member("y.npy", y)}));
    write("x.txt", "# x1 x2\n1 0\n0 1\n1 1\n");
    write("y.csv.gz", deflate("value\n1\n0\n1\n", Deflate::gzip));
  }

  nlohmann::json run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "run");
    arguments.insert(arguments.end(), {"--t-end", "0.1", "--width", "5"});
    return json_of(arguments);
  }
};

TEST_F(Files, EveryFormatGivesTheSameRun) {
  const auto expected = run({"--x", "x.npy", "--y", "y.npy"});
  EXPECT_EQ(run({"--x", "data.npz:x", "--y", "data.npz:y.npy"})["records"], expected["records"]);
  EXPECT_EQ(run({"--x", "x.txt", "--y", "y.csv.gz"})["records"], expected["records"]);
}

TEST_F(Files, AMemberInAConfigurationIsRelativeToIt) {
  std::filesystem::create_directory(folder_ / "experiment");
  std::filesystem::rename(folder_ / "data.npz", folder_ / "experiment/data.npz");
  write("experiment/data.toml", "x = \"data.npz:x\"\ny = \"data.npz:y\"\n");
  EXPECT_EQ(run({"experiment/data.toml"})["config"]["x"], "experiment/data.npz:x");
}

TEST_F(Files, W2AndEvalTakeMembers) {
  EXPECT_EQ(json_of({"w2", "data.npz:x", "x.npy"})["w2"], 0);
  EXPECT_EQ(json_of({"w2", "x.txt", "data.npz:x.npy"})["w2"], 0);
  write("p.npz",
        zip_bytes({zip_member("p.npy", npy_bytes("<f8", "(1, 3)", bytes_of<double>({1, 1, 0})))}));
  const auto eval = json_of({"eval", "--particles", "p.npz", "--x", "data.npz:x", "--y", "y.npy"});
  EXPECT_EQ(eval["risk"], 0);
}

TEST_F(Files, VelocityDoesNotReplaceAnArchiveThatIsRead) {
  write("p.npy", 1, 3, {1, 1, 0});
  std::filesystem::create_symlink("data.npz", folder_ / "v.npy");
  const Finished finished = mckean({"eval", "--particles", "p.npy", "--x", "data.npz:x", "--y",
                                    "data.npz:y", "--velocity", "v.npy"});
  EXPECT_EQ(finished.code, 2);
  EXPECT_NE(finished.err.find("--x as well"), std::string::npos) << finished.err;
}

// Bytes that are not UTF-8.
const std::string odd = "\xFF\xC3(";
const std::string shown = "\xEF\xBF\xBD\xEF\xBF\xBD(";

TEST_F(Files, PathsOfAnyBytesAreReadWrittenAndPrinted) {
  std::filesystem::copy(folder_ / "x.npy", folder_ / (odd + ".npy"));
  std::filesystem::copy(folder_ / "data.npz", folder_ / (odd + ".npz"));
  write("start" + odd + ".npy", 5, 3, std::vector<double>(15, 0.5));
  const auto json = run({"--x", odd + ".npy", "--y", odd + ".npz:y", "--init-file",
                         "start" + odd + ".npy", "--out", "out" + odd});
  EXPECT_EQ(json["config"]["x"], shown + ".npy");
  EXPECT_EQ(json["config"]["y"], shown + ".npz:y");
  EXPECT_EQ(json["config"]["init-file"], "start" + shown + ".npy");
  EXPECT_EQ(json["config"]["out"], "out" + shown);
  const auto summary = nlohmann::json::parse(read("out" + odd + "/summary.json"), nullptr, false);
  ASSERT_TRUE(summary.is_object());
  EXPECT_EQ(summary["config"]["x"], shown + ".npy");
  EXPECT_EQ(read_matrix(folder_ / ("out" + odd) / "particles.npy").rows, 5u);

  EXPECT_EQ(json_of({"w2", odd + ".npy", "x.npy"})["w2"], 0);
  EXPECT_EQ(json_of({"w2", "x.npy", odd + ".npz:x"})["w2"], 0);
  const auto eval = json_of({"eval", "--particles", "start" + odd + ".npy", "--x", odd + ".npy",
                             "--y", "y.npy", "--velocity", "v" + odd + ".npy"});
  EXPECT_TRUE(eval["risk"].is_number());
  EXPECT_EQ(read_matrix(folder_ / ("v" + odd + ".npy")).rows, 5u);

  write(odd + ".toml", "x = \"x.npy\"\ny = \"y.npy\"\n");
  std::filesystem::create_directory(folder_ / odd);
  std::filesystem::rename(folder_ / (odd + ".toml"), folder_ / odd / "a.toml");
  std::filesystem::copy(folder_ / "x.npy", folder_ / odd / "x.npy");
  std::filesystem::copy(folder_ / "y.npy", folder_ / odd / "y.npy");
  EXPECT_EQ(run({odd + "/a.toml"})["config"]["x"], shown + "/x.npy");
}

TEST_F(Files, AComplaintIsOneLineWithoutControlCharacters) {
  const Finished finished = mckean({"w2", "a\n\x1B[31m\x7F.npy", "x.npy"});
  EXPECT_EQ(finished.code, 2);
  EXPECT_NE(finished.err.find(".npy: there is no such file"), std::string::npos) << finished.err;
  EXPECT_EQ(finished.err.find_first_of("\n\x1B\x7F"), finished.err.size() - 1);
}

}  // namespace
}  // namespace mckean::test
