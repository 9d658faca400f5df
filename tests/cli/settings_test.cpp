// Flags over the file over the defaults, and one table behind all of them.
#include "program.hpp"

namespace mckean::test {
namespace {

using Settings = Program;

constexpr const char* tiny = R"(law = "circle"
width = 12
record-at = [0, 0.5]
dt = 0.25
integrator = "heun"
)";

TEST_F(Settings, KeysTakeEffectAndFlagsOverrideThem) {
  write("tiny.toml", tiny);
  const auto file = json_of({"run", "tiny.toml"});
  EXPECT_EQ(file["config"]["width"], 12);
  EXPECT_EQ(file["config"]["integrator"], "heun");
  EXPECT_EQ(file["steps"], 2);
  const auto flags = json_of({"run", "tiny.toml", "--width", "7", "--dt", "0.125"});
  EXPECT_EQ(flags["config"]["width"], 7);
  EXPECT_EQ(flags["config"]["integrator"], "heun");
  EXPECT_EQ(flags["steps"], 4);
}

TEST_F(Settings, EveryTypeOfKeyIsReadAsItsFlagWouldBe) {
  write("types.toml",
        "width = 1e1\nsamples = 20\nrecord-at = [0, 0.5, 1]\ninit-paired = true\n"
        "train = \"both\"\ntemperature = 0\nseed = 7\namplitude = \"one\"\n");
  const auto file = json_of({"run", "types.toml"});
  const auto flags =
      json_of({"run", "--width", "10", "--samples", "20", "--record-at", "0,0.5,1", "--init-paired",
               "--train", "both", "--temperature", "0", "--seed", "7", "--amplitude", "one"});
  EXPECT_EQ(file["config"], flags["config"]);
  EXPECT_EQ(file["records"], flags["records"]);
  EXPECT_EQ(file["records"].size(), 3);
}

TEST_F(Settings, PathsInAFileAreRelativeToIt) {
  std::filesystem::create_directory(folder_ / "experiment");
  write("experiment/x.npy", 3, 1, {1, 2, 3});
  write("experiment/y.npy", 3, 1, {1, 0, 1});
  write("experiment/data.toml", "x = \"x.npy\"\ny = \"y.npy\"\nwidth = 5\nt-end = 0.01\n");
  EXPECT_EQ(json_of({"run", "experiment/data.toml"})["config"]["samples"], 3);
}

TEST_F(Settings, DefaultsAreOfTheKindOfJob) {
  const auto circle = json_of({"run", "--t-end", "0.1", "--width", "10"})["config"];
  EXPECT_EQ(circle["init"], "cos2");
  EXPECT_EQ(circle["constraint"], "sphere");
  EXPECT_EQ(circle["integrator"], "auto");
  EXPECT_EQ(circle["seed"], 1);
  const auto law = json_of({"run", "--t-end", "0.1", "--law", "sphere", "--width", "10"})["config"];
  EXPECT_EQ(law["dim"], 10);
  EXPECT_EQ(law["target"], "neurons");
  EXPECT_EQ(law["constraint"], "none");
  write("x.npy", 3, 2, {1, 0, 0, 1, 1, 1});
  write("y.npy", 3, 1, {1, 0, 1});
  const auto data = json_of({"run", "--x", "x.npy", "--y", "y.npy", "--t-end", "0.1"})["config"];
  EXPECT_EQ(data["dim"], 2);
  EXPECT_EQ(data["width"], 1000);
  EXPECT_EQ(data["law"], nullptr);
  // One rule for all: no kind of job is integrated or measured more coarsely than another. Of few
  // particles and samples with kinks, each counts.
  const auto sampled = json_of(
      {"run", "--t-end", "0.1", "--law", "sphere", "--samples", "20", "--width", "10"})["config"];
  for (const auto& each : {circle, law, sampled, data}) {
    EXPECT_EQ(each["w2-rtol"], circle["w2-rtol"]);
    EXPECT_EQ(each["atol"], nullptr);
  }
  for (const auto& smooth : {circle, law}) EXPECT_EQ(smooth["rtol"], 1e-4);
  for (const auto& kinked : {sampled, data}) EXPECT_EQ(kinked["rtol"], 1e-6);
}

TEST_F(Settings, DataAloneIsASensibleRun) {
  std::vector<double> x, y;
  for (int i = 0; i < 40; ++i) {
    x.push_back(std::sin(i));
    x.push_back(std::cos(3 * i));
    y.push_back(std::abs(x[2 * i]) - 0.5 * x[2 * i + 1]);
  }
  write("x.npy", 40, 2, x);
  write("y.npy", 40, 1, y);
  const auto run = json_of({"run", "--x", "x.npy", "--y", "y.npy"});
  EXPECT_EQ(run["outcome"], "finished");
  EXPECT_EQ(run["t"], 100);
  const double first = run["records"].front()["risk"];
  const double last = run["records"].back()["risk"];
  EXPECT_LT(last, 0.02 * first);
}

TEST_F(Settings, HelpShowsEveryOptionWithItsDefault) {
  const Finished help = mckean({"run", "--help"});
  EXPECT_EQ(help.code, 0);
  for (const char* part : {"--dim", "--init-paired", "--mobility-a", "--record-at", "--temperature",
                           "--out", "[auto]", "[100000 | 1000 | 1000]"})
    EXPECT_NE(help.out.find(part), std::string::npos) << part;
  for (const char* command : {"eval", "w2", "info"}) {
    EXPECT_EQ(mckean({command, "--help"}).code, 0) << command;
  }
  EXPECT_EQ(mckean({"--help"}).code, 0);
  EXPECT_EQ(mckean({"--version"}).code, 0);
  EXPECT_EQ(mckean({"info"}).code, 0);
  EXPECT_TRUE(json_of({"info"})["cuda"].is_boolean());
}

TEST_F(Settings, ReadmeShowsTheTablesOfTheProgram) {
  const std::string readme = read_file(MCKEAN_README);
  for (const std::string command : {"run", "w2"}) {
    const std::string begin = "<!-- options of " + command + " -->\n";
    const std::size_t from = readme.find(begin);
    const std::size_t to = readme.find("<!-- /options of " + command + " -->");
    ASSERT_NE(from, std::string::npos);
    ASSERT_NE(to, std::string::npos);
    const std::size_t start = from + begin.size();
    EXPECT_EQ(readme.substr(start, to - start), mckean({command, "--help-markdown"}).out)
        << "put the output of mckean " << command
        << " --help-markdown between the markers of README.md";
  }
}

}  // namespace
}  // namespace mckean::test
