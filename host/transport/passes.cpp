// Parts that are large enough to keep all threads busy.
#include "host/transport/passes.hpp"

#include <chrono>

#include "host/data/interruptible.hpp"
#include "kernels/cpu/cpu_backend.hpp"

namespace mckean {
namespace {

constexpr double steps_of_part = 1e8;
constexpr double steps_beside = 8;       // of a pair, what its coordinates do not take
constexpr std::size_t of_a_thread = 64;  // points, at least

}  // namespace

DiscreteMeasure part_of(const DiscreteMeasure& measure, std::size_t begin, std::size_t end) {
  std::vector<std::size_t> index = make_indices<std::size_t>(end - begin);
  for (std::size_t& i : index) i += begin;
  return select_points(measure, index);
}

std::size_t points_of_part(const DiscreteMeasure& from, const DiscreteMeasure& to, int threads) {
  const double steps = static_cast<double>(to.n) * (static_cast<double>(from.d) + steps_beside);
  const std::size_t least =
      of_a_thread * static_cast<std::size_t>(CpuBackend<double>(threads).threads());
  const auto parts = static_cast<std::size_t>(steps_of_part / steps) / least;
  return std::max<std::size_t>(1, parts) * least;
}

bool soft_minimum(GroundCost cost, const DiscreteMeasure& from, const DiscreteMeasure& to,
                  const std::vector<double>& p, double epsilon, int threads,
                  const Deadline& deadline, std::vector<double>& value,
                  std::vector<double>& mean_cost) {
  const CpuBackend<double> backend(threads);
  value = make_zeros(from.n);
  mean_cost = make_zeros(from.n);
  return for_each_part(
      from, to, threads, deadline, [&](const DiscreteMeasure& part, std::size_t begin) {
        backend.c_transform(cost, part.points(), to.points(), {p.data(), p.size()}, epsilon,
                            {value.data() + begin, part.n}, {mean_cost.data() + begin, part.n});
      });
}

std::vector<double> hard_minimum(GroundCost cost, const DiscreteMeasure& from,
                                 const DiscreteMeasure& to, const std::vector<double>& p,
                                 int threads, const Deadline& deadline) {
  std::vector<double> u, costs;
  if (!soft_minimum(cost, from, to, p, 0, threads, deadline, u, costs)) u.clear();
  return u;
}

std::vector<double> opposite_prices(GroundCost cost, const DiscreteMeasure& a,
                                    const DiscreteMeasure& b, const std::vector<double>& p,
                                    int threads, const Deadline& deadline) {
  std::vector<double> prices = hard_minimum(cost, a, b, p, threads, deadline);
  if (prices.empty()) prices = make_zeros(a.n);
  for (double& price : prices) price = -price;
  return prices;
}

double seconds_of_minimum(GroundCost cost, const DiscreteMeasure& from, const DiscreteMeasure& to,
                          int threads) {
  const std::size_t count = std::min(from.n, points_of_part(from, to, threads) / 4 + 1);
  const auto start = std::chrono::steady_clock::now();
  hard_minimum(cost, part_of(from, 0, count), to, make_zeros(to.n), threads);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  return taken.count() * static_cast<double>(from.n) / static_cast<double>(count);
}

}  // namespace mckean
