// What every option of every command does alike, and text that wants to harm.
#include <algorithm>
#include <cctype>

#include "program.hpp"

namespace mckean::test {
namespace {

/// The options of a command with a value, and the flags, as its help lists them.
struct Options {
  std::vector<std::string> valued, flags;
};

class Arguments : public Program {
 protected:
  Options options_of(const std::string& command) const {
    Options options;
    for (const std::string& line : split(mckean({command, "--help"}).out, '\n')) {
      const std::size_t begin = line.find("--");
      if (begin == std::string::npos || line.find_first_not_of(' ') != begin) continue;
      const std::size_t end = std::min(line.find(' ', begin), line.size());
      const std::string name = line.substr(begin, end - begin);
      const bool flag = is_flag(name);
      (flag ? options.flags : options.valued).push_back(name);
    }
    return options;
  }
  static bool is_flag(const std::string& name) {
    for (const char* flag :
         {"--help", "--help-markdown", "--json", "--quiet", "--force", "--standardize", "--bias",
          "--init-paired", "--batch-replacement", "--w2-antipodal", "--no-audit"}) {
      if (name == flag) return true;
    }
    return false;
  }
  std::vector<std::string> command(const std::string& name,
                                   const std::vector<std::string>& more) const {
    std::vector<std::string> all{name};
    if (name == "w2") all.insert(all.end(), {"none.npy", "none.npy"});
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  void expect_refusal(const std::vector<std::string>& arguments, const std::string& part) const {
    const Finished finished = mckean(arguments);
    std::string shown;
    for (const std::string& argument : arguments) shown += argument.substr(0, 40) + " ";
    EXPECT_EQ(finished.code, 2) << shown;
    EXPECT_EQ(finished.out, "") << shown;
    EXPECT_EQ(std::count(finished.err.begin(), finished.err.end(), '\n'), 1)
        << shown << finished.err;
    EXPECT_LT(finished.err.size(), 500u) << shown;
    EXPECT_NE(finished.err.find(part), std::string::npos) << shown << finished.err;
    for (const char c : finished.err)
      EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= ' ') << shown;
  }
};

TEST_F(Arguments, NoneIsEmpty) {
  for (const std::string name : {"run", "eval", "w2"}) {
    const Options options = options_of(name);
    EXPECT_GE(options.valued.size(), name == "run" ? 40u : 10u) << name;
    for (const std::string& option : options.valued) {
      expect_refusal(command(name, {option, ""}), option + ": is empty");
      expect_refusal(command(name, {option + "="}), option + ": is empty");
      expect_refusal(command(name, {option + "=", "5"}), option + ": is empty");
    }
  }
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {""}, {"run", ""}, {"w2", "", "a.npy"}, {"w2", "a.npy", ""}, {"info", ""}})
    expect_refusal(arguments, "is empty");
}

TEST_F(Arguments, TheLastOfTheSameCounts) {
  for (const std::string name : {"run", "eval", "w2"}) {
    const Options options = options_of(name);
    for (const std::string& option : options.valued) {
      // A value that nothing takes, so that the command ends there and shows which one it read.
      // A folder of that name is as good as any: the run is a small one.
      std::vector<std::string> one{option, "no-such-thing"};
      if (option == "--out") one.insert(one.end(), {"--width", "10"});
      std::vector<std::string> two{option, "first"};
      two.insert(two.end(), one.begin(), one.end());
      const Finished last = mckean(command(name, one));
      std::filesystem::remove_all(folder_ / "no-such-thing");
      const Finished both = mckean(command(name, two));
      EXPECT_EQ(last.code, both.code) << name << option << both.err;
      EXPECT_EQ(last.err, both.err) << name << option;
      std::filesystem::remove_all(folder_ / "no-such-thing");
    }
    for (const std::string& flag : options.flags) {
      const Finished once = mckean(command(name, {flag, "--threads", "5000"}));
      const Finished twice = mckean(command(name, {flag, flag, "--threads", "5000"}));
      EXPECT_EQ(once.err, twice.err) << name << flag;
      EXPECT_EQ(once.code, twice.code) << name << flag;
    }
  }
  EXPECT_EQ(mckean({"info", "--json", "--json"}).code, 0);
}

