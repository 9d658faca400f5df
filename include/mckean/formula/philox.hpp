// Random numbers as a pure function of (seed, purpose, step, index, lane), the same on every back
// end and thread count.
#pragma once

#include <cmath>
#include <cstdint>

#include "mckean/config.hpp"

namespace mckean {

/// What the numbers are for: draws of different purposes are independent for the same seed.
enum class Purpose : std::uint32_t {
  initial_a,
  initial_b,
  samples,
  teacher,
  batch,  // also of the samples of points that semidiscrete takes, at seed 0
  noise,
  projections = 8
};

/// Steps of Purpose::batch and of Purpose::samples, beyond those that flows count from 0 on.
inline constexpr std::uint64_t training_stream = std::uint64_t{1} << 55;  // samples that stay
inline constexpr std::uint64_t held_out_stream = std::uint64_t{3} << 54;  // those set aside
inline constexpr std::uint64_t split_epoch = std::uint64_t{1} << 55;   // of training and test data
inline constexpr std::uint64_t subset_epoch = std::uint64_t{3} << 54;  // of particles for W2

struct PhiloxBlock {
  std::uint32_t word[4];
};

/// Philox4x32-10: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC
/// 2011).
MCKEAN_HD constexpr PhiloxBlock philox4x32(PhiloxBlock c, std::uint32_t key0, std::uint32_t key1) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p = std::uint64_t{0xD2511F53u} * c.word[0];
    const std::uint64_t q = std::uint64_t{0xCD9E8D57u} * c.word[2];
    c = {{static_cast<std::uint32_t>(q >> 32) ^ c.word[1] ^ key0, static_cast<std::uint32_t>(q),
          static_cast<std::uint32_t>(p >> 32) ^ c.word[3] ^ key1, static_cast<std::uint32_t>(p)}};
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return c;
}

/// The block of 128 random bits of (seed, purpose, step, index, lane). The seed is the key and the
/// rest is packed into the counter, so that blocks of one seed never coincide: step < 2^56, index
/// and lane < 2^32.
MCKEAN_HD constexpr PhiloxBlock philox(std::uint64_t seed, Purpose purpose, std::uint64_t step,
                                       std::uint64_t index, std::uint64_t lane) {
  MCKEAN_EXPECT(step >> 56 == 0 && index >> 32 == 0 && lane >> 32 == 0);
  const PhiloxBlock counter{
      {static_cast<std::uint32_t>(lane), static_cast<std::uint32_t>(index),
       static_cast<std::uint32_t>(step),
       static_cast<std::uint32_t>(step >> 32) | static_cast<std::uint32_t>(purpose) << 24}};
  return philox4x32(counter, static_cast<std::uint32_t>(seed),
                    static_cast<std::uint32_t>(seed >> 32));
}

/// Bits 64 * half to 64 * half + 63 of a block, half 0 or 1.
MCKEAN_HD constexpr std::uint64_t random_bits(const PhiloxBlock& block, int half) {
  return std::uint64_t{block.word[2 * half + 1]} << 32 | block.word[2 * half];
}

/// Uniform on the odd multiples of 2^-53: symmetric about 1/2, never 0 or 1.
MCKEAN_HD constexpr double to_uniform(std::uint64_t bits) {
  return static_cast<double>(bits >> 12) * 0x1p-52 + 0x1p-53;
}

/// Two independent values of one block.
struct RandomPair {
  double first;
  double second;
};

MCKEAN_HD constexpr RandomPair uniform_pair(std::uint64_t seed, Purpose purpose, std::uint64_t step,
                                            std::uint64_t index, std::uint64_t lane) {
  const PhiloxBlock block = philox(seed, purpose, step, index, lane);
  return {to_uniform(random_bits(block, 0)), to_uniform(random_bits(block, 1))};
}

MCKEAN_HD constexpr double uniform(std::uint64_t seed, Purpose purpose, std::uint64_t step,
                                   std::uint64_t index, std::uint64_t lane) {
  return uniform_pair(seed, purpose, step, index, lane).first;
}

/// Two independent N(0, 1) values: Box and Muller (1958), sqrt(-2 log u) (cos 2 pi t, sin 2 pi t);
/// |value| < 8.6.
MCKEAN_HD RandomPair normal_pair(std::uint64_t seed, Purpose purpose, std::uint64_t step,
                                 std::uint64_t index, std::uint64_t lane) {
  const RandomPair u = uniform_pair(seed, purpose, step, index, lane);
  const double radius = std::sqrt(-2.0 * std::log(u.first));
  const double angle = 6.283185307179586476925 * u.second;
  return {radius * std::cos(angle), radius * std::sin(angle)};
}

}  // namespace mckean
