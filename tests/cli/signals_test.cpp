// Signals end every command within a second, whatever it is at.
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <thread>

#include "program.hpp"

namespace mckean::test {
namespace {

/// What all threads of a process have been given so far.
double processor_seconds(pid_t process) {
  clockid_t clock{};
  timespec now{};
  EXPECT_EQ(::clock_getcpuclockid(process, &clock), 0);
  EXPECT_EQ(::clock_gettime(clock, &now), 0);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Whether it has, and waits to be asked for its exit code.
bool has_ended(pid_t process) {
  siginfo_t info{};
  ::waitid(P_PID, static_cast<id_t>(process), &info, WEXITED | WNOHANG | WNOWAIT);
  return info.si_pid == process;
}

class Signals : public Program {
 protected:
  /// Starts the program, sends the signal once it has worked for `delay` seconds, and expects one
  /// line in time: no more work than a second is good for, since a machine that is busy with other
  /// programs lets all last longer.
  Finished interrupted(const std::vector<std::string>& arguments, int signal, double delay) {
    const pid_t process = start(arguments);
    while (!has_ended(process) && processor_seconds(process) < delay)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    const double before = processor_seconds(process);
    ::kill(process, signal);
    const Finished finished = wait(process);
    EXPECT_LT(finished.processor_seconds - before, std::thread::hardware_concurrency())
        << arguments[0] << " " << arguments[1];
    EXPECT_EQ(finished.code, 130) << arguments[0] << " " << finished.err;
    EXPECT_EQ(finished.err.rfind("mckean: interrupted", 0), 0u) << finished.err;
    EXPECT_EQ(std::count(finished.err.begin(), finished.err.end(), '\n'), 1) << finished.err;
    return finished;
  }
  void wait_for(const std::string& name) const {
    while (!std::filesystem::exists(folder_ / name))
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
};

TEST_F(Signals, EndOneStepThatWouldTakeMinutes) {
  const std::vector<std::vector<std::string>> jobs{
      {"run", "--law", "gaussian", "--dim", "20", "--width", "200000", "--w2", "none"},
      {"run", "--law", "gaussian", "--dim", "20", "--width", "200000", "--samples", "20000",
       "--activation", "tanh", "--w2", "none"},
      {"run", "--law", "gaussian", "--dim", "20", "--width", "200000", "--samples", "200000",
       "--w2", "none"}};
  for (const auto& job : jobs) {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) interrupted(job, signal, 1);
  }
}

TEST_F(Signals, EndTheSearchForPlanes) {
  for (const double delay : {2., 2.5, 3.}) {
    interrupted({"run", "--law", "gaussian", "--dim", "50", "--samples", "400000", "--width",
                 "20000", "--w2", "none", "--threads", "1"},
                SIGTERM, delay);
  }
}

TEST_F(Signals, EndTheDrawingOfAProblem) {
  write("p.npy", 2, 3001, std::vector<double>(6002, 1));
  const std::vector<std::string> samples{"--law",     "gaussian", "--dim",        "3000",
                                         "--samples", "60000",    "--activation", "tanh"};
  std::vector<std::string> run{"run"}, eval{"eval", "--particles", "p.npy"};
  run.insert(run.end(), samples.begin(), samples.end());
  eval.insert(eval.end(), samples.begin(), samples.end());
  // Its memory is touched at first, which takes long by itself.
  for (const double delay : {0.1, 0.5, 1.5}) {
    interrupted(run, SIGINT, delay);
    interrupted(eval, SIGTERM, delay);
  }
}

TEST_F(Signals, EndALinearRegression) {
  const std::size_t n = 3000, d = 2000;
  std::vector<double> x(n * d), y(n);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::sin(static_cast<double>(i * i % 10007));
  for (std::size_t i = 0; i < n; ++i) y[i] = std::cos(static_cast<double>(i));
  write("x.npy", n, d, x);
  write("y.npy", n, 1, y);
  interrupted({"run", "--x", "x.npy", "--y", "y.npy", "--test-fraction", "0.01", "--width", "2",
               "--steps", "1"},
              SIGINT, 1.5);
}

TEST_F(Signals, LeaveTheRecordsOfARun) {
  const pid_t process =
      start({"run", "--law", "gaussian", "--activation", "tanh", "--samples", "1000", "--width",
             "2000", "--integrator", "euler", "--dt", "1e-3", "--t-end", "1e6", "--out", "result"});
  wait_for("result/metrics.csv");
  ::kill(process, SIGHUP);
  const Finished run = wait(process);
  EXPECT_EQ(run.code, 130);
  EXPECT_EQ(nlohmann::json::parse(read("result/summary.json"))["outcome"], "interrupted");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "result/.mckean.lock"));
}

TEST_F(Signals, TheLastRowIsOfThePointWhereOneCame) {
  // More samples than parameters, or adaptive jobs are at rest, and end, after a quarter of a
  // second.
  const std::vector<std::vector<std::string>> jobs{
      {"--integrator", "euler", "--dt", "1e-4"},  {"--integrator", "dopri5", "--rtol", "1e-11"},
      {"--integrator", "rkc", "--rtol", "1e-12"}, {"--batch", "10", "--dt", "1e-4"},
      {"--temperature", "1e-3", "--dt", "1e-4"},  {"--online", "10", "--dt", "1e-4"}};
  for (std::vector<std::string> more : jobs) {
    std::vector<std::string> job{"run",  "--law",     "gaussian", "--activation", "tanh", "--width",
                                 "5",    "--threads", "1",        "--t-end",      "1e7",  "--w2",
                                 "none", "--out",     "result",   "--record-at",  "0,1e7"};
    if (more.front() != "--online") more.insert(more.end(), {"--samples", "50"});
    job.insert(job.end(), more.begin(), more.end());
    const pid_t process = start(job);
    wait_for("result/metrics.csv");
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    ::kill(process, SIGINT);
    const Finished run = wait(process);
    EXPECT_EQ(run.code, 130) << more[1] << run.err;
    const auto summary = nlohmann::json::parse(read("result/summary.json"));
    const auto last = summary["records"].back();
    EXPECT_EQ(summary["records"].size(), 2u) << more[1];
    EXPECT_GT(last["t"], 0) << more[1];
    EXPECT_EQ(last["t"], summary["t"]) << more[1];
    EXPECT_EQ(last["step"], summary["steps"]) << more[1];
    const std::vector<std::string> lines = split(read("result/metrics.csv"), '\n');
    ASSERT_EQ(lines.size(), 3u) << more[1];
    EXPECT_EQ(std::stod(split(lines[2], ',')[0]), summary["t"]) << more[1];
    // A job as small as this one has all of J, R and the dissipation there, and of these particles.
    for (const char* key : {"objective", "risk", "dissipation"})
      EXPECT_TRUE(last[key].is_number()) << more[1] << key;
    std::vector<std::string> eval{
        "eval", "--particles", "result/particles.npy", "--law", "gaussian", "--activation", "tanh"};
    if (more.front() != "--online") {
      eval.insert(eval.end(), {"--samples", "50"});
      EXPECT_EQ(json_of(eval)["risk"], last["risk"]) << more[1];
    }
    std::filesystem::remove_all(folder_ / "result");
  }
}

// timeout(1) signals the program, and again the group that it is in.
TEST_F(Signals, ThatComeTogetherAreOneRequest) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    for (int k = 0; k < 5; ++k) {
      const pid_t process =
          start({"run", "--width", "20", "--t-end", "1e7", "--integrator", "euler", "--dt", "1e-4",
                 "--w2", "none", "--out", "result", "--force"});
      wait_for("result/metrics.csv");
      ::kill(process, signal);
      ::kill(process, signal);
      std::this_thread::sleep_for(std::chrono::microseconds(100));
      ::kill(process, signal);
      const Finished run = wait(process);
      EXPECT_EQ(run.code, 130) << run.err;
      EXPECT_EQ(nlohmann::json::parse(read("result/summary.json"))["outcome"], "interrupted");
      std::filesystem::remove_all(folder_ / "result");
    }
  }
}

