// From the option table to CLI11 and back.
#include "command_line.hpp"

#include <cstring>

namespace mckean::cli {

TableFlags::TableFlags(CLI::App& command, unsigned readers) {
  for (const OptionSpec& spec : option_table()) {
    if ((spec.readers & readers) == 0) continue;
    Entry& entry = entries_.emplace_back(Entry{&spec, nullptr, {}});
    const std::string flag = "--" + std::string(spec.name);
    std::string help = spec.help;
    const std::string defaults = describe_defaults(spec);
    if (!defaults.empty() && spec.type != ValueType::flag) help += " [" + defaults + "]";
    if (spec.type == ValueType::flag) {
      // "true", or what was written behind the flag's "=".
      entry.option = command.add_flag(flag, entry.value, help);
      continue;
    }
    entry.option = command.add_option(flag, entry.value, help);
    if (std::strlen(spec.choices) > 0) entry.option->type_name(spec.choices);
    // The last one wins, as with every other program; "0,1,10" is one value.
    entry.option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  }
}

void TableFlags::give(Settings& settings) const {
  for (const Entry& entry : entries_) {
    if (entry.option->count() == 0) continue;
    settings.give(*entry.spec, entry.value, "--" + std::string(entry.spec->name));
  }
}

}  // namespace mckean::cli
