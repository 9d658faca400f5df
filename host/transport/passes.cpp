// c-transforms and searches in parts that are large enough to keep all threads busy.
#include "host/transport/passes.hpp"

#include <chrono>
#include <utility>

#include "host/data/interruptible.hpp"
#include "host/transport/backend_passes.hpp"
#include "host/transport/certificate/transport_bracket.hpp"
#include "kernels/cpu/cpu_backend.hpp"

namespace mckean {
namespace {

constexpr double steps_of_cpu_part = 1e8;
constexpr double steps_beside = 8;            // of a pair, what its coordinates do not take
constexpr std::size_t points_of_thread = 64;  // at least

struct OwnBackend {
  CpuBackend<double> backend;
};

/// Owns its back end, which is there before and after the passes.
class CpuPasses final : OwnBackend, public BackendPasses<CpuBackend<double>> {
 public:
  explicit CpuPasses(int threads)
      : OwnBackend{CpuBackend<double>(threads)}, BackendPasses(backend) {}
};

/// The points begin..end-1 with a potential of the others.
void transform_part(const PairPasses& passes, const Pairs& pairs, Transform transform,
                    SoftMinima& minima) {
  const std::size_t count = transform.end - transform.begin;
  transform.value = {minima.value.data() + transform.begin, count};
  transform.mean_cost = {minima.mean_cost.data() + transform.begin, count};
  passes.c_transform(pairs, transform);
}

}  // namespace

std::unique_ptr<const PairPasses> make_cpu_passes(int threads) {
  return std::make_unique<const CpuPasses>(threads);
}

PassPart cpu_part(int threads) {
  return {steps_of_cpu_part,
          points_of_thread * static_cast<std::size_t>(CpuBackend<double>(threads).threads())};
}

DiscreteMeasure part_of(const DiscreteMeasure& measure, std::size_t begin, std::size_t end) {
  std::vector<std::size_t> index = make_indices<std::size_t>(end - begin);
  for (std::size_t& i : index) i += begin;
  return select_points(measure, index);
}

std::size_t points_of_part(const Pairs& pairs, const PassPart& part) {
  const double steps =
      static_cast<double>(pairs.to.n) * (static_cast<double>(pairs.from.d) + steps_beside);
  const auto parts = static_cast<std::size_t>(part.steps / steps) / part.whole_points;
  return std::max<std::size_t>(1, parts) * part.whole_points;
}

bool soft_c_transform(const PairPasses& passes, const Pairs& pairs, const std::vector<double>& p,
                      double epsilon, const Deadline& deadline, SoftMinima& minima) {
  minima.value = make_zeros(pairs.from.n);
  minima.mean_cost = make_zeros(pairs.from.n);
  return for_each_part(pairs, passes.part(), deadline, [&](std::size_t begin, std::size_t end) {
    transform_part(passes, pairs, {begin, end, p, epsilon, {}, {}}, minima);
  });
}

std::vector<double> c_transform(const PairPasses& passes, const Pairs& pairs,
                                const std::vector<double>& p, const Deadline& deadline) {
  SoftMinima minima;
  if (!soft_c_transform(passes, pairs, p, 0, deadline, minima)) return {};
  return std::move(minima.value);
}

std::vector<double> conjugate_potential(const PairPasses& passes, const Pairs& pairs,
                                        const std::vector<double>& p, const Deadline& deadline) {
  std::vector<double> potential = c_transform(passes, pairs, p, deadline);
  if (potential.empty()) potential = make_zeros(pairs.from.n);
  return negated(std::move(potential));
}

bool nearest_targets(const PairPasses& passes, const Pairs& pairs, const std::vector<double>& p,
                     std::size_t k, const Deadline& deadline, const NearestLists& lists) {
  return for_each_part(pairs, passes.part(), deadline, [&](std::size_t begin, std::size_t end) {
    const std::size_t count = (end - begin) * k;
    passes.nearest_targets(pairs, {begin,
                                   end,
                                   p,
                                   k,
                                   {lists.value.data() + begin * k, count},
                                   {lists.target.data() + begin * k, count}});
  });
}

double seconds_of_c_transform(const PairPasses& passes, const Pairs& pairs) {
  const std::size_t count = std::min(pairs.from.n, points_of_part(pairs, passes.part()) / 4 + 1);
  const DiscreteMeasure first = part_of(pairs.from, 0, count);
  const auto start = std::chrono::steady_clock::now();
  c_transform(passes, {pairs.cost, first, pairs.to}, make_zeros(pairs.to.n));
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  return taken.count() * static_cast<double>(pairs.from.n) / static_cast<double>(count);
}

}  // namespace mckean
