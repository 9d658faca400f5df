// The kernels of the c-transform over the block emulator against its definition.
#include <gtest/gtest.h>

#include "emulation/pair_kernels.hpp"
#include "kernels/cuda/c_transform_operation.cuh"
#include "reference/c_transform.hpp"

namespace mckean::emulation {
namespace {

using reference::PointSet;

struct Transform {
  std::vector<double> value;
  std::vector<double> mean_cost;
  bool operator==(const Transform&) const = default;
};

/// Sources, targets and potential, with the costs of all pairs.
template <GroundCost Cost>
struct Problem {
  PointSet sources, targets;
  std::vector<double> potential;
  std::vector<reference::TransformRow> rows;

  Problem(std::size_t n, std::size_t m, std::size_t d)
      : Problem(reference::random_points(Cost, n, d, 1), reference::random_points(Cost, m, d, 2),
                reference::wide_potential(m, 3)) {}
  Problem(const PointSet& x, const PointSet& y, const std::vector<double>& p)
      : sources(x), targets(y), potential(p), rows(reference::transform_rows(Cost, x, y, p)) {}

  Transform run(double epsilon, std::size_t blocks, EmulatedExecutor executor) const {
    Transform out{std::vector<double>(sources.n, NAN), std::vector<double>(sources.n, NAN)};
    cuda::c_transform<Cost>(executor, {planes(sources), planes(targets), potential.data()}, epsilon,
                            {out.value.data(), out.mean_cost.data()}, blocks);
    return out;
  }
  std::string wrong(double epsilon, const Transform& got) const {
    return reference::first_wrong(rows, epsilon, got.value, got.mean_cost);
  }
};

template <GroundCost Cost>
void check_sizes() {
  std::size_t next = 0;
  const auto check = [&](std::size_t n, std::size_t m, std::size_t d) {
    const Problem<Cost> problem(n, m, d);
    for (const double epsilon : {0., .1, 100.}) {
      const std::size_t blocks = splits[next / orders.size() % 3];
      const EmulatedExecutor executor(orders[next++ % orders.size()]);
      EXPECT_EQ(problem.wrong(epsilon, problem.run(epsilon, blocks, executor)), "")
          << n << " x " << m << ", d " << d << ", blocks " << blocks;
    }
  };
  for (const std::size_t n : {1, 31, 129, 257}) {
    for (const std::size_t m : {1, 7, 9, 65}) {
      for (const std::size_t d : {1, 3}) check(n, m, d);
    }
  }
  for (const std::size_t d : {2, 10, 15, 16, 17, 32, 65}) check(33, 70, d);
  for (const std::size_t d : {2, 17}) check(3, 450, d);
}

TEST(EmulatedCTransform, Euclidean) { check_sizes<GroundCost::euclidean>(); }
TEST(EmulatedCTransform, Geodesic) { check_sizes<GroundCost::geodesic>(); }

template <GroundCost Cost>
void check_duplicates() {
  const PointSet points = reference::with_duplicates(reference::random_points(Cost, 40, 3, 5));
  const Problem<Cost> problem(points, points, std::vector<double>(points.n, -7));
  for (const double epsilon : {0., 1e-6, 1.}) {
    const Transform once = problem.run(epsilon, 2, EmulatedExecutor(Order::ascending));
    EXPECT_EQ(problem.wrong(epsilon, once), "");
    for (const Order order : orders)
      EXPECT_EQ(problem.run(epsilon, 2, EmulatedExecutor(order)), once);
  }
}

TEST(EmulatedCTransform, DuplicatesAndSameBitsInEveryOrder) {
  check_duplicates<GroundCost::euclidean>();
  check_duplicates<GroundCost::geodesic>();
}

TEST(EmulatedCTransform, OfEqualMinimaTheFirst) {
  for (const std::size_t second : {1, 9, 70, 130}) {
    for (const double nearest : {1., 2.}) {
      const reference::Tie tie(140, 0, second, nearest);
      const Problem<GroundCost::euclidean> problem(PointSet(1, 2), tie.targets, tie.potential);
      for (const std::size_t blocks : splits) {
        const Transform got = problem.run(0, blocks, EmulatedExecutor(Order::shuffled));
        EXPECT_EQ(got, (Transform{{4}, {nearest * nearest}})) << second << " " << blocks;
      }
    }
  }
}

TEST(EmulatedCTransform, FarTargetsCount) {
  const double epsilon = .1;
  const PointSet targets(400, 2);
  const Problem<GroundCost::euclidean> problem(PointSet(3, 2), targets,
                                               reference::tail_potential(targets.n, epsilon));
  for (const std::size_t blocks : splits) {
    EXPECT_EQ(
        problem.wrong(epsilon, problem.run(epsilon, blocks, EmulatedExecutor(Order::shuffled))),
        "");
  }
}

template <unsigned Targets>
void check_barriers_of_tile(std::size_t d) {
  constexpr auto cost = GroundCost::euclidean;
  check_barriers<Problem<cost>, cuda::PartialTransformArgs<cost, Targets>>(
      Targets, d, [](const Problem<cost>& problem, const EmulatedExecutor& executor) {
        return problem.wrong(10, problem.run(10, 1, executor)).empty();
      });
}

TEST(EmulatedCTransform, EveryBarrierIsNeeded) {
  check_barriers_of_tile<cuda::wide_tile>(3);
  check_barriers_of_tile<cuda::transform_group>(20);
}

}  // namespace
}  // namespace mckean::emulation
