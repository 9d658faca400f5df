// From the option table to CLI11, and from there into a draft.
#include "host/cli/options/command_line.hpp"

#include <CLI/CLI.hpp>
#include <deque>

#include "host/cli/help/suggestion.hpp"
#include "host/cli/message.hpp"
#include "host/cli/options/toml.hpp"

namespace mckean::cli {
namespace {

constexpr std::size_t shown_bytes = 60;

/// CLI11 keeps pointers to the values.
struct Flag {
  const OptionRow* row;
  CLI::Option* option = nullptr;
  std::string value{};
};

std::deque<Flag> add_flags(CLI::App& app, unsigned reader) {
  std::deque<Flag> flags;
  for (const OptionRow& row : option_table()) {
    if ((row.readers & reader) == 0 || row.is_positional) continue;
    Flag& flag = flags.emplace_back(Flag{&row});
    if (row.member.kind == ValueKind::flag) {
      // "true", or what was written behind the flag's "=".
      flag.option = app.add_flag(row.flag(), flag.value);
    } else {
      // The last one wins, as with every other program; "0,1,10" is one value.
      flag.option = app.add_option(row.flag(), flag.value)
                        ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    }
  }
  return flags;
}

[[noreturn]] void refuse_unknown(Command command, const std::string& argument) {
  std::vector<std::string_view> known;
  for (const OptionRow& row : option_table()) {
    if ((row.readers & reader_of(command)) != 0 && !row.is_positional) known.push_back(row.name);
  }
  const std::string name = argument.substr(0, argument.find('='));
  const std::string bare = name.substr(std::min(name.find_first_not_of('-'), name.size()));
  const std::string meant = did_you_mean(bare, known, "--");
  throw InputError(printable(name, shown_bytes) + ": mckean " + name_of(command) +
                   " has no such option" +
                   (meant.empty() ? ": mckean " + name_of(command) + " --help lists them" : meant));
}

/// The words that are no flags: a file of options, then what is positional in the table.
void read_words(Command command, std::vector<std::string> words, Draft& draft) {
  std::string config;
  const bool first_is_config =
      command == Command::w2 ? !words.empty() && words.front().ends_with(".toml") : !words.empty();
  if (reads_toml(command) && first_is_config) {
    config = words.front();
    words.erase(words.begin());
  }
  for (const OptionRow& row : option_table()) {
    if (words.empty()) break;
    if ((row.readers & draft.reader()) == 0 || !row.is_positional) continue;
    draft.give(row, words.front(), row.flag());
    words.erase(words.begin());
  }
  if (!words.empty())
    throw InputError(cli::quoted(words.front()) + " was not expected: see mckean " +
                     name_of(command) + " --help");
  if (!config.empty()) read_toml(config, draft);
}

}  // namespace

void refuse_empty_values(const std::vector<std::string>& arguments) {
  const auto is_flag = [](const std::string& text) {
    return text.size() > 2 && text.starts_with("--") && text.find('=') == std::string::npos;
  };
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    const bool assigned = argument.size() > 3 && argument.starts_with("--") &&
                          argument.find('=') == argument.size() - 1;
    if (!assigned && !argument.empty()) continue;
    const std::string name = assigned ? argument.substr(0, argument.size() - 1)
                             : i > 0 && is_flag(arguments[i - 1])
                                 ? arguments[i - 1]
                                 : "argument " + std::to_string(i + 1);
    throw InputError(printable(name, shown_bytes) + ": is empty: give a value, or leave it out");
  }
}

Arguments read_arguments(Command command, const std::vector<std::string>& arguments, Draft& draft) {
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  Arguments asked;
  app.add_flag("-h,--help", asked.help);
  if (reader_of(command) != 0) app.add_flag("--help-markdown", asked.markdown);
  std::vector<std::string> words;
  app.add_option("words", words);
  const std::deque<Flag> flags = add_flags(app, reader_of(command));
  try {
    // CLI11 takes them from the back.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    throw InputError(std::string(error.what()) + ": see mckean " + name_of(command) + " --help");
  }
  if (asked.help || asked.markdown) return asked;
  for (const std::string& extra : app.remaining()) refuse_unknown(command, extra);
  // Before the file: a flag that has swallowed its neighbour is found before the neighbour's loss
  // misleads.
  for (const Flag& flag : flags) {
    if (flag.option->count() > 0) draft.give(*flag.row, flag.value, flag.row->flag());
  }
  read_words(command, std::move(words), draft);
  return asked;
}

}  // namespace mckean::cli
