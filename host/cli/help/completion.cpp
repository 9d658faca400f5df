// Completion in bash and zsh: commands, options, the names of choices, and files.
#include "host/cli/help/help.hpp"
#include "host/cli/help/option_text.hpp"

namespace mckean::cli {
namespace {

/// The names of a list that can be typed as they are.
template <class Rows>
std::string words_of(const Rows& rows) {
  std::string words;
  for (const auto& row : rows) {
    if (row.name.find(':') != std::string_view::npos) continue;
    if (!words.empty()) words += ' ';
    words += row.name;
  }
  return words;
}

std::string flags_of(Command command) {
  std::string words;
  for (const OptionRow& option : option_table()) {
    if ((option.readers & reader_of(command)) != 0 && !option.is_positional)
      words += option.flag() + " ";
  }
  return words + "--help";
}

bool takes_files(const OptionRow& option) {
  return option.member.kind == ValueKind::path || option.member.kind == ValueKind::cloud;
}

/// The names that may stand among the words of a command that are no flags.
std::string positional_words(Command command) {
  if (command == Command::completion) return words_of(choices<Shell>);
  if (command == Command::help) return words_of(choices<Command>);
  std::string words;
  for (const OptionRow& option : option_table()) {
    if ((option.readers & reader_of(command)) != 0 && option.is_positional)
      words = words_of(option.member.names());
  }
  return words;
}

constexpr const char* bash_head =
    R"(# Completion of mckean in bash: source <(mckean completion bash)
_mckean() {
  local command="${COMP_WORDS[1]}" current="${COMP_WORDS[COMP_CWORD]}" words='' files=''
  local previous="${COMP_WORDS[COMP_CWORD-1]}"
  # --option=value comes as three words.
  if [[ "$current" == '=' ]]; then
    current=''
  elif [[ "$previous" == '=' ]]; then
    previous="${COMP_WORDS[COMP_CWORD-2]}"
  fi
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    mapfile -t COMPREPLY < <(compgen -W ')";

constexpr const char* bash_tail = R"(  esac
  if [[ -n "$files" ]]; then
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current"; compgen -f -- "$current")
  else
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  fi
}
complete -F _mckean mckean
)";

std::string bash_script() {
  std::string text = bash_head + words_of(choices<Command>) +
                     " --help --version' -- \"$current\")\n    return\n  fi\n"
                     "  case \"$command $previous $current\" in\n";
  for (const Choice<Command>& row : choices<Command>) {
    for (const OptionRow& option : option_table()) {
      if ((option.readers & reader_of(row.value)) == 0 || option.is_positional ||
          option.member.kind == ValueKind::flag)
        continue;
      text += "    '" + std::string(row.name) + " " + option.flag() + " '*) words='" +
              words_of(option.member.names()) + "' files=" + (takes_files(option) ? "yes" : "''") +
              " ;;\n";
    }
    const std::string name(row.name);
    text += "    '" + name + " '*' -'*) words='" + flags_of(row.value) + "' ;;\n";
    text += "    '" + name + " '*) words='" + positional_words(row.value) +
            "' files=" + (reads_toml(row.value) ? "yes" : "''") + " ;;\n";
  }
  return text + bash_tail;
}

/// Text within the brackets of an argument of _arguments, in single quotes.
std::string zsh_text(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\'') {
      escaped += "'\\''";
      continue;
    }
    if (c == '[' || c == ']' || c == ':' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

/// What completes a value: names, files or both.
std::string zsh_action(const std::string& words, bool files) {
  if (words.empty()) return files ? "_files" : " ";
  if (!files) return "(" + words + ")";
  return "{_alternative \"names:name:(" + words + ")\" \"files:file:_files\"}";
}

std::string zsh_command(Command command) {
  std::string text(4, ' ');
  text.append(name_of(command)).append(")\n      _arguments \\\n");
  for (const OptionRow& option : option_table()) {
    if ((option.readers & reader_of(command)) == 0 || option.is_positional) continue;
    text.append("        '").append(option.flag());
    if (option.member.kind == ValueKind::flag) {
      text.append("[").append(zsh_text(option.help)).append("]' \\\n");
      continue;
    }
    text += "=[" + zsh_text(option.help) + "]:" + zsh_text(label_of(option)) + ":" +
            zsh_action(words_of(option.member.names()), takes_files(option)) + "' \\\n";
  }
  text += "        '--help[print help]' \\\n        '*:argument:" +
          zsh_action(positional_words(command), reads_toml(command)) + "'\n      ;;\n";
  return text;
}

std::string zsh_script() {
  std::string text =
      "#compdef mckean\n# Completion of mckean in zsh: mckean completion zsh > _mckean, in a "
      "folder of fpath\n_mckean() {\n  if ((CURRENT == 2)); then\n    local -a commands=(\n";
  for (const Choice<Command>& row : choices<Command>)
    text += "      '" + std::string(row.name) + ":" + zsh_text(row.help) + "'\n";
  text +=
      "    )\n    _describe command commands\n    return\n  fi\n"
      "  local command=$words[2]\n  shift words\n  ((CURRENT--))\n  case $command in\n";
  for (const Choice<Command>& row : choices<Command>) text += zsh_command(row.value);
  return text +
         "  esac\n}\nif [ \"$funcstack[1]\" = _mckean ]; then\n  _mckean \"$@\"\nelse\n"
         "  compdef _mckean mckean\nfi\n";
}

}  // namespace

std::string completion_script(Shell shell) {
  return shell == Shell::bash ? bash_script() : zsh_script();
}

}  // namespace mckean::cli
