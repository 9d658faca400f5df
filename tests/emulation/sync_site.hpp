// Where in a kernel's source a barrier stands, and which one of them the emulator leaves out.
#pragma once

#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <set>
#include <source_location>
#include <string>

namespace mckean::emulation {

struct SyncSite {
  std::string file;
  std::uint_least32_t line = 0;
  std::uint_least32_t column = 0;

  SyncSite() = default;
  explicit SyncSite(const std::source_location& at)
      : file(at.file_name()), line(at.line()), column(at.column()) {}
  auto operator<=>(const SyncSite&) const = default;
  bool is(const std::source_location& at) const {
    return line == at.line() && column == at.column() && file == at.file_name();
  }
};

/// The same without a copy of the file's name: asked for each thread at each barrier.
inline bool same_site(const std::source_location& left, const std::source_location& right) {
  const char *const one = left.file_name(), *const other = right.file_name();
  return left.line() == right.line() && left.column() == right.column() &&
         (one == other || std::strcmp(one, other) == 0);
}

inline std::string to_string(const SyncSite& site) {
  return site.file + ":" + std::to_string(site.line) + ":" + std::to_string(site.column);
}

/// Barriers that the blocks of this thread have met since it was last cleared, and the one they pass
/// without waiting.
struct SyncControl {
  std::set<SyncSite> seen;
  std::optional<SyncSite> skipped;
};

inline SyncControl& sync_control() {
  static thread_local SyncControl control;
  return control;
}

}  // namespace mckean::emulation
