// The manual page mckean(1), in the macros of man(7).
#include "host/cli/exit_code.hpp"
#include "host/cli/help/help.hpp"
#include "host/cli/help/option_text.hpp"

namespace mckean::cli {
namespace {

/// Text that roff takes for nothing but text.
std::string plain(std::string_view text) {
  std::string escaped;
  if (text.starts_with('.') || text.starts_with('\'')) escaped = "\\&";
  for (const char c : text) {
    switch (c) {
      case '\\':
        escaped += "\\e";
        break;
      case '-':
        escaped += "\\-";
        break;
      case '^':
        escaped += "\\(ha";
        break;
      case '~':
        escaped += "\\(ti";
        break;
      case '\'':
        escaped += "\\(aq";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string bold(std::string_view text) { return "\\fB" + plain(text) + "\\fR"; }

std::string tagged(const std::string& tag, std::string_view text) {
  return ".TP\n" + tag + "\n" + plain(text) + "\n";
}

std::string page_of(const OptionRow& option) {
  const std::string label = option.is_positional ? "" : label_of(option);
  std::string text =
      tagged(bold(option.flag()) + (label.empty() ? "" : " \\fI" + plain(label) + "\\fR"),
             help_with_default(option));
  const std::vector<NameRow> names = explained_names(option);
  if (names.empty()) return text;
  text += ".RS\n";
  for (const NameRow& row : names)
    text +=
        row.help.empty() ? ".TP\n" + bold(row.name) + "\n\\&\n" : tagged(bold(row.name), row.help);
  return text + ".RE\n";
}

std::string page_of(Command command) {
  std::string text = ".SS " + plain(usage_of(command)) + "\n" + plain(intro_of(command)) + "\n";
  for_each_option(
      command, [&](Group group) { text += ".PP\n.I " + plain(title_of(group)) + "\n"; },
      [&](const OptionRow& option) { text += page_of(option); });
  return text;
}

std::string exit_status() {
  const std::pair<int, const char*> codes[] = {
      {exit_done, "done"},
      {exit_bad_input, "bad input; nothing was written"},
      {exit_not_finished, "diverged or not converged; the last good state is kept"},
      {exit_io, "input or output failed, or the system gave too little memory or too few threads"},
      {exit_interrupted, "interrupted by a signal; a run keeps the state of its last step"}};
  std::string text = ".SH EXIT STATUS\n";
  for (const auto& [code, meaning] : codes) text += tagged(bold(std::to_string(code)), meaning);
  return text;
}

}  // namespace

std::string manual_page() {
  std::string text = ".TH MCKEAN 1 \"\" \"mckean " MCKEAN_VERSION "\" \"User Commands\"\n";
  text += ".SH NAME\nmckean \\- " + plain(program_summary) + "\n.SH SYNOPSIS\n";
  for (const Choice<Command>& row : choices<Command>)
    text += ".B " + plain(usage_of(row.value)) + "\n.br\n";
  text += ".B mckean \\-\\-version\n.SH COMMANDS\n";
  for (const Choice<Command>& row : choices<Command>) text += page_of(row.value);
  return text + exit_status();
}

}  // namespace mckean::cli
