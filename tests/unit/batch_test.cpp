// Mini-batches: permutations are permutations, epochs share no row, draws are uniform.
#include "mckean/formula/batch.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace mckean {
namespace {

static_assert(multiply_high(~std::uint64_t{0}, ~std::uint64_t{0}) == ~std::uint64_t{1});
static_assert(multiply_high(std::uint64_t{1} << 63, 6) == 3);
static_assert(multiply_high(0x123456789abcdef0u, 0xfedcba9876543210u) == 0x121fa00ad77d7422u);

std::vector<std::uint64_t> permutation(std::uint64_t n, std::uint64_t seed, std::uint64_t epoch) {
  std::vector<std::uint64_t> image(n);
  for (std::uint64_t i = 0; i < n; ++i) image[i] = permute(i, n, seed, epoch);
  return image;
}

TEST(Batch, PermutationsAreBijective) {
  for (const std::uint64_t n : {1, 2, 3, 5, 7, 64, 1000, 1023, 1024, 1025}) {
    for (std::uint64_t epoch = 0; epoch < 20; ++epoch) {
      std::vector<std::uint64_t> image = permutation(n, 3, epoch);
      std::sort(image.begin(), image.end());
      for (std::uint64_t i = 0; i < n; ++i) ASSERT_EQ(image[i], i) << "n = " << n;
    }
  }
}

TEST(Batch, PermutationsOfLargeSetsStayInside) {
  for (const std::uint64_t n : {std::uint64_t{1} << 52, (std::uint64_t{1} << 40) - 1}) {
    for (const std::uint64_t i : {std::uint64_t{0}, n / 3, n - 1}) {
      EXPECT_LT(permute(i, n, 1, 0), n);
    }
  }
}

TEST(Batch, EpochsAndSeedsDiffer) {
  EXPECT_NE(permutation(64, 3, 0), permutation(64, 3, 1));
  EXPECT_NE(permutation(64, 3, 0), permutation(64, 4, 0));
  EXPECT_EQ(permutation(64, 3, 0), permutation(64, 3, 0));
}

// sum (observed - expected)^2/expected over n cells is below its mean n - 1 by five standard
// deviations, and above.
void expect_uniform(const std::vector<double>& observed, const char* what) {
  const auto cells = static_cast<double>(observed.size());
  const double expected = std::accumulate(observed.begin(), observed.end(), 0.0) / cells;
  double chi_square = 0;
  for (const double o : observed) chi_square += (o - expected) * (o - expected) / expected;
  EXPECT_NEAR(chi_square, cells - 1, 5 * std::sqrt(2 * (cells - 1)) + 5) << what;
}

TEST(Batch, EveryPermutationOfThreeIsAsLikely) {
  std::vector<double> observed(6);
  for (std::uint64_t epoch = 0; epoch < 60000; ++epoch) {
    const auto image = permutation(3, 9, epoch);
    observed[2 * image[0] + (image[1] > image[2] ? 1 : 0)] += 1;
  }
  expect_uniform(observed, "permutations of 3");
}

TEST(Batch, MarginalsOfPermutationsAreUniform) {
  for (const std::uint64_t n : {2, 5, 7, 64}) {
    std::vector<double> first(n);
    std::vector<double> last(n);
    std::vector<double> differences(n);
    for (std::uint64_t epoch = 0; epoch < 500 * n; ++epoch) {
      const std::uint64_t from_first = permute(0, n, 5, epoch);
      const std::uint64_t from_last = permute(n - 1, n, 5, epoch);
      first[from_first] += 1;
      last[from_last] += 1;
      differences[(from_first + n - from_last) % n] += 1;
    }
    expect_uniform(first, "image of the first");
    expect_uniform(last, "image of the last");
    EXPECT_EQ(differences[0], 0);
    if (n > 2) expect_uniform({differences.begin() + 1, differences.end()}, "differences");
  }
}

TEST(Batch, WithoutReplacementAnEpochHasNoRowTwice) {
  for (const auto& [n, batch] : std::vector<std::pair<std::size_t, std::size_t>>{
           {1, 1}, {7, 7}, {7, 3}, {64, 5}, {1000, 33}}) {
    const std::size_t steps = n / batch;
    for (std::uint64_t epoch = 0; epoch < 3; ++epoch) {
      std::vector<std::size_t> rows;
      for (std::size_t s = 0; s < steps; ++s) {
        for (std::size_t i = 0; i < batch; ++i) {
          rows.push_back(batch_index({1, epoch * steps + s, false}, i, batch, n));
        }
      }
      std::sort(rows.begin(), rows.end());
      EXPECT_LT(rows.back(), n);
      EXPECT_EQ(std::adjacent_find(rows.begin(), rows.end()), rows.end());
    }
  }
}

TEST(Batch, WithReplacementDrawsAreUniformAndIndependent) {
  const std::size_t n = 20;
  const std::size_t batch = 10;
  std::vector<double> rows(n);
  std::vector<double> neighbours(n * n);
  std::vector<double> steps(n * n);
  for (std::uint64_t step = 0; step < 8000; ++step) {
    std::size_t before = batch_index({2, step, true}, 0, batch, n);
    steps[before * n + batch_index({2, step + 8000, true}, 0, batch, n)] += 1;
    rows[before] += 1;
    for (std::size_t i = 1; i < batch; ++i) {
      const std::size_t row = batch_index({2, step, true}, i, batch, n);
      ASSERT_LT(row, n);
      rows[row] += 1;
      neighbours[before * n + row] += i % 2 == 1 ? 1 : 0;
      before = row;
    }
  }
  expect_uniform(rows, "rows");
  expect_uniform(neighbours, "pairs of one batch");
  expect_uniform(steps, "pairs of two steps");
}

}  // namespace
}  // namespace mckean
