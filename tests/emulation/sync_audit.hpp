// Proves that a kernel test would notice each missing barrier: leaves them out one at a time.
#pragma once

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "emulation/scheduler.hpp"
#include "emulation/sync_site.hpp"

namespace mckean::emulation {

/// What an audit found; a test requires right() and that `unnoticed` is empty.
struct SyncAudit {
  bool right_as_written = true;
  std::vector<std::string> sites;      // barriers that the kernel met
  std::vector<std::string> unnoticed;  // of these, the ones without which every order still passed
  bool right() const { return right_as_written && !sites.empty(); }
};

/// `passes(order)` runs a kernel and says whether its result is right; an EmulationError counts as
/// noticed. The sites are found by running it as it is written.
template <class Passes>
SyncAudit audit_barriers(const Passes& passes) {
  struct Restore {
    ~Restore() { sync_control() = {}; }
  } restore;
  SyncAudit audit;
  sync_control() = {};
  for (const Order order : orders) audit.right_as_written &= passes(order);
  const std::set<SyncSite> sites = sync_control().seen;
  for (const SyncSite& site : sites) {
    audit.sites.push_back(to_string(site));
    sync_control().skipped = site;
    const bool noticed = std::any_of(orders.begin(), orders.end(), [&](Order order) {
      try {
        return !passes(order);
      } catch (const EmulationError&) {
        return true;
      }
    });
    if (!noticed) audit.unnoticed.push_back(to_string(site));
  }
  return audit;
}

}  // namespace mckean::emulation
