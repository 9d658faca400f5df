// Runs that do not reach their end: the exit code, one line, and the last finite state.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <thread>

#include "program.hpp"

namespace mckean::test {
namespace {

using Outcome = Program;

TEST_F(Outcome, DivergenceKeepsTheLastFiniteState) {
  const Finished run =
      mckean({"run", "--law", "gaussian", "--activation", "square", "--integrator", "euler", "--dt",
              "100", "--t-end", "10000", "--width", "20", "--out", "result"});
  EXPECT_EQ(run.code, 3);
  EXPECT_EQ(run.err.rfind("mckean: diverged at t = ", 0), 0u) << run.err;
  EXPECT_EQ(run.err.find('\n'), run.err.size() - 1);
  const Matrix rows =
      read_matrix(folder_ / "result/particles.npy");  // throws on what is not finite
  EXPECT_EQ(rows.rows, 20u);
  EXPECT_EQ(nlohmann::json::parse(read("result/summary.json"))["outcome"], "diverged");
  for (const std::string& line : split(read("result/metrics.csv"), '\n'))
    EXPECT_EQ(line.find("nan"), std::string::npos) << line;
}

TEST_F(Outcome, AnAdaptiveMethodTakesSmallerStepsInstead) {
  const auto run = json_of({"run", "--law", "gaussian", "--activation", "square", "--dt", "1e6",
                            "--t-end", "1", "--width", "20"});
  EXPECT_EQ(run["outcome"], "finished");
  EXPECT_GT(run["rejected"], 0);
}

TEST_F(Outcome, AProximalStepThatIsNotSolvedIsNotPassedOff) {
  const Finished run = mckean({"run", "--width", "50", "--integrator", "proximal", "--eta", "1",
                               "--proximal-tolerance", "1e-300", "--t-end", "2", "--json"});
  EXPECT_EQ(run.code, 3);
  EXPECT_EQ(run.json()["outcome"], "not converged");
  EXPECT_GT(run.json()["proximal_residual"], 0);
}

TEST_F(Outcome, WhatSlidesAlongKinksIsCounted) {
  const auto run = json_of({"run", "--dim", "3", "--law", "gaussian", "--samples", "50", "--width",
                            "40", "--activation", "abs", "--t-end", "100"});
  EXPECT_GT(run["sliding"], 0);
  EXPECT_LT(std::abs(run["energy_residual"].get<double>()), 1e-2);
}

TEST_F(Outcome, ARestIsSaid) {
  write("w.npy", 2, 4, {1, 0.5, 0, 2, -1, 0, 1, 0});
  const Finished run = mckean({"run", "--law", "sphere", "--dim", "3", "--teacher", "w.npy",
                               "--init-file", "w.npy", "--t-end", "0.1", "--json"});
  EXPECT_EQ(run.code, 0);
  EXPECT_EQ(run.err.rfind("mckean: note: at rest from t = 0 on", 0), 0u) << run.err;
  EXPECT_EQ(run.json()["at_rest_from"], 0);
  EXPECT_EQ(run.json()["sliding"], 0);
}

TEST_F(Outcome, LostOutputIsNotASuccess) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  for (const char* arguments : {"info", "info --json", "run --width 10 --t-end 1",
                                "run --width 10 --t-end 1 --json", "--help"}) {
    const Finished finished = shell("$mckean " + std::string(arguments) + " >/dev/full 2>&1");
    EXPECT_EQ(finished.code, 4) << arguments;
  }
}

TEST_F(Outcome, ASignalEndsTheRunWithItsStateOnDisk) {
  for (const int signal : {SIGTERM, SIGINT}) {
    const pid_t process = start({"run", "--law", "gaussian", "--activation", "tanh", "--samples",
                                 "1000", "--width", "2000", "--integrator", "euler", "--dt", "1e-3",
                                 "--t-end", "1e6", "--out", "result"});
    // The first record is on disk once particles.npy is.
    while (!std::filesystem::exists(folder_ / "result/particles.npy")) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    ::kill(process, signal);
    const Finished run = wait(process);
    EXPECT_EQ(run.code, 130);
    EXPECT_EQ(run.err.rfind("mckean: interrupted at t = ", 0), 0u) << run.err;
    EXPECT_EQ(read_matrix(folder_ / "result/particles.npy").rows, 2000u);
    const auto summary = nlohmann::json::parse(read("result/summary.json"));
    EXPECT_EQ(summary["outcome"], "interrupted");
    std::filesystem::remove_all(folder_ / "result");
  }
}

TEST_F(Outcome, AKilledRunLeavesWholeRowsAndAWholeState) {
  const pid_t process = start({"run", "--law", "gaussian", "--activation", "tanh", "--samples",
                               "50", "--width", "3000", "--records", "1000", "--integrator",
                               "euler", "--dt", "1e-3", "--t-end", "10", "--out", "result"});
  const std::filesystem::path rows = folder_ / "result/metrics.csv";
  while (!std::filesystem::exists(rows) || split(read_file(rows), '\n').size() < 4) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  ::kill(process, SIGKILL);
  EXPECT_EQ(wait(process).code, 128 + SIGKILL);
  EXPECT_EQ(read_matrix(folder_ / "result/particles.npy").rows, 3000u);
  const std::string metrics = read("result/metrics.csv");
  EXPECT_EQ(metrics.back(), '\n');
  const std::vector<std::string> lines = split(metrics, '\n');
  for (const std::string& line : lines) EXPECT_EQ(std::count(line.begin(), line.end(), ','), 13);
}

}  // namespace
}  // namespace mckean::test
