// The one table of options: flags, TOML keys, help, defaults and the README's table all come from
// it.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace mckean::cli {

/// What kind of job a run is decides its defaults: Theorem 4 on the circle, another law of x, or
/// files of data.
enum class JobKind { circle, law, data };
inline constexpr std::size_t job_kinds = 3;

enum class ValueType { text, path, choice, number, count, samples, list, flag };

/// Who reads an option.
enum Reader : unsigned { run_only = 1, eval_only = 2, run_and_eval = 3 };

struct OptionSpec {
  const char* name;
  ValueType type;
  const char* choices;                          // of a choice, separated by |
  std::array<const char*, job_kinds> defaults;  // "" where there is none
  unsigned readers;
  const char* help;
};

std::span<const OptionSpec> option_table();
/// Null where there is none of that name.
const OptionSpec* find_option(std::string_view name);

/// "relu", or "100000 | 1000 | 1000" where the kinds of job differ.
std::string describe_defaults(const OptionSpec& option);
/// The README's table.
std::string options_as_markdown();

}  // namespace mckean::cli
