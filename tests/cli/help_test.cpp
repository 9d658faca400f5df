// What the program says of itself: help, the manual page, completion, version, and what may have
// been meant by a misspelt name.
#include <regex>
#include <set>

#include "program.hpp"

namespace mckean::test {
namespace {

class Help : public Program {
 protected:
  /// What bash would complete; `line` is an array of words, the last one the word at the cursor.
  std::vector<std::string> complete(const std::string& line) const {
    const Finished finished =
        shell("exec bash -c 'source <(\"$mckean\" completion bash); COMP_WORDS=(" + line +
              "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _mckean; for word in \"${COMPREPLY[@]}\"; "
              "do echo \"$word\"; done'");
    EXPECT_EQ(finished.code, 0) << finished.err;
    EXPECT_EQ(finished.err, "");
    return split(finished.out, '\n');
  }
  bool has(const char* program) const {
    return shell("command -v " + std::string(program)).code == 0;
  }
  void expect_hint(const std::vector<std::string>& arguments, const std::string& hint) const {
    const Finished finished = mckean(arguments);
    EXPECT_EQ(finished.code, 2);
    EXPECT_NE(finished.err.find("did you mean " + hint + "?"), std::string::npos) << finished.err;
  }
};

using Words = std::vector<std::string>;

TEST_F(Help, OfACommandIsTheSameInBothForms) {
  for (const char* command : {"run", "eval", "w2", "info", "completion", "man", "help"}) {
    const Finished help = mckean({"help", command});
    EXPECT_EQ(help.code, 0);
    EXPECT_EQ(help.out.rfind("Usage: mckean " + std::string(command), 0), 0u) << help.out;
    EXPECT_EQ(mckean({command, "--help"}).out, help.out);
    EXPECT_EQ(mckean({command, "-h"}).out, help.out);
  }
  EXPECT_EQ(mckean({"help"}).out, mckean({"--help"}).out);
}

TEST_F(Help, ComesInGroupsWithWhatNamesMean) {
  const std::string help = mckean({"run", "--help"}).out;
  std::size_t place = 0;
  for (const char* group : {"Problem", "Model", "Start", "Time and integrator", "Stop rules",
                            "Records", "Distances", "Machine", "Output"}) {
    const std::size_t next = help.find("\n\n" + std::string(group) + "\n");
    ASSERT_NE(next, std::string::npos) << group;
    EXPECT_GT(next, place) << group;
    place = next;
  }
  for (const char* line : {"gaussian-scaled  N(0, I/d)", "rkc       Runge-Kutta-Chebyshev",
                           "  --no-audit ", "relu:C            max(z + C, 0)"})
    EXPECT_NE(help.find(line), std::string::npos) << line;
}

TEST_F(Help, MisspeltNamesAreGuessed) {
  write("a.toml", "widht = 10\n");
  write("b.toml", "repaet = 10\n");
  write("c.toml", "metod = \"exact\"\n");
  expect_hint({"rnu"}, "run");
  expect_hint({"help", "evla"}, "eval");
  expect_hint({"--verson"}, "--version");
  expect_hint({"run", "--widht", "10"}, "--width");
  expect_hint({"run", "--t_end=10"}, "--t-end");
  expect_hint({"w2", "x", "y", "--weight-a", "z"}, "--weights-a");
  expect_hint({"info", "--jsn"}, "--json");
  expect_hint({"run", "a.toml"}, "width");
  expect_hint({"eval", "b.toml"}, "repeat");
  expect_hint({"w2", "c.toml"}, "method");
  expect_hint({"run", "--integrator", "dorpi5"}, "dopri5");
  expect_hint({"w2", "x", "y", "--method", "exat"}, "exact");
  expect_hint({"completion", "bsh"}, "bash");
}

TEST_F(Help, VersionSaysCommitAndBuild) {
  const Finished version = mckean({"--version"});
  EXPECT_EQ(version.code, 0);
  EXPECT_TRUE(std::regex_match(
      version.out, std::regex("mckean \\d+\\.\\d+\\.\\d+\ncommit +([0-9a-f]{7,}(-dirty)?|unknown)\n"
                              "build +\\w+, .+\nback ends +cpu(, cuda)?\n")))
      << version.out;
  EXPECT_TRUE(json_of({"info"})["commit"].is_string());
}

TEST_F(Help, OptionsOfEvalAndW2AreKeysAsWell) {
  write("x.npy", 3, 2, {1, 0, 0, 1, 1, 1});
  write("y.npy", 3, 1, {1, 0, 1});
  write("p.npy", 1, 3, {1, 1, 0});
  write("eval.toml", "particles = \"p.npy\"\nx = \"x.npy\"\ny = \"y.npy\"\nrepeat = 2\n");
  EXPECT_EQ(json_of({"eval", "eval.toml"})["risk"],
            json_of({"eval", "--particles", "p.npy", "--x", "x.npy", "--y", "y.npy"})["risk"]);
  std::filesystem::create_directory(folder_ / "sub");
  write("sub/w2.toml", "a = \"../x.npy\"\nb = \"gaussian\"\nsamples = 50\nmethod = \"bounds\"\n");
  const Finished file = mckean({"w2", "sub/w2.toml", "--json"});
  ASSERT_TRUE(file.json().is_object()) << file.err;
  EXPECT_EQ(file.json()["method"], "bounds");
  const Finished flags =
      mckean({"w2", "x.npy", "gaussian", "--samples", "50", "--method", "bounds", "--json"});
  EXPECT_EQ(file.json()["w2"], flags.json()["w2"]);
  // Flags win, and so do words.
  EXPECT_EQ(mckean({"w2", "sub/w2.toml", "x.npy", "x.npy", "--method", "exact"}).code, 2);
  EXPECT_EQ(json_of({"w2", "sub/w2.toml", "--method", "exact"})["method"], "exact");
}

TEST_F(Help, BashCompletesCommandsOptionsNamesAndFiles) {
  if (!has("bash")) GTEST_SKIP() << "no bash";
  write("data.npy", 1, 1, {1});
  write("two words.npy", 1, 1, {1});
  EXPECT_EQ(complete("mckean ev"), Words{"eval"});
  EXPECT_EQ(complete("mckean run --wid"), Words{"--width"});
  EXPECT_EQ(complete("mckean run --law ga"), (Words{"gaussian", "gaussian-scaled"}));
  EXPECT_EQ(complete("mckean run --law = cu"), Words{"cube"});
  EXPECT_EQ(complete("mckean run --integrator rk"), (Words{"rk4", "rkc"}));
  EXPECT_EQ(complete("mckean run --x da"), Words{"data.npy"});
  EXPECT_EQ(complete("mckean run --x tw"), Words{"two words.npy"});
  EXPECT_EQ(complete("mckean w2 data.npy unif"), Words{"uniform"});
  EXPECT_EQ(complete("mckean w2 da"), Words{"data.npy"});
  EXPECT_EQ(complete("mckean w2 --method ex"), Words{"exact"});
  EXPECT_EQ(complete("mckean eval --out"), Words{});
  EXPECT_EQ(complete("mckean completion z"), Words{"zsh"});
  EXPECT_EQ(complete("mckean help i"), Words{"info"});
  // Every option of run's help, and nothing else.
  std::set<std::string> offered, shown;
  for (const std::string& word : complete("mckean run --")) offered.insert(word);
  for (const std::string& line : split(mckean({"run", "--help"}).out, '\n')) {
    if (line.rfind("  --", 0) == 0) shown.insert(line.substr(2, line.find(' ', 2) - 2));
  }
  shown.erase("--help-markdown");
  shown.insert("--help");
  EXPECT_EQ(offered, shown);
}

TEST_F(Help, TheScriptOfZshHasEveryOptionOnce) {
  const std::string script = mckean({"completion", "zsh"}).out;
  const std::size_t begin = script.find("    eval)\n");
  const std::string part = script.substr(begin, script.find("      ;;\n", begin) - begin);
  std::multiset<std::string> offered, shown{"--help"};
  for (const std::string& line : split(part, '\n')) {
    if (line.rfind("        '--", 0) == 0)
      offered.insert(line.substr(9, line.find_first_of("=[", 9) - 9));
  }
  for (const std::string& line : split(mckean({"eval", "--help"}).out, '\n')) {
    if (line.rfind("  --", 0) == 0 && line.rfind("  --help", 0) != 0)
      shown.insert(line.substr(2, line.find(' ', 2) - 2));
  }
  EXPECT_GT(shown.size(), 25u);
  EXPECT_EQ(offered, shown);
}

TEST_F(Help, ZshReadsItsScript) {
  if (!has("zsh")) GTEST_SKIP() << "no zsh";
  const Finished finished = shell(
      "\"$mckean\" completion zsh > _mckean && zsh -n _mckean && zsh -f -c "
      "'autoload -U compinit && compinit -u -D && source ./_mckean && print $_comps[mckean]'");
  EXPECT_EQ(finished.code, 0) << finished.err;
  EXPECT_EQ(finished.out, "_mckean\n");
}

TEST_F(Help, TheManualPageIsSound) {
  if (!has("groff")) GTEST_SKIP() << "no groff";
  const Finished page = shell("\"$mckean\" man | groff -man -Tascii -ww -z");
  EXPECT_EQ(page.code, 0);
  EXPECT_EQ(page.err, "");
  const std::string text =
      shell("\"$mckean\" man | GROFF_NO_SGR=1 groff -man -Tascii -P-cbou -rLL=100n").out;
  for (const char* part : {"mckean eval [CONFIG.toml]", "--init-scale-a NUMBER", "U(S^(d-1))",
                           "--weights-a FILE", "EXIT STATUS", "Stop rules"})
    EXPECT_NE(text.find(part), std::string::npos) << part;
}

}  // namespace
}  // namespace mckean::test
