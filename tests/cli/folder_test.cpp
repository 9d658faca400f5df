// The folder of results: who may write there, and what stands there before and after.
#include <sys/stat.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "program.hpp"

namespace mckean::test {
namespace {

namespace fs = std::filesystem;

class Folder : public Program {
 protected:
  Finished run(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"run", "--width", "20", "--t-end", "1", "--out", "result"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return mckean(arguments);
  }
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& entry : fs::directory_iterator(folder_ / "result"))
      all.push_back(entry.path().filename().string());
    std::sort(all.begin(), all.end());
    return all;
  }
  const std::vector<std::string> results{"metrics.csv", "particles.npy", "summary.json"};
};

TEST_F(Folder, HoldsTheThreeFilesAlone) {
  EXPECT_EQ(run().code, 0);
  EXPECT_EQ(names(), results);
}

TEST_F(Folder, ResultsAreReplacedWithForceOnly) {
  fs::create_directory(folder_ / "result");
  for (const std::string& name : results) {
    write("result/" + name, "an earlier result");
    const auto before = contents();
    const Finished refused = run();
    EXPECT_EQ(refused.code, 2) << name;
    EXPECT_NE(refused.err.find(name), std::string::npos) << refused.err;
    EXPECT_NE(refused.err.find("--force"), std::string::npos) << refused.err;
    EXPECT_EQ(contents(), before) << name;
    fs::remove(folder_ / "result" / name);
  }
  write("result/notes.txt", "mine");
  EXPECT_EQ(run().code, 0);
  EXPECT_EQ(run({"--force", "--seed", "2"}).code, 0);
  EXPECT_EQ(nlohmann::json::parse(read("result/summary.json"))["seed"], 2);
  EXPECT_EQ(read("result/notes.txt"), "mine");
}

/// A command ends with exit code 2 and names the process that it waits for in vain.
void expect_refused_for(pid_t holder, const std::string& command) {
  std::string said;
  FILE* const pipe = ::popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  for (int c; (c = std::fgetc(pipe)) != EOF;) said += static_cast<char>(c);
  EXPECT_EQ(WEXITSTATUS(::pclose(pipe)), 2) << said;
  EXPECT_NE(said.find("process " + std::to_string(holder)), std::string::npos) << said;
}

TEST_F(Folder, ASecondRunIsRefusedAsLongAsTheFirstIsThere) {
  const pid_t first =
      start({"run", "--law", "gaussian", "--activation", "tanh", "--samples", "1000", "--width",
             "2000", "--integrator", "euler", "--dt", "1e-3", "--t-end", "1e6", "--out", "result"});
  while (!fs::exists(folder_ / "result/metrics.csv"))
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  // Its output has a place of its own.
  for (const char* force : {"", " --force"}) {
    const std::string command = "cd " + folder_.string() + "; " + MCKEAN_PROGRAM +
                                " run --width 20 --out result" + force + " 2>&1";
    expect_refused_for(first, command);
  }
  // What a crash leaves is no lock.
  ::kill(first, SIGKILL);
  wait(first);
  EXPECT_TRUE(fs::exists(folder_ / "result/.mckean.lock"));
  EXPECT_EQ(run({"--force"}).code, 0);
  EXPECT_EQ(names(), results);
}

