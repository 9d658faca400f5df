// Standard streams that are closed, full, or read by nobody, and limits of the system.
#include <algorithm>

#include "program.hpp"

namespace mckean::test {
namespace {

using Streams = Program;

const std::string job = "$mckean run --width 50 --t-end 1 --records 300 ";

TEST_F(Streams, ClosedOnesAreNotTakenByFiles) {
  for (const char* closed : {">&-", "2>&-", "<&-", ">&- 2>&-", ">&- 2>&- <&-"}) {
    const Finished run =
        shell("$mckean run --width 20 --t-end 1 --out result --force " + std::string(closed));
    EXPECT_EQ(run.code, 0) << closed;
    const std::string metrics = read("result/metrics.csv");
    EXPECT_EQ(metrics.rfind("t,step,", 0), 0u) << closed << metrics;
    for (const std::string& line : split(metrics, '\n'))
      EXPECT_EQ(std::count(line.begin(), line.end(), ','), 13) << closed << line;
    EXPECT_EQ(read_matrix(folder_ / "result/particles.npy").rows, 20u);
  }
  write("p.npy", 2, 3, {1, 1, 0, 1, 0, 1});
  EXPECT_EQ(shell("$mckean eval --particles p.npy --velocity v.npy >&-").code, 0);
  EXPECT_EQ(read_matrix(folder_ / "v.npy").rows, 2u);
}

TEST_F(Streams, AReaderThatLeavesDoesNotStopTheFiles) {
  const Finished run = shell("{ " + job + "--out result; echo $? >code; } | head -1");
  EXPECT_EQ(read("code"), "0\n") << run.err;
  EXPECT_EQ(run.err, "");
  EXPECT_EQ(split(read("result/metrics.csv"), '\n').size(), 301u);
  EXPECT_EQ(nlohmann::json::parse(read("result/summary.json"))["outcome"], "finished");
}

TEST_F(Streams, WithoutFilesWhatNobodyReadsIsLost) {
  const Finished run =
      shell("{ $mckean run --width 50 --t-end 1 --records 20000; echo $? >code; } | head -1");
  EXPECT_EQ(read("code"), "4\n");
  EXPECT_EQ(run.err.rfind("mckean: standard output: ", 0), 0u) << run.err;
  EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1);
}

TEST_F(Streams, AFullOneIsAFailureThoughTheFilesAreWhole) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  const Finished run = shell(job + "--out result >/dev/full");
  EXPECT_EQ(run.code, 4);
  EXPECT_NE(run.err.find("standard output"), std::string::npos) << run.err;
  EXPECT_EQ(nlohmann::json::parse(read("result/summary.json"))["outcome"], "finished");
}

TEST_F(Streams, QuietPrintsTheJsonAlone) {
  const Finished run = mckean({"run", "--width", "20", "--t-end", "1", "--quiet"});
  EXPECT_EQ(run.code, 0);
  EXPECT_EQ(run.out + run.err, "");
  EXPECT_TRUE(
      mckean({"run", "--width", "20", "--t-end", "1", "--quiet", "--json"}).json().is_object());
  write("p.npy", 2, 3, {1, 1, 0, 1, 0, 1});
  EXPECT_EQ(mckean({"eval", "--particles", "p.npy", "--quiet"}).out, "");
  const Finished failed =
      mckean({"run", "--law", "gaussian", "--activation", "square", "--integrator", "euler", "--dt",
              "100", "--t-end", "10000", "--width", "20", "--quiet"});
  EXPECT_EQ(failed.code, 3);
  EXPECT_EQ(failed.out, "");
  EXPECT_EQ(std::count(failed.err.begin(), failed.err.end(), '\n'), 1) << failed.err;
}

TEST_F(Streams, ALimitOfFilesKeepsTheEarlierResults) {
  // 5000 particles take 120 kB.
  const std::string run = "$mckean run --width 5000 --t-end 0.1 --out result --quiet";
  ASSERT_EQ(shell(run).code, 0);
  const auto before = contents();
  const std::string said =
      shell("(ulimit -f 20; " + run + " --force; echo code $?) 2>&1 | cat").out;
  EXPECT_NE(said.find("particles.npy: cannot be written"), std::string::npos) << said;
  EXPECT_NE(said.find("code 4"), std::string::npos) << said;
  EXPECT_EQ(contents(), before);
}

TEST_F(Streams, TooManyThreadsForTheSystemAreNamed) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "AddressSanitizer needs more memory than the limit";
#endif
  write("p.npy", 2, 3, {1, 1, 0, 1, 0, 1});
  for (const char* command :
       {"run --width 10 --t-end 0.1 --threads 4000", "eval --particles p.npy --threads 4000",
        "w2 p.npy p.npy --threads 4000"}) {
    // The stacks of 4000 threads do not fit.
    const Finished run = shell("ulimit -v 1000000; $mckean " + std::string(command));
    EXPECT_EQ(run.code, 4) << command;
    EXPECT_EQ(run.err.rfind("mckean: --threads: ", 0), 0u) << run.err;
    EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
  }
}

TEST_F(Streams, ThreadsBesideMuchDataAreNoEndOfTheirOwn) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "AddressSanitizer needs more memory than the limit";
#endif
  // 94 stacks of 8 MB beside 96 MB of particles, or 160 MB of samples, or clouds of 40 MB each; and
  // stacks of 1 GB. Before the data are there all threads fit.
  write("p.npy", 2000000, 6, std::vector<double>(12000000, 0.5));
  write("c.npy", 100000, 50, std::vector<double>(5000000, 0.5));
  const std::string limit = "ulimit -s 8192; ulimit -v 900000; $mckean ";
  for (const std::string& command :
       {limit + "run --law gaussian --dim 100 --samples 200000 --width 20 --w2 none --t-end 0.01"
                " --threads 100",
        limit + "eval --particles p.npy --law gaussian --dim 5 --samples 10 --threads 95",
        limit + "w2 c.npy c.npy --method bounds --threads 95",
        std::string("ulimit -s 1000000; ulimit -v 1500000; $mckean run --law gaussian --samples 100"
                    " --width 5000 --t-end .1 --threads 4")}) {
    const Finished run = shell(command);
    EXPECT_EQ(run.code, 4) << command;
    EXPECT_EQ(run.err.rfind("mckean: ", 0), 0u) << run.err;
    EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
  }
}

}  // namespace
}  // namespace mckean::test
