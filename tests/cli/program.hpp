// Runs the program in a folder of its own, and says what it printed, left behind and returned.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "mckean/files.hpp"
#include "mckean/matrix.hpp"

namespace mckean::test {

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

struct Finished {
  int code = -1;  // exit code; 128 + signal where one ended the program
  std::string out, err;
  double processor_seconds = 0;  // of all its threads

  nlohmann::json json() const { return nlohmann::json::parse(out, nullptr, false); }
};

/// A test in an empty folder that is the program's working directory, and gone afterwards.
class Program : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "mckean-cli-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  /// Starts the program and returns its process; its output goes to .out and .err beside the
  /// folder.
  pid_t start(const std::vector<std::string>& arguments) const {
    return start_program(MCKEAN_PROGRAM, arguments);
  }
  pid_t start_program(const char* program, const std::vector<std::string>& arguments) const {
    std::vector<char*> argv{const_cast<char*>("mckean")};
    for (const std::string& argument : arguments)
      argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    const std::string out = folder_.string() + ".out";
    const std::string err = folder_.string() + ".err";
    const pid_t child = ::fork();
    if (child != 0) return child;
    const bool ready = ::chdir(folder_.c_str()) == 0 &&
                       ::dup2(::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), 1) == 1 &&
                       ::dup2(::open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), 2) == 2;
    if (ready) ::execv(program, argv.data());
    ::_exit(126);
  }

  Finished wait(pid_t process) const {
    int status = 0;
    rusage usage{};
    ::wait4(process, &status, 0, &usage);
    Finished finished;
    for (const timeval& time : {usage.ru_utime, usage.ru_stime})
      finished.processor_seconds +=
          static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
    finished.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    for (auto [text, suffix] : {std::pair{&finished.out, ".out"}, {&finished.err, ".err"}}) {
      *text = read_file(folder_.string() + suffix);
      std::filesystem::remove(folder_.string() + suffix);
    }
    return finished;
  }

  Finished mckean(const std::vector<std::string>& arguments) const {
    return wait(start(arguments));
  }

  /// What a shell makes of the command, in which $mckean is the program.
  Finished shell(const std::string& command) const {
    ::setenv("mckean", MCKEAN_PROGRAM, 1);
    return wait(start_program("/bin/sh", {"-c", command}));
  }

  /// The one JSON object that a successful command prints.
  nlohmann::json json_of(std::vector<std::string> arguments) const {
    arguments.push_back("--json");
    const Finished finished = mckean(arguments);
    EXPECT_EQ(finished.code, 0) << finished.err;
    const nlohmann::json object = finished.json();
    EXPECT_TRUE(object.is_object()) << finished.out;
    return object;
  }

  void write(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
  }
  void write(const std::string& name, std::size_t rows, std::size_t cols,
             const std::vector<double>& values) const {
    Matrix matrix(rows, cols);
    matrix.values = values;
    write_npy(folder_ / name, matrix);
  }
  std::string read(const std::string& name) const { return read_file(folder_ / name); }

  /// Every file below the folder with its bytes, and every folder.
  std::map<std::string, std::string> contents() const {
    std::map<std::string, std::string> all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_)) {
      all[entry.path().string()] = entry.is_regular_file() ? read_file(entry.path()) : "folder";
    }
    return all;
  }

  std::filesystem::path folder_;
};

}  // namespace mckean::test