TEST_F(Folder, LinksAndPipesAreReplacedAndNotWrittenTo) {
  for (const std::string& name : results) {
    for (const char* kind : {"symbolic", "dangling", "hard", "pipe"}) {
      fs::remove_all(folder_ / "result");
      fs::create_directory(folder_ / "result");
      write("target", "mine");
      const fs::path place = folder_ / "result" / name;
      if (kind == std::string("symbolic")) fs::create_symlink(folder_ / "target", place);
      if (kind == std::string("dangling")) fs::create_symlink(folder_ / "none", place);
      if (kind == std::string("hard")) fs::create_hard_link(folder_ / "target", place);
      if (kind == std::string("pipe")) {
        EXPECT_EQ(::mkfifo(place.c_str(), 0600), 0);
      }
      EXPECT_EQ(run().code, 2) << name << kind;
      EXPECT_EQ(run({"--force"}).code, 0) << name << kind;
      EXPECT_EQ(read("target"), "mine") << name << kind;
      EXPECT_FALSE(fs::exists(folder_ / "none"));
      EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(place))) << name << kind;
    }
  }
  write("p.npy", 2, 3, {1, 1, 0, 1, 0, 1});
  write("target", "mine");
  fs::create_symlink(folder_ / "target", folder_ / "v.npy");
  EXPECT_EQ(mckean({"eval", "--particles", "p.npy", "--velocity", "v.npy"}).code, 2);
  EXPECT_EQ(mckean({"eval", "--particles", "p.npy", "--velocity", "v.npy", "--force"}).code, 0);
  EXPECT_EQ(read("target"), "mine");
}

TEST_F(Folder, WhatKilledRunsHaveLeftGoes) {
  fs::create_directory(folder_ / "result");
  const pid_t gone = start({"info"});
  wait(gone);
  const std::string dead = std::to_string(gone), alive = std::to_string(::getpid());
  for (const std::string& name :
       {".metrics.csv." + dead + ".0.tmp", ".particles.npy." + dead + ".17.tmp",
        ".summary.json." + dead + ".1.tmp", std::string("summary.json.aB3xYz"),
        std::string(".mckean-probe-aB3xYz"), std::string(".mckean.lock")})
    write("result/" + name, "");
  const std::vector<std::string> kept{".metrics.csv." + alive + ".0.tmp",
                                      ".notes." + dead + ".0.tmp", ".metrics.csv.tmp",
                                      ".metrics.csv..0.tmp", "summary.json.backup"};
  for (const std::string& name : kept) write("result/" + name, "{}\n");
  EXPECT_EQ(run().code, 0);
  for (const std::string& name : kept) EXPECT_TRUE(fs::exists(folder_ / "result" / name)) << name;
  EXPECT_EQ(names().size(), results.size() + kept.size());
}

TEST_F(Folder, WhereNothingCanBeMadeIsAFailureOfTheSystem) {
  write("file", "mine");
  write("p.npy", 2, 3, {1, 1, 0, 1, 0, 1});
  fs::create_directories(folder_ / "taken/summary.json");
  fs::create_directories(folder_ / "v.npy");
  const std::vector<std::vector<std::string>> commands{
      {"run", "--width", "20", "--out", "file"},
      {"run", "--width", "20", "--out", "file/below"},
      {"run", "--width", "20", "--out", "/proc/mckean"},
      {"run", "--width", "20", "--out", "taken", "--force"},
      {"eval", "--particles", "p.npy", "--velocity", "/proc/v.npy"},
      {"eval", "--particles", "p.npy", "--velocity", "none/v.npy"},
      {"eval", "--particles", "p.npy", "--velocity", "v.npy"}};
  const auto before = contents();
  for (const auto& command : commands) {
    const Finished finished = mckean(command);
    EXPECT_EQ(finished.code, 4) << command.back() << finished.err;
    EXPECT_EQ(finished.out, "");
    EXPECT_EQ(finished.err.find('\n'), finished.err.size() - 1) << finished.err;
    EXPECT_EQ(contents(), before) << command.back();
  }
}

TEST_F(Folder, VelocitiesAreReplacedWithForceOnly) {
  write("p.npy", 2, 3, {1, 1, 0, 1, 0, 1});
  const std::vector<std::string> eval{"eval", "--particles", "p.npy", "--velocity", "v.npy"};
  write("v.npy", "an earlier result");
  auto before = contents();
  const Finished refused = mckean(eval);
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.err.find("v.npy: is there: give --force"), std::string::npos) << refused.err;
  EXPECT_EQ(contents(), before);
  std::vector<std::string> forced = eval;
  forced.push_back("--force");
  EXPECT_EQ(mckean(forced).code, 0);
  EXPECT_EQ(read_matrix(folder_ / "v.npy").rows, 2u);
  EXPECT_EQ(mckean({"eval", "--particles", "p.npy", "--force"}).code, 2);
  // Not even so in the place of what is read.
  before = contents();
  EXPECT_EQ(mckean({"eval", "--particles", "p.npy", "--velocity", "p.npy", "--force"}).code, 2);
  EXPECT_EQ(contents(), before);
}

