// What a run shows on terminals of any width.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "program.hpp"

namespace mckean::test {
namespace {

class Terminal : public Program {
 protected:
  struct Shown {
    int code = -1;
    std::string text;  // of the terminal
    std::string file;  // of the stream that is none
  };

  /// Runs the program with stdout, stderr or both on a terminal of so many columns.
  Shown show(const std::vector<std::string>& arguments, unsigned short columns, bool out, bool err,
             double interrupt_after = 0) {
    const int master = ::posix_openpt(O_RDWR | O_NOCTTY);
    EXPECT_GE(master, 0);
    EXPECT_EQ(::grantpt(master) + ::unlockpt(master), 0);
    const std::string name = ::ptsname(master);
    const winsize size{24, columns, 0, 0};
    const pid_t child = ::fork();
    if (child == 0) {
      const int slave = ::open(name.c_str(), O_RDWR | O_NOCTTY);
      ::ioctl(slave, TIOCSWINSZ, &size);
      if (::chdir(folder_.c_str()) != 0) ::_exit(126);
      const int file = ::open("file", O_WRONLY | O_CREAT | O_TRUNC, 0600);
      ::dup2(out ? slave : file, 1);
      ::dup2(err ? slave : file, 2);
      std::vector<char*> argv{const_cast<char*>("mckean")};
      for (const std::string& argument : arguments)
        argv.push_back(const_cast<char*>(argument.c_str()));
      argv.push_back(nullptr);
      ::close(master);
      ::execv(MCKEAN_PROGRAM, argv.data());
      ::_exit(126);
    }
    std::thread interrupter([=] {
      if (interrupt_after == 0) return;
      std::this_thread::sleep_for(std::chrono::duration<double>(interrupt_after));
      ::kill(child, SIGINT);
    });
    Shown shown;
    char block[4096];
    // Without a writer reading fails.
    for (ssize_t count; (count = read_some(master, block, child, shown.code)) > 0;)
      shown.text.append(block, static_cast<std::size_t>(count));
    interrupter.join();
    ::close(master);
    shown.file = read("file");
    return shown;
  }

  /// The longest line, without what moves the cursor.
  static std::size_t width(const std::string& text) {
    std::size_t longest = 0, column = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\r' || text[i] == '\n') {
        column = 0;
      } else if (text[i] == '\033') {
        while (i + 1 < text.size() && std::isalpha(static_cast<unsigned char>(text[i])) == 0) ++i;
      } else {
        longest = std::max(longest, ++column);
      }
    }
    return longest;
  }

  const std::vector<std::string> slow{
      "run",     "--law",       "gaussian",     "--activation", "tanh", "--samples", "2000",
      "--width", "1000",        "--integrator", "euler",        "--dt", "1e-3",      "--t-end",
      "1e3",     "--record-at", "0,0.001",      "--w2",         "none"};

 private:
  /// Bytes of the terminal; 0 once the program has ended and all is read.
  static ssize_t read_some(int master, char* block, pid_t child, int& code) {
    ::fcntl(master, F_SETFL, O_NONBLOCK);
    while (true) {
      const ssize_t count = ::read(master, block, 4096);
      if (count > 0) return count;
      int status = 0;
      if (code >= 0) return 0;
      if (::waitpid(child, &status, WNOHANG) == child) {
        code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      } else {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      }
    }
  }
};

TEST_F(Terminal, TheTableFits) {
  const std::vector<std::string> job{"run", "--width", "20",     "--t-end",
                                     "1",   "--out",   "result", "--force"};
  for (const unsigned short columns : {20, 40, 60, 80, 100, 150, 300}) {
    const Shown shown = show(job, columns, true, true);
    EXPECT_EQ(shown.code, 0);
    EXPECT_LE(width(shown.text), columns) << shown.text;
    EXPECT_NE(shown.text.find("           t"), std::string::npos) << shown.text;
    EXPECT_EQ(shown.text.find("        risk") != std::string::npos, columns >= 26) << columns;
    EXPECT_EQ(shown.text.find("          w2") != std::string::npos, columns >= 52) << columns;
    EXPECT_EQ(shown.text.find(" evaluations") != std::string::npos, columns >= 156) << columns;
  }
  // Into a file or a pipe all columns go.
  EXPECT_GT(width(show(job, 60, false, true).file), 140u);
}

