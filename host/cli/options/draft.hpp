// The parsing stage of a command: its configuration while options are read into it, and which of
// them were given. It ends with make_config.
#pragma once

#include <map>
#include <string>

#include "host/cli/options/option_table.hpp"

namespace mckean::cli {

class Draft {
 public:
  explicit Draft(unsigned reader);

  unsigned reader() const { return reader_; }

  /// Takes a value that the user gave; `source` is how they wrote the option ("--dt", "run.toml:
  /// dt"). InputError where it is not of the option's type. What was given before stays.
  void give(const OptionRow& option, const std::string& value, const std::string& source);
  /// Fills in what was not given.
  void take_defaults(JobKind kind);

  template <auto Member>
  bool given() const {
    return sources_.count(&member_id<Member>) > 0;
  }
  /// An InputError that names the option as the user wrote it.
  InputError spelled(const OptionError& error) const;

  /// Of the command; `Config` is the type of its reader.
  template <class Config>
  Config& config() {
    return std::get<Config>(config_);
  }

 private:
  unsigned reader_;
  AnyConfig config_;
  std::map<const char*, std::string> sources_;  // by member_id
};

template <auto Member>
void refuse_if_given(const Draft& draft, const std::string& why) {
  if (draft.given<Member>()) refuse<Member>(why);
}

}  // namespace mckean::cli
