// One seed for each purpose, --seed for those without.
#include "program.hpp"

namespace mckean::test {
namespace {

class Seeds : public Program {
 protected:
  const std::vector<std::string> problem{"--law",     "gaussian", "--dim",        "3",
                                         "--samples", "30",       "--activation", "tanh"};
  static std::vector<std::string> joined(std::vector<std::string> first,
                                         const std::vector<std::string>& second,
                                         const std::vector<std::string>& third) {
    first.insert(first.end(), second.begin(), second.end());
    first.insert(first.end(), third.begin(), third.end());
    return first;
  }
  /// The start: what a step too short to move anything leaves.
  std::vector<double> start(const std::vector<std::string>& more) const {
    json_of(joined(
        {"run", "--width", "10", "--steps", "1", "--dt", "1e-30", "--out", "result", "--force"},
        problem, more));
    return read_matrix(folder_ / "result/particles.npy").values;
  }
  /// The risk of some neurons: of data and teacher.
  double risk(const std::vector<std::string>& problem_of, const std::vector<std::string>& more) {
    write("p.npy", 2, 4, {1, 0.5, 0.1, 0, -1, 0, 1, 0.3});
    return json_of(joined({"eval", "--particles", "p.npy"}, problem_of, more))["risk"];
  }
};

TEST_F(Seeds, TheStartHasItsOwn) {
  const auto first = start({});
  EXPECT_NE(start({"--seed-init", "2"}), first);
  EXPECT_EQ(start({"--seed-data", "2", "--seed-teacher", "2", "--seed-noise", "2"}), first);
  EXPECT_EQ(start({"--seed", "2"}), start({"--seed-init", "2"}));
  EXPECT_EQ(start({"--seed", "2", "--seed-init", "1"}), first);
}

TEST_F(Seeds, SoHaveDataAndTeacher) {
  const double first = risk(problem, {});
  EXPECT_NE(risk(problem, {"--seed-data", "2"}), first);
  EXPECT_NE(risk(problem, {"--seed-teacher", "2"}), first);
  EXPECT_EQ(risk(problem, {"--seed-data", "2", "--seed-teacher", "2"}),
            risk(problem, {"--seed", "2"}));
  // The closed form has no data, and a file is a teacher that nobody draws.
  const std::vector<std::string> law{"--law", "gaussian", "--dim", "3"};
  EXPECT_EQ(risk(law, {"--seed-data", "2"}), risk(law, {}));
  EXPECT_NE(risk(law, {"--seed-teacher", "2"}), risk(law, {}));
  write("teacher.npy", 1, 4, {1, 0, 1, 0});
  const auto file = joined(problem, {"--teacher", "teacher.npy"}, {});
  EXPECT_EQ(risk(file, {"--seed-teacher", "2"}), risk(file, {}));
  EXPECT_NE(risk(file, {"--seed-data", "2"}), risk(file, {}));
}

TEST_F(Seeds, ASplitIsOfTheData) {
  std::vector<double> x, y;
  for (int i = 0; i < 40; ++i) {
    x.push_back(std::sin(7 * i));
    y.push_back(std::cos(3 * i));
  }
  write("x.npy", 40, 1, x);
  write("y.npy", 40, 1, y);
  const auto first = [&](const std::vector<std::string>& more) {
    return json_of(joined({"run", "--x", "x.npy", "--y", "y.npy", "--test-fraction", "0.5"},
                          {"--width", "5", "--t-end", "0.1"}, more))["records"][0];
  };
  EXPECT_NE(first({"--seed-data", "2"})["risk"], first({})["risk"]);
  EXPECT_EQ(first({"--seed-teacher", "2", "--seed-noise", "2"}), first({}));
}

TEST_F(Seeds, NoiseHasItsOwn) {
  const auto records = [&](const std::vector<std::string>& more) {
    return json_of(joined({"run", "--temperature", "0.1", "--t-end", "1", "--width", "10"}, problem,
                          more))["records"];
  };
  const auto other = records({"--seed-noise", "2"});
  EXPECT_EQ(other.front(), records({}).front());
  EXPECT_NE(other.back(), records({}).back());
}

TEST_F(Seeds, AreThoseOfSeedByDefault) {
  const auto job = joined({"run", "--width", "10", "--t-end", "1", "--w2", "none"}, problem, {});
  const auto all = json_of(joined(job, {"--seed", "7"}, {}));
  for (const char* name : {"seed-data", "seed-teacher", "seed-init", "seed-noise"})
    EXPECT_EQ(all["config"][name], 7) << name;
  const auto each = json_of(joined(job, {"--seed-data", "7", "--seed-teacher", "7"},
                                   {"--seed-init", "7", "--seed-noise", "7"}));
  EXPECT_EQ(each["records"], all["records"]);
  EXPECT_EQ(each["seed"], 1);
}

}  // namespace
}  // namespace mckean::test
