// Takes the values of options into the members that they fill, and tells which were given.
#include "host/cli/options/draft.hpp"

namespace mckean::cli {
namespace {

AnyConfig empty_config(unsigned reader) {
  switch (reader) {
    case by_run:
      return RunConfig();
    case by_eval:
      return EvalConfig();
    case by_w2:
      return W2Config();
    default:
      return InfoConfig();
  }
}

}  // namespace

Draft::Draft(unsigned reader) : reader_(reader), config_(empty_config(reader)) {}

void Draft::give(const OptionRow& option, const std::string& value, const std::string& source) {
  const std::string wrong = complaint(option, value);
  if (!wrong.empty()) throw InputError(source + ": " + wrong);
  if (sources_.emplace(option.member.id, source).second) option.member.assign(config_, value);
}

void Draft::take_defaults(JobKind kind) {
  for (const OptionRow& option : option_table()) {
    if ((option.readers & reader_) == 0 || sources_.count(option.member.id) > 0) continue;
    const char* const value = option.defaults[static_cast<std::size_t>(kind)];
    if (*value != '\0') option.member.assign(config_, value);
  }
}

InputError Draft::spelled(const OptionError& error) const {
  const auto source = sources_.find(error.option->member.id);
  if (source == sources_.end()) return error;
  return InputError(source->second + ": " + error.reason);
}

}  // namespace mckean::cli
