// Which row of the data is entry i of a mini-batch: a pure function, so that any back end draws any
// entry by itself.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "mckean/formula/philox.hpp"

namespace mckean {

/// Which samples step `step` of a mini-batch run takes out of the data: see batch_index below.
struct BatchDraw {
  std::uint64_t seed = 0;
  std::uint64_t step = 0;
  bool replacement = false;
};

/// floor(a b / 2^64).
MCKEAN_HD constexpr std::uint64_t multiply_high(std::uint64_t a, std::uint64_t b) {
  const std::uint64_t mask = 0xFFFFFFFFu;
  const std::uint64_t low = (a & mask) * (b & mask);
  const std::uint64_t middle = (a >> 32) * (b & mask) + (low >> 32);
  const std::uint64_t other = (a & mask) * (b >> 32) + (middle & mask);
  return (a >> 32) * (b >> 32) + (middle >> 32) + (other >> 32);
}

/// The image of `position` under a random permutation of {0..n-1}, one for each (seed, epoch); n <=
/// 2^52, seed as in philox(). A Feistel network on the grid {0..p-1} x {0..q-1}, p = ceil(sqrt n),
/// p q >= n, whose halves are moved by random amounts of each other, walked until it comes back
/// below n: Black and Rogaway, "Ciphers with arbitrary finite domains" (CT-RSA 2002).
MCKEAN_HD std::uint64_t permute(std::uint64_t position, std::uint64_t n, std::uint64_t seed,
                                std::uint64_t epoch) {
  MCKEAN_EXPECT(position < n && n <= std::uint64_t{1} << 52);
  const auto p = static_cast<std::uint64_t>(std::ceil(std::sqrt(static_cast<double>(n))));
  const std::uint64_t q = (n + p - 1) / p;
  do {
    std::uint64_t left = position % p;
    std::uint64_t right = position / p;
    for (std::uint64_t round = 1; round <= 8; round += 2) {
      const PhiloxBlock f = philox(seed, Purpose::batch, epoch, right, round);
      left += multiply_high(random_bits(f, 0), p);
      left -= left < p ? 0 : p;
      const PhiloxBlock g = philox(seed, Purpose::batch, epoch, left, round + 1);
      right += multiply_high(random_bits(g, 0), q);
      right -= right < q ? 0 : q;
    }
    position = right * p + left;
  } while (position >= n);
  return position;
}

/// The row, out of n, of entry i < batch of the batch of step `draw.step`. With replacement:
/// independent uniform draws (a row's probability is 1/n within 2^-64). Without: 1 <= batch <= n,
/// an epoch is floor(n / batch) steps, and the batches of one epoch have no row in common.
MCKEAN_HD std::size_t batch_index(const BatchDraw& draw, std::size_t i, std::size_t batch,
                                  std::size_t n) {
  if (draw.replacement) {
    const PhiloxBlock block = philox(draw.seed, Purpose::batch, draw.step, i, 0);
    return multiply_high(random_bits(block, 0), n);
  }
  MCKEAN_EXPECT(i < batch && batch <= n);
  const std::uint64_t steps = n / batch;
  return permute(draw.step % steps * batch + i, n, draw.seed, draw.step / steps);
}

}  // namespace mckean
