// The barriers of the kernels that sum; what they sum is in backend/scalars_test.cpp.
#include <gtest/gtest.h>

#include <cmath>
#include <typeindex>

#include "emulation/emulated_executor.hpp"
#include "emulation/sync_audit.hpp"
#include "kernels/cuda/scalars_operation.cuh"
#include "reference/state.hpp"

namespace mckean::emulation {
namespace {

using reference::random_values;

// 16 elements a thread, then 5 shuffles, 8 warps and the blocks: 40 eps of the terms' sizes, of
// which sixteen at most is the size of one.
bool near(double got, double expected, std::size_t terms) {
  return std::abs(got - expected) <= 40 * 2.3e-16 * 16 * static_cast<double>(terms);
}

bool particle_sums_are_right(Order order, std::optional<std::type_index> audited = {}) {
  reference::PlaneState w(9000, 2);
  w.values = random_values(w.values.size(), 4);
  double expected[4] = {};
  for (std::size_t j = 0; j < w.m; ++j) {
    const double norm = w.norm(j), p = std::abs(w.a(j)) * norm;
    expected[0] += p;
    expected[1] += p * p;
    expected[2] += reference::regularizer(Regularizer::l2, w.a(j), norm);
    expected[3] += w.a(j) * norm * norm;
  }
  double got[4] = {NAN, NAN, NAN, NAN};
  EmulatedExecutor executor(order, audited);
  cuda::particle_sums(executor, Regularizer::l2, 2, {{w.values.data(), w.values.size()}, w.m, w.d},
                      {got, 4});
  bool right = true;
  for (int k = 0; k < 4; ++k) right &= near(got[k], expected[k], w.m);
  return right;
}

bool products_are_right(Order order, std::optional<std::type_index> audited = {}) {
  const std::vector<double> x = random_values(9000, 1), y = random_values(9000, 2);
  double expected[2] = {};
  for (std::size_t i = 0; i < x.size(); ++i) {
    expected[0] += x[i] * y[i];
    if (i < 700) expected[1] += x[i] * x[i];
  }
  InnerProducts<Space::device> list;
  list.add({x.data(), x.size()}, {y.data(), y.size()});
  list.add({x.data(), 700});
  double got[2] = {NAN, NAN};
  EmulatedExecutor executor(order, audited);
  cuda::inner_products(executor, list, {got, 2});
  return near(got[0], expected[0], x.size()) && near(got[1], expected[1], x.size());
}

/// Sums of 600 partial values each, so that every warp has some.
bool totals_are_right(Order order) {
  const std::size_t blocks = 600;
  const std::vector<double> partial = random_values(4 * blocks, 5);
  double result[4];
  EmulatedExecutor(order).run(4, 1, cuda::TotalSumArgs{partial.data(), blocks, result});
  bool right = true;
  for (std::size_t k = 0; k < 4; ++k) {
    double sum = 0;
    for (std::size_t i = 0; i < blocks; ++i) sum += partial[k * blocks + i];
    right &= near(result[k], sum, blocks);
  }
  return right;
}

TEST(EmulatedScalars, EveryBarrierIsNeeded) {
  const SyncAudit terms = audit_barriers([](Order order) {
    return particle_sums_are_right(order, typeid(cuda::PartialSumArgs<cuda::ParticleTerm>));
  });
  const SyncAudit list = audit_barriers([](Order order) {
    return products_are_right(order, typeid(cuda::PartialListArgs<cuda::ProductTerms>));
  });
  const SyncAudit total = audit_barriers(totals_are_right);
  for (const SyncAudit& found : {terms, list, total}) {
    EXPECT_TRUE(found.right());
    EXPECT_TRUE(found.unnoticed.empty()) << found.unnoticed.front();
  }
  // That of the collective, and one between two of its uses.
  EXPECT_EQ(terms.sites.size(), 2u);
  EXPECT_EQ(list.sites.size(), 1u);
  EXPECT_EQ(total.sites.size(), 1u);
}

}  // namespace
}  // namespace mckean::emulation
