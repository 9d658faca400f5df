// The one table of options: flags, TOML keys, help, defaults, the README's table, the settings in
// summary.json, completion and the man page all come from it.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "host/cli/options/binding.hpp"
#include "mckean/error.hpp"

namespace mckean::cli {

/// The commands that have options; a set of them is a sum.
enum Reader : unsigned { by_run = 1, by_eval = 2, by_w2 = 4, by_info = 8 };

enum class Group {
  problem,
  model,
  start,
  clouds,
  evaluation,
  time,
  stop,
  records,
  distances,
  machine,
  output
};

struct OptionRow {
  const char* name;
  Group group;
  unsigned readers;
  Binding member;
  std::array<const char*, job_kinds> defaults;  // "" where there is none
  const char* help;
  bool is_positional = false;  // not a flag, but the next argument

  /// "--dt"; "A" of what is positional.
  std::string flag() const;
};

std::span<const OptionRow> option_table();
/// The title of a group in help.
const char* title_of(Group group);

/// Null where the command has no option of that name.
const OptionRow* find_option(std::string_view name, unsigned reader);
/// The row of a member by its member_id.
const OptionRow& option_of(const char* member);
/// The row that fills a member.
template <auto Member>
const OptionRow& option() {
  return option_of(&member_id<Member>);
}

/// "relu", or "100000 | 1000 | 1000" where the kinds of job differ.
std::string describe_defaults(const OptionRow& option);
/// What is wrong with `value` for `option`, with a remedy; empty where nothing is.
std::string complaint(const OptionRow& option, const std::string& value);

/// The value of an option is refused. what() names its flag; whoever knows how the user wrote it
/// may say that instead.
class OptionError : public InputError {
 public:
  OptionError(const OptionRow& row, const std::string& text)
      : InputError(row.flag() + ": " + text), option(&row), reason(text) {}

  const OptionRow* option;
  std::string reason;
};

template <auto Member>
[[noreturn]] void refuse(const std::string& why) {
  throw OptionError(option<Member>(), why);
}

/// OptionError "VALUE rule" where `holds` is false.
template <auto Member, class Config>
void require(bool holds, const Config& config, const std::string& rule) {
  if (!holds) throw OptionError(option<Member>(), text_of<Member>(config) + " " + rule);
}

}  // namespace mckean::cli
