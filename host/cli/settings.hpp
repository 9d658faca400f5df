// The values of the options of one command: what was given, and the defaults of the kind of job for
// the rest.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "options.hpp"

namespace mckean::cli {

class Settings {
 public:
  /// Takes a value that the user gave; `source` is how they wrote the option ("--dt", "run.toml:
  /// dt"). InputError where it is not of the option's type. An earlier value is replaced.
  void give(const OptionSpec& option, const std::string& value, const std::string& source);
  /// Fills in what was not given.
  void take_defaults(JobKind kind, unsigned readers);
  /// Records what a value turned out to be.
  void resolve(const std::string& name, const std::string& value) { values_[name] = value; }

  bool given(const std::string& name) const { return sources_.count(name) > 0; }
  /// How the user would write, or wrote, the option: for messages.
  std::string spelled(const std::string& name) const;
  bool empty(const std::string& name) const { return text(name).empty(); }

  const std::string& text(const std::string& name) const;
  double number(const std::string& name) const;
  std::uint64_t count(const std::string& name) const;
  /// Empty for inf.
  std::optional<std::uint64_t> samples(const std::string& name) const;
  bool flag(const std::string& name) const { return text(name) == "true"; }
  std::vector<double> list(const std::string& name) const;

  const std::map<std::string, std::string>& values() const { return values_; }

 private:
  std::map<std::string, std::string> values_;
  std::map<std::string, std::string> sources_;
};

/// A finite number in full; empty otherwise.
std::optional<double> parse_number(const std::string& text);
/// A whole number in [0, 2^53], also as 1e6; empty otherwise.
std::optional<std::uint64_t> parse_count(const std::string& text);
/// The shortest text that reads back as the same number.
std::string shortest(double value);

}  // namespace mckean::cli
