// The reduction kernels over the block emulator against serial sums.
#include <gtest/gtest.h>

#include <random>
#include <typeindex>

#include "emulation/emulated_executor.hpp"
#include "emulation/sync_audit.hpp"
#include "kernels/cuda/reductions_kernels.cuh"
#include "reference/state.hpp"

namespace mckean::emulation {
namespace {

using reference::PlaneState;

std::vector<double> random_values(std::size_t count, unsigned seed) {
  std::mt19937_64 engine(seed);
  std::uniform_real_distribution<double> value(-2, 2);
  std::vector<double> values(count);
  for (double& x : values) x = value(engine);
  return values;
}

template <class Term>
std::vector<double> sums(EmulatedExecutor executor, std::size_t count, const Term& term) {
  const unsigned blocks = cuda::reduction_blocks(count);
  std::vector<double> partial(blocks * Term::size, NAN), result(Term::size, NAN);
  executor.run(blocks, 1, cuda::PartialSumArgs<Term>{term, count, partial.data()});
  executor.run(1, 1, cuda::TotalSumArgs<Term::size>{partial.data(), blocks, result.data()});
  return result;
}

// 16 elements a thread, then 5 shuffles, 8 warps and the blocks: 40 eps of the terms' sizes.
constexpr double tolerance = 40 * 2.3e-16;

TEST(EmulatedReductions, DotAndFiniteness) {
  for (const std::size_t count : {1, 31, 33, 257, 4095, 4097, 20000}) {
    const std::vector<double> x = random_values(count, 1), y = random_values(count, 2);
    for (const Order order : orders) {
      double dot = 0;
      for (std::size_t i = 0; i < count; ++i) dot += x[i] * y[i];
      const double size = 4 * static_cast<double>(count);
      EXPECT_NEAR(sums(EmulatedExecutor(order), count, cuda::DotTerm{x.data(), y.data()})[0], dot,
                  tolerance * size);
      EXPECT_EQ(sums(EmulatedExecutor(order), count, cuda::FiniteTerm{x.data()})[0], 0);
      std::vector<double> broken = x;
      broken[count / 2] = INFINITY;
      EXPECT_NE(sums(EmulatedExecutor(order), count, cuda::FiniteTerm{broken.data()})[0], 0);
    }
  }
}

bool particle_sums_are_right(Order order, std::optional<std::type_index> audited = {}) {
  const std::size_t m = 9000, d = 2;
  PlaneState w(m, d);
  w.values = random_values(m * (1 + d), 4);
  double path = 0, squares = 0, penalty = 0, radial = 0;
  for (std::size_t j = 0; j < m; ++j) {
    const double norm = w.norm(j), p = std::abs(w.a(j)) * norm;
    path += p;
    squares += p * p;
    penalty += reference::regularizer(Regularizer::l2, w.a(j), norm);
    radial += w.a(j) * norm * norm;
  }
  const cuda::ParticleTerm term{Regularizer::l2, 2, w.values.data(), m, d};
  const auto got = sums(EmulatedExecutor(order, audited), m, term);
  const double expected[] = {path, squares, penalty, radial};
  bool right = true;
  // Sixteen at most is the size of a term.
  for (int k = 0; k < 4; ++k)
    right &= std::abs(got[k] - expected[k]) <= tolerance * 16 * static_cast<double>(m);
  return right;
}

TEST(EmulatedReductions, ParticleSums) {
  for (const Order order : orders) EXPECT_TRUE(particle_sums_are_right(order));
}

/// Sums of 600 partial values each, so that every warp has some.
bool totals_are_right(Order order) {
  const unsigned blocks = 600;
  const std::vector<double> partial = random_values(4 * blocks, 5);
  double result[4];
  EmulatedExecutor(order).run(1, 1, cuda::TotalSumArgs<4>{partial.data(), blocks, result});
  bool right = true;
  for (unsigned k = 0; k < 4; ++k) {
    double sum = 0;
    for (unsigned i = 0; i < blocks; ++i) sum += partial[k * blocks + i];
    right &= std::abs(result[k] - sum) <= tolerance * 2 * blocks;
  }
  return right;
}

TEST(EmulatedReductions, EveryBarrierIsNeeded) {
  const SyncAudit partial = audit_barriers([](Order order) {
    return particle_sums_are_right(order, typeid(cuda::PartialSumArgs<cuda::ParticleTerm>));
  });
  const SyncAudit total = audit_barriers(totals_are_right);
  for (const SyncAudit& found : {partial, total}) {
    EXPECT_TRUE(found.right());
    EXPECT_EQ(found.sites.size(), 2u);
    EXPECT_TRUE(found.unnoticed.empty()) << found.unnoticed.front();
  }
}

}  // namespace
}  // namespace mckean::emulation
