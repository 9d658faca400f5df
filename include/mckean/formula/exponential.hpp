// exp of what is not positive, without a branch or a call, so that loops over it vectorise.
#pragma once

#include <cstdint>
#include <cstring>

#include "mckean/config.hpp"

namespace mckean {

/// exp(x) for x <= 0; 0 below -700. Relative error below 4 eps: 2^n times the Taylor polynomial of
/// degree 13 at |r| <= ln(2)/2, whose remainder is below 4e-18.
MCKEAN_HD double exponential_of_negative(double x) {
  // Adding 1.5 * 2^52 rounds to a whole number n and leaves it in the low bits.
  constexpr double shift = 6755399441055744.0;
  const double clamped = x < -700.0 ? -700.0 : x;
  const double shifted = clamped * 1.4426950408889634074 + shift;
  const double n = shifted - shift;
  // ln 2 in two parts, the first with trailing zeros so that its product with n is exact.
  const double r = (clamped - n * 0.693147180369123816490) - n * 1.90821492927058770002e-10;
  double p = 1.0 / 6227020800.0;
  p = p * r + 1.0 / 479001600.0;
  p = p * r + 1.0 / 39916800.0;
  p = p * r + 1.0 / 3628800.0;
  p = p * r + 1.0 / 362880.0;
  p = p * r + 1.0 / 40320.0;
  p = p * r + 1.0 / 5040.0;
  p = p * r + 1.0 / 720.0;
  p = p * r + 1.0 / 120.0;
  p = p * r + 1.0 / 24.0;
  p = p * r + 1.0 / 6.0;
  p = p * r + 0.5;
  p = p * r + 1.0;
  p = p * r + 1.0;
  std::int64_t bits, exponent;
  std::memcpy(&bits, &p, sizeof bits);
  std::memcpy(&exponent, &shifted, sizeof exponent);
  bits += exponent << 52;
  std::memcpy(&p, &bits, sizeof p);
  return x < -700.0 ? 0.0 : p;
}

}  // namespace mckean
