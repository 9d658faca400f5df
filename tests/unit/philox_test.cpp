// Philox against the known answers of its authors; uniforms and normals against their laws.
#include "mckean/formula/philox.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace mckean {
namespace {

constexpr bool gives(PhiloxBlock counter, std::uint32_t key0, std::uint32_t key1,
                     PhiloxBlock answer) {
  const PhiloxBlock block = philox4x32(counter, key0, key1);
  for (int i = 0; i < 4; ++i) {
    if (block.word[i] != answer.word[i]) return false;
  }
  return true;
}

// philox4x32 10 of kat_vectors in the Random123 distribution: zeros, ones, digits of pi.
static_assert(gives({{0, 0, 0, 0}}, 0, 0, {{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}}));
static_assert(gives({{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}}, 0xffffffff, 0xffffffff,
                    {{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}}));
static_assert(gives({{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}}, 0xa4093822, 0x299f31d0,
                    {{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}}));

static_assert(to_uniform(0) == 0x1p-53);
static_assert(to_uniform(~std::uint64_t{0}) == 1 - 0x1p-53);

TEST(Philox, KnownAnswersAtRunTime) {
  volatile std::uint32_t zero = 0;
  EXPECT_TRUE(gives({{zero, zero, zero, zero}}, zero, zero,
                    {{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}}));
}

// Every argument, in its lowest and its highest bit, changes the block, and no two of these blocks
// agree.
TEST(Philox, EveryArgumentCounts) {
  std::vector<std::uint64_t> seen;
  const auto see = [&](std::uint64_t seed, Purpose purpose, std::uint64_t step, std::uint64_t index,
                       std::uint64_t lane) {
    const PhiloxBlock block = philox(seed, purpose, step, index, lane);
    seen.push_back(random_bits(block, 0));
    seen.push_back(random_bits(block, 1));
  };
  for (std::uint32_t p = 0; p <= static_cast<std::uint32_t>(Purpose::projections); ++p) {
    const auto purpose = static_cast<Purpose>(p);
    see(0, purpose, 0, 0, 0);
    for (std::uint64_t one : {std::uint64_t{1}, std::uint64_t{1} << 31}) {
      see(one, purpose, 0, 0, 0);
      see(one << 32, purpose, 0, 0, 0);
      see(0, purpose, one, 0, 0);
      see(0, purpose, one << 24, 0, 0);
      see(0, purpose, 0, one, 0);
      see(0, purpose, 0, 0, one);
    }
  }
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end());
}

constexpr std::size_t draws = 200000;

// sup |F_n - F| of n draws exceeds 2.5/sqrt(n) with probability 2 exp(-2 * 2.5^2) = 7e-6
// (Kolmogorov).
double kolmogorov(std::vector<double> u) {
  std::sort(u.begin(), u.end());
  double distance = 0;
  for (std::size_t i = 0; i < u.size(); ++i) {
    const double low = static_cast<double>(i) / static_cast<double>(u.size());
    const double high = static_cast<double>(i + 1) / static_cast<double>(u.size());
    distance = std::max({distance, u[i] - low, high - u[i]});
  }
  return distance * std::sqrt(static_cast<double>(u.size()));
}

TEST(Philox, UniformsAreUniform) {
  std::vector<double> first;
  std::vector<double> second;
  for (std::size_t i = 0; i < draws; ++i) {
    const RandomPair pair = uniform_pair(7, Purpose::samples, 3, i, 0);
    EXPECT_EQ(pair.first, uniform(7, Purpose::samples, 3, i, 0));
    first.push_back(pair.first);
    second.push_back(pair.second);
  }
  EXPECT_LT(kolmogorov(first), 2.5);
  EXPECT_LT(kolmogorov(second), 2.5);
}

// Moments of N(0, 1) within 5 standard deviations, the standard deviation of x^k being sqrt(E x^2k
// - (E x^k)^2).
TEST(Philox, NormalsAreNormal) {
  std::vector<double> transformed;
  double moment[5] = {};
  double product = 0;
  double squares = 0;
  for (std::size_t i = 0; i < draws; ++i) {
    const RandomPair pair = normal_pair(11, Purpose::noise, i, 5, 2);
    for (const double x : {pair.first, pair.second}) {
      for (int k = 1; k <= 4; ++k) moment[k] += std::pow(x, k);
      transformed.push_back(std::erfc(-x / std::sqrt(2.0)) / 2);
    }
    product += pair.first * pair.second;
    squares += (pair.first * pair.first - 1) * (pair.second * pair.second - 1);
  }
  const auto n = static_cast<double>(2 * draws);
  EXPECT_LT(std::abs(moment[1] / n), 5 * std::sqrt(1 / n));
  EXPECT_LT(std::abs(moment[2] / n - 1), 5 * std::sqrt(2 / n));
  EXPECT_LT(std::abs(moment[3] / n), 5 * std::sqrt(15 / n));
  EXPECT_LT(std::abs(moment[4] / n - 3), 5 * std::sqrt(96 / n));
  EXPECT_LT(std::abs(product / static_cast<double>(draws)), 5 / std::sqrt(double{draws}));
  EXPECT_LT(std::abs(squares / static_cast<double>(draws)), 5 * 2 / std::sqrt(double{draws}));
  EXPECT_LT(kolmogorov(transformed), 2.5);
}

}  // namespace
}  // namespace mckean
