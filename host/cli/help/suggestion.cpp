// Edit distances by dynamic programming.
#include "host/cli/help/suggestion.hpp"

#include <algorithm>
#include <vector>

namespace mckean::cli {
namespace {

// Longer ones are no slips of the finger, and would take their square in time.
constexpr std::size_t longest_name = 40;

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        cost[i][j] = i + j;
        continue;
      }
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1,
                             cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0u : 1u)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[a.size()][b.size()];
}

std::string_view nearest_name(std::string_view name, std::span<const std::string_view> known) {
  if (name.empty() || name.size() > longest_name) return "";
  std::string_view nearest;
  std::size_t least = std::max<std::size_t>(1, name.size() / 3) + 1;
  for (const std::string_view candidate : known) {
    const std::size_t distance = edit_distance(name, candidate);
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  if (!nearest.empty() || name.size() < 2) return nearest;
  const auto begun = std::find_if(known.begin(), known.end(), [&](std::string_view candidate) {
    return candidate.starts_with(name);
  });
  return begun == known.end() ? "" : *begun;
}

std::string did_you_mean(std::string_view name, std::span<const std::string_view> known,
                         std::string_view prefix) {
  const std::string_view nearest = nearest_name(name, known);
  if (nearest.empty()) return "";
  return ": did you mean " + std::string(prefix) + std::string(nearest) + "?";
}

std::string joined(std::span<const std::string_view> words, std::string_view separator) {
  std::string text;
  for (const std::string_view word : words) {
    if (!text.empty()) text += separator;
    text += word;
  }
  return text;
}

}  // namespace mckean::cli
