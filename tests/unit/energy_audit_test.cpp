// The energy audit by hand.
#include "host/flow/energy_audit.hpp"

#include <gtest/gtest.h>

namespace mckean {
namespace {

TEST(EnergyAudit, LimitOfAStepIsRelativeToWhatIsLeftAndToWhatHasFallen) {
  const EnergyAudit audit(10, 1e-3);
  EXPECT_NEAR(audit.step_limit(10, 9, 0), 1e-3 * 3, 1e-15);         // 3 (10 - 9) < 10
  EXPECT_NEAR(audit.step_limit(10, 9.999, 0), 1e-3 * .003, 1e-15);  // little has fallen
  EXPECT_NEAR(audit.step_limit(.1, .09, 0), 1e-3 * .1, 1e-15);      // little is left
  EXPECT_EQ(audit.step_limit(10, 10.5, 0), 0);                      // nothing has
  EXPECT_EQ(audit.step_limit(10, 10.5, 1e-9), 1e-9);
}

TEST(EnergyAudit, ResidualIsThatOfTheWholeRun) {
  EnergyAudit audit(10, 1e-3);
  audit.add(2, 0);
  audit.add(1.5, 0);
  EXPECT_EQ(audit.start(), 10);
  EXPECT_EQ(audit.dissipated(), 3.5);
  EXPECT_EQ(audit.residual(6), .5);
  EXPECT_EQ(audit.residual(6.5), 0);
}

TEST(EnergyAudit, HoldsWithinItsPartOfTheFallAndRounding) {
  EnergyAudit audit(10, 1e-3);
  audit.add(4, 1e-6);
  EXPECT_TRUE(audit.holds(6, 1e-9));
  EXPECT_TRUE(audit.holds(5.6, .1));   // off by .4 of 4.4
  EXPECT_FALSE(audit.holds(5.5, .1));  // off by .5 of 4.5
  EXPECT_FALSE(audit.holds(6.5, .1));
  EXPECT_TRUE(audit.holds(6 + .9e-6, 0));
  EXPECT_FALSE(audit.holds(6 + 1.1e-6, 0));
  // slack times the allowance of a step.
  EXPECT_TRUE(audit.holds(6 - .0299 * 4));
  EXPECT_FALSE(audit.holds(6 - .0302 * 4.2));
}

// 10^6 values below half an ulp of the first.
TEST(EnergyAudit, SumsAreCompensated) {
  EnergyAudit audit(2, 1e-3);
  audit.add(1, 0);
  for (int i = 0; i < 1000000; ++i) audit.add(1e-17, 0);
  EXPECT_EQ(audit.dissipated(), 1 + 1e-11);
}

}  // namespace
}  // namespace mckean