TEST_F(Terminal, TheProgressLineFitsAndComesWithJsonToo) {
  for (const bool json : {false, true}) {
    for (const unsigned short columns : {5, 20, 60, 80, 200}) {
      std::vector<std::string> job = slow;
      if (json) job.push_back("--json");
      const Shown shown = show(job, columns, false, true, 2);
      EXPECT_EQ(shown.code, 130);
      EXPECT_NE(shown.text.find(columns > 5 ? "%  t = " : "0%"), std::string::npos) << shown.text;
      // The line at the end, that why the run was interrupted, is a message and may be longer.
      EXPECT_LE(width(shown.text.substr(0, shown.text.find("mckean: "))), columns - 1u)
          << shown.text;
      EXPECT_EQ(shown.text.find("interactions/s") != std::string::npos, columns > 20) << columns;
    }
  }
}

TEST_F(Terminal, QuietShowsNothing) {
  std::vector<std::string> job = slow;
  job.push_back("--quiet");
  const Shown shown = show(job, 80, true, true, 1);
  EXPECT_EQ(shown.text.rfind("mckean: interrupted", 0), 0u) << shown.text;
  EXPECT_EQ(std::count(shown.text.begin(), shown.text.end(), '\n'), 1) << shown.text;
}

TEST_F(Terminal, WhatEveryCommandPrintsFits) {
  write("a.npy", 4, 3, {1, 2, 3, 4, 5, 6, 7, 8, 9, -10, -11, -12.5});
  write("b.npy", 3, 3, {1, 0.1, 0.2, 1, 0.5, 0.7, -1, 0.3, 0.4});
  std::vector<double> x(60), y(20);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::sin(static_cast<double>(i * i));
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = std::cos(static_cast<double>(i));
  write("x.npy", 20, 3, x);
  write("y.npy", 20, 1, y);
  const std::vector<std::vector<std::string>> commands{
      {"w2", "a.npy", "b.npy"},
      {"w2", "a.npy", "b.npy", "--project", "homogeneous"},
      {"w2", "a.npy", "gaussian", "--samples", "100"},
      {"eval", "--particles", "b.npy"},
      {"info"},
      {"--help"},
      {"--version"},
      {"run", "--help"},
      {"eval", "--help"},
      {"w2", "--help"},
      {"info", "--help"}};
  const auto without_blanks = [](std::string text) {
    std::erase_if(text, [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '#'; });
    // What is measured anew each time.
    const std::size_t seconds = text.find("seconds");
    return seconds == std::string::npos ? text : text.substr(0, seconds);
  };
  for (const auto& command : commands) {
    const std::string whole = show(command, 60, false, true).file;
    for (const unsigned short columns : {1, 5, 20, 40, 60, 80, 100, 300}) {
      const Shown shown = show(command, columns, true, true);
      EXPECT_EQ(shown.code, 0) << command[0];
      EXPECT_LE(width(shown.text), columns) << shown.text;
      EXPECT_EQ(without_blanks(shown.text), without_blanks(whole)) << columns;
    }
  }
  // The numbers of a table in no more than its columns; below 5 not all have a place. A run too
  // short for a line of progress.
  const std::vector<std::string> job{
      "run", "--x",     "x.npy", "--y",    "y.npy", "--test-fraction", "0.3", "--width",
      "20",  "--t-end", "1000",  "--rtol", "1e-3"};
  for (const unsigned short columns : {1, 5, 8, 12, 13, 20, 60}) {
    const Shown shown = show(job, columns, true, true);
    EXPECT_EQ(shown.code, 0);
    EXPECT_LE(width(shown.text), columns) << shown.text;
    if (columns >= 5) {
      std::string row = "\n";
      row.append(std::min<std::size_t>(columns, 13) - 5, ' ').append("1000");
      EXPECT_NE(shown.text.find(row), std::string::npos) << shown.text;
      EXPECT_EQ(shown.text.find('*'), std::string::npos) << shown.text;
    }
  }
}

TEST_F(Terminal, ColumnsStandsInForATerminalThatDoesNotSay) {
  ::setenv("COLUMNS", "40", 1);
  const Shown shown = show({"run", "--width", "20", "--t-end", "1"}, 0, true, true);
  ::unsetenv("COLUMNS");
  EXPECT_LE(width(shown.text), 40u) << shown.text;
  EXPECT_LE(width(show({"run", "--width", "20", "--t-end", "1"}, 0, true, true).text), 80u);
}

}  // namespace
}  // namespace mckean::test
