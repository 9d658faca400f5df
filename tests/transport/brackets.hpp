// Comparisons of transport brackets.
#pragma once

#include <gtest/gtest.h>

#include "host/transport/certificate/transport_bracket.hpp"

namespace mckean::test {

/// Bounds, potentials and plan.
inline void expect_same_bits(const TransportBracket& one, const TransportBracket& other) {
  EXPECT_EQ(one.lower, other.lower);
  EXPECT_EQ(one.upper, other.upper);
  EXPECT_EQ(one.phi, other.phi);
  EXPECT_EQ(one.psi, other.psi);
  ASSERT_EQ(one.plan.size(), other.plan.size());
  for (std::size_t e = 0; e < one.plan.size(); ++e) {
    ASSERT_EQ(one.plan[e].from, other.plan[e].from);
    ASSERT_EQ(one.plan[e].to, other.plan[e].to);
    ASSERT_EQ(one.plan[e].mass, other.plan[e].mass);
  }
}

}  // namespace mckean::test
