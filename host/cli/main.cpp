// The program: finds the command, reads its arguments, runs it, and turns whatever goes wrong into
// one line and an exit code.
#include <new>
#include <stdexcept>

#include "build_info.hpp"
#include "commands.hpp"
#include "exit_code.hpp"
#include "help/help.hpp"
#include "help/option_text.hpp"
#include "help/suggestion.hpp"
#include "mckean/interruption.hpp"
#include "message.hpp"
#include "options/command_line.hpp"
#include "options/make_config.hpp"
#include "signals.hpp"
#include "standard_streams.hpp"
#include "threads.hpp"

namespace mckean::cli {
namespace {

constexpr const char* out_of_memory = "out of memory: take a smaller --width or --samples";

using Words = std::vector<std::string>;

int print_text(const std::string& text) {
  print_fitted(text);
  check_printed(false);
  return exit_done;
}

int print_script(const std::string& text) {
  print(text);
  check_printed(false);
  return exit_done;
}

/// The value of a name, or why there is none.
template <Named T>
T pick(const std::string& name, const std::string& what) {
  if (const auto value = find_choice<T>(name)) return *value;
  std::vector<std::string_view> known;
  for (const NameRow& row : name_rows<T>()) known.push_back(row.name);
  const std::string meant = did_you_mean(name, known);
  throw InputError(quoted(name) + " is not a " + what +
                   (meant.empty() ? ": give one of " + joined(known, ", ") : meant));
}

int run_configured(Draft& draft) {
  try {
    switch (draft.reader()) {
      case by_run:
        return run_command(make_run_config(draft));
      case by_eval:
        return eval_command(make_eval_config(draft));
      case by_w2:
        return w2_command(make_w2_config(draft));
      default:
        return info_command(make_info_config(draft));
    }
  } catch (const OptionError& error) {
    throw draft.spelled(error);
  }
}

/// A command without options: at most one word stands behind it.
int run_plain(Command command, const Words& words) {
  if (!words.empty() && (words.front() == "--help" || words.front() == "-h"))
    return print_text(command_help(command));
  const std::size_t most = command == Command::man ? 0 : 1;
  if (words.size() > most)
    throw InputError(quoted(words[most]) + " was not expected: " + usage_of(command));
  if (command == Command::man) return print_script(manual_page());
  if (command == Command::help)
    return print_text(words.empty() ? program_help()
                                    : command_help(pick<Command>(words.front(), "command")));
  if (words.empty()) throw InputError("completion: which shell? " + usage_of(command));
  return print_script(completion_script(pick<Shell>(words.front(), "shell")));
}

int run(const Words& words) {
  refuse_empty_values(words);
  if (words.empty())
    throw InputError("a command is missing: give run, eval, w2 or info: see mckean --help");
  const std::string& name = words.front();
  if (name == "--help" || name == "-h") return print_text(program_help());
  if (name == "--version") return print_text(version_text());
  if (name.starts_with('-')) {
    const std::string_view known[] = {"--help", "--version"};
    throw InputError(quoted(name) + ": mckean has no such option" + did_you_mean(name, known));
  }
  const auto command = pick<Command>(name, "command");
  const Words arguments(words.begin() + 1, words.end());
  if (reader_of(command) == 0) return run_plain(command, arguments);
  Draft draft(reader_of(command));
  const Arguments asked = read_arguments(command, arguments, draft);
  if (asked.help) return print_text(command_help(command));
  if (asked.markdown) return print_script(options_as_markdown(command));
  return run_configured(draft);
}

/// The command, and whatever goes wrong in it as one line and an exit code.
int run_guarded(const Words& words) {
  try {
    return run(words);
  } catch (const Interrupted&) {
    return complain("interrupted", exit_interrupted);
  } catch (const InputError& error) {
    return complain(error.what(), exit_bad_input);
  } catch (const IoError& error) {
    return complain(error.what(), exit_io);
  } catch (const std::bad_alloc&) {
    return complain(out_of_memory, exit_io);
  } catch (const std::length_error&) {
    return complain(out_of_memory, exit_io);
  } catch (const std::exception& error) {
    return complain(error.what(), exit_io);
  }
}

}  // namespace
}  // namespace mckean::cli

int main(int argc, char** argv) {
  using namespace mckean;
  cli::open_closed_streams();
  cli::install_signal_handlers();
  return cli::run_guarded({argv + std::min(argc, 1), argv + argc});
}