TEST_F(Arguments, TextInMessagesIsHarmless) {
  const std::string harm = "a\033[31m\x07\r\n\xff\x9b" + std::string(5000, 'x');
  for (const std::string name : {"run", "eval", "w2"}) {
    const Options options = options_of(name);
    for (const std::string& option : options.valued) {
      if (option == "--out") continue;  // any name is one
      expect_refusal(command(name, {option, harm}), "");
    }
    expect_refusal(command(name, {"--" + harm}), "--a?[31m");
    expect_refusal({name, harm, harm, harm}, "");
  }
  expect_refusal({harm}, "is not a command");
  expect_refusal({"info", harm}, "");
  // A name that people can read stays as it is.
  expect_refusal({"run", "größe.toml"}, "größe.toml: no such file");
  // What reverses the direction of writing does not.
  expect_refusal({"run", "a\u202eb.toml"}, "a?b.toml");
}

TEST_F(Arguments, HostileFilesAreRefused) {
  const auto many = [](const std::string& text, std::size_t count) {
    std::string all;
    for (std::size_t i = 0; i < count; ++i) all += text;
    return all;
  };
  const std::pair<const char*, std::string> files[] = {
      {"too many parts", "a" + many(".a", 200000) + " = 1\n"},
      {"too many parts", "\"a\"" + many(" . \"a\"", 100000) + " = 1\n"},
      {"too many parts", "[a" + many(".a", 200000) + "]\n"},
      // Strings that end in four or five quotes, and what only looks like a string, hide nothing.
      {"too many parts", "width = [\"\"\"a\"\"\"\", {a" + many(".a", 500000) + "=1}]\n"},
      {"too many parts", "width = [\"\"\"a\"\"\"\"\", {a" + many(".a", 500000) + "=1}]\n"},
      {"too many parts", "width = ['''a'''', {a" + many(".a", 500000) + "=1}]\n"},
      {"too many parts", "a = {b = \"\"\"x\"\"\"\", c" + many(".a", 500000) + "=1}\n"},
      {"too many parts", "width = \"\"\"\n\\\"\"\"\"\na" + many(".a", 500000) + " = 1\n"},
      {"too many parts", "width = \"#\"\n\"#\"" + many(".\"#,\"", 150000) + " = 1\n"},
      {"too many parts", "a" + many(".'.,'.\" a=\"", 50000) + " = 1\n"},
      {"nested", many("a.a\t.\ta.a . a.a.a.a.a.a.a.a = [{", 3000)},
      {"nested", "width = " + many("[", 200000) + "\n"},
      {"nested", "width = " + many("[\n", 200000) + "\n"},
      {"line 1", many("[", 200000) + "\n"},
      {"nested", "width = " + many("{a=", 200000) + "\n"},
      {"nested", "s = \"]]]]\"\nwidth = [ # ]]]\n" + many("[\"]\",", 100000)},
      {"larger than", many("# a line that says nothing\n", 50000)},
      {"line 1", "width = \"" + many("x", 500000)},
      {"line 1", many("x", 500000) + "\n"},
      {"line 1", "[,]\n"},
      {"line 1", "width = {,}\n"},
      {"line 1", "width.,=1\n"},
      {"line", many("\"", 500000) + "\n"},
      {"unknown key", "\"" + many("\\u001b[31m", 1000) + "\" = 1\n"}};
  for (const auto& [part, text] : files) {
    write("hostile.toml", text);
    expect_refusal({"run", "hostile.toml"}, part);
  }
  write("string.toml", "activation = \"[[[[[[[[[[[[[[[[[[[[[[[[\"\n");
  expect_refusal({"run", "string.toml"}, "is not one of");
  write("dots.toml", "activation = \"" + many("a.", 100) + "\" # " + many("a.", 100) + "\n");
  expect_refusal({"run", "dots.toml"}, "is not one of");
  write("list.toml",
        "t-end = 1.5 # 1.2.3.4.5.6.7.8.9.1.1.1.1.1.1.1.1.1.1.1.1\n"
        "# it's not a.b.c.d.e.f\nrecord-at = ["
        "0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0,"
        "1.1, 1.15, 1.2, 1.25, 1.3, 1.35, 1.4, 1.45, 1.5]\n");
  EXPECT_EQ(mckean({"run", "list.toml", "--width", "10"}).code, 0);
}

}  // namespace
}  // namespace mckean::test