TEST_F(Folder, WhatAKilledEvalHasLeftGoes) {
  write("p.npy", 2, 3, {1, 1, 0, 1, 0, 1});
  const pid_t gone = start({"info"});
  wait(gone);
  const std::string dead = std::to_string(gone), alive = std::to_string(::getpid());
  write(".v.npy." + dead + ".0.tmp", "");
  write(".v.npy.lock", "");
  write(".v.npy." + alive + ".0.tmp", "");
  write(".other.npy." + dead + ".0.tmp", "");
  EXPECT_EQ(mckean({"eval", "--particles", "p.npy", "--velocity", "v.npy"}).code, 0);
  EXPECT_FALSE(fs::exists(folder_ / (".v.npy." + dead + ".0.tmp")));
  EXPECT_FALSE(fs::exists(folder_ / ".v.npy.lock"));
  EXPECT_TRUE(fs::exists(folder_ / (".v.npy." + alive + ".0.tmp")));
  EXPECT_TRUE(fs::exists(folder_ / (".other.npy." + dead + ".0.tmp")));
}

TEST_F(Folder, ASecondEvalIntoAFileIsRefused) {
  write("p.npy", 20000, 21, std::vector<double>(420000, 0.5));
  const std::vector<std::string> slow{"eval",   "--particles", "p.npy",  "--velocity", "v.npy",
                                      "--law",  "gaussian",    "--dim",  "20",         "--samples",
                                      "100000", "--repeat",    "1000000"};
  const pid_t first = start(slow);
  while (!fs::exists(folder_ / ".v.npy.lock"))
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  for (const char* force : {"", " --force"}) {
    const std::string command = "cd " + folder_.string() + "; " + MCKEAN_PROGRAM +
                                " eval --particles p.npy --law gaussian --dim 20 --samples 10"
                                " --velocity v.npy" +
                                force + " 2>&1";
    expect_refused_for(first, command);
  }
  ::kill(first, SIGINT);
  EXPECT_EQ(wait(first).code, 130);
  EXPECT_FALSE(fs::exists(folder_ / "v.npy"));
  EXPECT_FALSE(fs::exists(folder_ / ".v.npy.lock"));
}

TEST_F(Folder, WhatStandsInThePlaceOfALockIsNamed) {
  write("p.npy", 2, 3, {1, 1, 0, 1, 0, 1});
  write("target", "mine");
  fs::create_directory(folder_ / "result");
  for (const char* kind : {"link", "dangling link", "folder", "pipe"}) {
    for (const std::string& name :
         {std::string("result/.mckean.lock"), std::string(".v.npy.lock")}) {
      const fs::path place = folder_ / name;
      if (kind == std::string("link")) fs::create_symlink(folder_ / "target", place);
      if (kind == std::string("dangling link")) fs::create_symlink(folder_ / "none", place);
      if (kind == std::string("folder")) fs::create_directory(place);
      if (kind == std::string("pipe")) {
        EXPECT_EQ(::mkfifo(place.c_str(), 0600), 0);
      }
      const auto before = contents();
      const Finished refused = name.front() == '.'
                                   ? mckean({"eval", "--particles", "p.npy", "--velocity", "v.npy"})
                                   : run();
      EXPECT_EQ(refused.code, 4) << kind;
      EXPECT_NE(refused.err.find(name + ": is "), std::string::npos) << refused.err;
      EXPECT_EQ(contents(), before) << kind;
      fs::remove(place);
    }
  }
}

}  // namespace
}  // namespace mckean::test
