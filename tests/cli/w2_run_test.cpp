// W2 to the target at the records of a run: where it is, its bracket, and what the options change.
#include <algorithm>

#include "program.hpp"

namespace mckean::test {
namespace {

class W2Run : public Program {
 protected:
  static std::vector<std::string> with(std::vector<std::string> arguments,
                                       const std::vector<std::string>& more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  nlohmann::json small(const std::vector<std::string>& more) const {
    return json_of(with({"run", "--law", "sphere", "--dim", "3", "--width", "40", "--t-end", "0.1",
                         "--record-at", "0,0.1"},
                        more));
  }
  static void expect_ordered(const nlohmann::json& record) {
    const double lower = record["w2_lower"];
    const double w2 = record["w2"];
    const double upper = record["w2_upper"];
    EXPECT_GE(lower, 0);
    EXPECT_LE(lower, w2);
    EXPECT_LE(w2, upper);
  }
  static void expect_closed_form(const nlohmann::json& run, const char* method) {
    EXPECT_EQ(run["w2_method"], method);
    EXPECT_EQ(run["w2_unconverged"], 0);
    for (const auto& record : run["records"]) {
      const double w2 = record["w2"];
      expect_ordered(record);
      // Rounding alone: of a sum of a tile, and of lifted angles.
      EXPECT_LE(record["w2_upper"].get<double>() - record["w2_lower"].get<double>(),
                2e-12 * w2 + 2e-14);
    }
  }
};

const std::vector<std::string> teacher_student{
    "run",     "--law", "sphere",  "--dim", "5",           "--teacher-width", "10",
    "--width", "2000",  "--t-end", "1",     "--record-at", "0,0.1,0.3,1"};
const std::vector<std::string> inner{"--train", "inner",        "--amplitude",
                                     "one",     "--constraint", "sphere"};

// What is recorded does not change what is computed, distances among it.
TEST_F(W2Run, OfARecordDoesNotDependOnOthers) {
  const auto rows_of = [&](const char* times, const std::vector<std::string>& more) {
    auto arguments = teacher_student;
    arguments.back() = times;
    return json_of(with(std::move(arguments), more))["records"];
  };
  for (const auto& more : {std::vector<std::string>{}, inner}) {
    const auto many = rows_of("0,0.1,0.2,0.3,0.5,1", more), few = rows_of("1", more);
    EXPECT_EQ(many.back(), few.back());
  }
}

TEST_F(W2Run, ATeacherIsComparedWithinTheTolerance) {
  for (const auto& more : {std::vector<std::string>{}, inner}) {
    const auto run = json_of(with(teacher_student, more));
    EXPECT_TRUE(run["w2_method"].is_string());
    EXPECT_EQ(run["w2_unconverged"], 0);
    EXPECT_GT(run["seconds"]["w2"], 0);
    ASSERT_EQ(run["records"].size(), 4u);
    for (const auto& record : run["records"]) {
      expect_ordered(record);
      const double upper = record["w2_upper"];
      EXPECT_LE(upper - record["w2_lower"].get<double>(), 1e-3 * upper);
    }
  }
}

TEST_F(W2Run, TheBracketHoldsTheDistanceOfATighterOne) {
  const auto coarse = small({"--w2-rtol", "0.1"})["records"];
  const auto fine = small({"--w2", "exact", "--w2-rtol", "1e-8"})["records"];
  for (std::size_t i = 0; i < fine.size(); ++i) {
    EXPECT_LE(coarse[i]["w2_lower"], fine[i]["w2_upper"]);
    EXPECT_GE(coarse[i]["w2_upper"], fine[i]["w2_lower"]);
  }
}

TEST_F(W2Run, AtTheTeacherItIsZero) {
  write("w.npy", 2, 4, {1, 0.5, 0, 2, -1, 0, 1, 0});
  const auto run = json_of({"run", "--law", "sphere", "--dim", "3", "--teacher", "w.npy",
                            "--init-file", "w.npy", "--t-end", "0.1"});
  EXPECT_EQ(run["records"].front()["w2"], 0);
  EXPECT_EQ(run["records"].front()["w2_upper"], 0);
}

TEST_F(W2Run, GeodesicOnTheSphereEuclideanOffIt) {
  // One particle and one teacher neuron at a right angle: pi/2 on the sphere, sqrt 2 in space.
  write("b.npy", 1, 4, {1, 1, 0, 0});
  write("teacher.npy", 1, 4, {1, 0, 1, 0});
  const auto start = [&](const std::string& constraint, const std::string& train) {
    const auto run =
        json_of({"run", "--law", "sphere", "--dim", "3", "--teacher", "teacher.npy", "--init-file",
                 "b.npy", "--t-end", "0.1", "--constraint", constraint, "--train", train});
    return run["records"].front()["w2"].get<double>();
  };
  EXPECT_NEAR(start("sphere", "inner"), std::acos(-1.) / 2, 2e-3);
  EXPECT_NEAR(start("none", "inner"), std::sqrt(2.), 2e-3);
  EXPECT_NEAR(start("sphere", "both"), std::sqrt(2.), 2e-3) << "the amplitudes count too";
}

TEST_F(W2Run, ClosedFormsHaveTheWidthOfRounding) {
  const std::vector<std::string> job{"run", "--width", "50", "--t-end", "0.1"};
  expect_closed_form(json_of(job), "circle");
  expect_closed_form(json_of(with(job, {"--w2", "circle"})), "circle");
  expect_closed_form(json_of(with(job, {"--w2-subsample", "20"})), "circle");
  const std::vector<std::string> neurons{"--law",   "circle", "--target",    "neurons",
                                         "--train", "inner",  "--amplitude", "one"};
  expect_closed_form(json_of(with(with(job, neurons), {"--constraint", "sphere"})), "circle");
  expect_closed_form(json_of({"run", "--law", "gaussian", "--dim", "1", "--width", "50", "--t-end",
                              "0.1", "--train", "inner", "--amplitude", "one"}),
                     "line");
}

TEST_F(W2Run, ExactOnTheCircleIsTheClosedForm) {
  const std::vector<std::string> job{"run",     "--law",       "circle",  "--target",     "neurons",
                                     "--width", "50",          "--t-end", "0.1",          "--train",
                                     "inner",   "--amplitude", "one",     "--constraint", "sphere"};
  const auto closed = json_of(job)["records"];
  const auto exact = json_of(with(job, {"--w2", "exact", "--w2-rtol", "1e-9"}))["records"];
  for (std::size_t i = 0; i < closed.size(); ++i) {
    const double w2 = closed[i]["w2"];
    EXPECT_NEAR(exact[i]["w2"], w2, 1e-8 * w2);
  }
}

TEST_F(W2Run, NoneLeavesTheColumnsEmpty) {
  const auto run = small({"--w2", "none"});
  EXPECT_TRUE(run["w2_method"].is_null());
  for (const auto& record : run["records"]) {
    for (const char* column : {"w2", "w2_lower", "w2_upper"})
      EXPECT_TRUE(record[column].is_null()) << column;
  }
  EXPECT_EQ(mckean({"run", "--width", "20", "--t-end", "1", "--w2", "none", "--out", "out"}).code,
            0);
  EXPECT_NE(read("out/metrics.csv").find(",,,,"), std::string::npos);
}

TEST_F(W2Run, TheTableForPeopleShowsTheDistanceAlone) {
  const Finished run = mckean({"run", "--width", "20", "--t-end", "1"});
  EXPECT_NE(run.out.find(" w2 "), std::string::npos) << run.out;
  EXPECT_EQ(run.out.find("w2_lower"), std::string::npos) << run.out;
}

TEST_F(W2Run, ASubsampleIsDrawnOnceBySeed) {
  const auto all = small({})["records"];
  const auto some = small({"--w2-subsample", "10"})["records"];
  EXPECT_EQ(some, small({"--w2-subsample", "10"})["records"]);
  EXPECT_NE(some[0]["w2"], all[0]["w2"]);
  for (const auto& record : some) expect_ordered(record);
  EXPECT_EQ(small({"--w2-subsample", "40"})["records"], all);
  EXPECT_EQ(small({"--w2-subsample", "1e6"})["records"], all);
}

TEST_F(W2Run, AWideBracketIsKeptAndSaidOnce) {
  const std::vector<std::string> job{
      "run",         "--law", "sphere", "--dim",  "3",     "--width", "40",        "--t-end", "0.1",
      "--record-at", "0,0.1", "--w2",   "bounds", "--out", "result",  "--w2-rtol", "0"};
  const Finished run = mckean(job);
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
  EXPECT_NE(run.err.find("at 2 of 2 records the bracket of W2"), std::string::npos) << run.err;
  const auto summary = nlohmann::json::parse(read("result/summary.json"));
  EXPECT_EQ(summary["w2_unconverged"], 2);
  EXPECT_EQ(summary["w2_method"], "bounds");
  for (const auto& record : summary["records"]) expect_ordered(record);
  EXPECT_EQ(mckean(with(job, {"--quiet", "--force"})).err, "");
}

TEST_F(W2Run, ATimeLimitKeepsARecordShort) {
  const Finished run = mckean({"run", "--law", "sphere", "--dim", "3", "--width", "4000",
                               "--teacher-width", "1000", "--w2", "exact", "--w2-rtol", "1e-9",
                               "--w2-time-limit", "0.05", "--record-at", "0,0.01", "--json"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_NE(run.err.find("at 2 of 2 records the bracket of W2 is wider"), std::string::npos)
      << run.err;
  const auto summary = run.json();
  EXPECT_EQ(summary["w2_unconverged"], 2);
  for (const auto& record : summary["records"]) {
    expect_ordered(record);
    const double upper = record["w2_upper"];
    EXPECT_GT(upper - record["w2_lower"].get<double>(), 1e-3 * upper);
  }
  // Without a limit they take seconds; a busy machine may need more than 0.1 s for two of them.
  EXPECT_LT(summary["seconds"]["w2"], 5);
}

TEST_F(W2Run, WithoutAMeaningItIsLeftOut) {
  const auto last = [&](const std::vector<std::string>& more) {
    return small(more)["records"].back()["w2"];
  };
  EXPECT_TRUE(last({}).is_number());
  EXPECT_TRUE(last({"--scaling", "ntk"}).is_null());
  EXPECT_TRUE(last({"--target", "uniform-sphere"}).is_null());
}

// Potentials go from record to record whichever side has more points.
TEST_F(W2Run, AStudentSmallerThanItsTeacherIsComparedAllTheSame) {
  const std::vector<std::string> flags = {
      "run", "--law",   "sphere", "--dim",     "3",    "--width", "20", "--teacher-width",
      "30",  "--t-end", "1",      "--w2-rtol", "1e-6", "--w2"};
  const auto with = [&](const char* method) {
    auto arguments = flags;
    arguments.push_back(method);
    return json_of(arguments)["records"];
  };
  const auto exact = with("exact");
  const auto semidiscrete = with("semidiscrete");
  ASSERT_EQ(exact.size(), semidiscrete.size());
  for (std::size_t i = 0; i < exact.size(); ++i) {
    const double w2 = exact[i]["w2"];
    EXPECT_NEAR(semidiscrete[i]["w2"], w2, 2e-6 * w2) << i;
  }
}

}  // namespace
}  // namespace mckean::test