TEST_F(Signals, WhatWouldTakeLongIsLeftOutOfTheLastRow) {
  const Finished run = interrupted(
      {"run",     "--law",        "gaussian", "--dim",   "20",   "--width", "20000", "--samples",
       "2000000", "--activation", "tanh",     "--batch", "1",    "--dt",    "0.01",  "--record-at",
       "10000",   "--t-end",      "10000",    "--w2",    "none", "--json"},
      SIGINT, 6);
  const auto last = run.json()["records"].back();
  EXPECT_EQ(last["t"], run.json()["t"]);
  EXPECT_TRUE(last["risk"].is_null() && last["objective"].is_null()) << last;
  EXPECT_TRUE(last["path_norm"].is_number());
}

TEST_F(Signals, NohupIsHeeded) {
  const Finished run = shell(
      "trap '' HUP; $mckean run --law gaussian --width 2000 --integrator euler --dt 0.02 --t-end 1"
      " --w2 none & p=$!; sleep 0.3; kill -HUP $p; wait $p");
  EXPECT_EQ(run.code, 0) << run.err;
}

TEST_F(Signals, AWriteThatNobodyReadsIsLeft) {
  // The pipe fills up, since sleep never reads it.
  const Finished run = shell(
      "{ $mckean run --width 20 --t-end 1 --records 20000 & p=$!; sleep 2; kill -INT $p; wait $p;"
      " echo $? >code; } | sleep 4");
  EXPECT_EQ(read("code"), "130\n") << run.err;
}

}  // namespace
}  // namespace mckean::test
