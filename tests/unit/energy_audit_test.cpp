// The energy audit by hand.
#include "host/flow/energy_audit.hpp"

#include <gtest/gtest.h>

namespace mckean {
namespace {

constexpr double rtol = 1e-3;

TEST(EnergyAudit, LimitOfAStepIsRelativeToWhatIsLeftAndToWhatHasFallen) {
  const EnergyAudit audit(10, rtol, Kinks::none);
  const double allowance = .02 * rtol;
  EXPECT_NEAR(audit.step_limit(10, 9, 0), allowance * 3, 1e-15);         // 3 (10 - 9) < 10
  EXPECT_NEAR(audit.step_limit(10, 9.999, 0), allowance * .003, 1e-15);  // little has fallen
  EXPECT_NEAR(audit.step_limit(.1, .09, 0), allowance * .1, 1e-15);      // little is left
  EXPECT_LT(audit.step_limit(10, 10.5, 0), 1e-30);                       // nothing has
  EXPECT_DOUBLE_EQ(audit.step_limit(10, 10.5, 1e-9), 1e-9);
}

// A kinked flow is allowed rtol while its residual is below 2 rtol of the fall, then the less the
// more has added up, and never less than a smooth one.
TEST(EnergyAudit, DefectsOfKinkedFlowsMayNotAddUp) {
  EnergyAudit audit(10, rtol, Kinks::crossed);
  EXPECT_NEAR(audit.step_limit(10, 9, 0), rtol * 3, 1e-15);
  audit.add(2 + .004, 1, 0);  // of a fall of 2: the residual is -.004 = 2 rtol (10 - 8)
  EXPECT_NEAR(audit.step_limit(8, 8, 0), rtol * 6, 1e-12);
  audit.add(.012, 1, 0);  // four times that
  EXPECT_NEAR(audit.step_limit(8, 8, 0), rtol * 6 / 16, 1e-12);
  audit.add(1, 1, 0);
  EXPECT_NEAR(audit.step_limit(8, 8, 0), .02 * rtol * 6, 1e-12);
}

TEST(EnergyAudit, ResidualIsThatOfTheWholeRun) {
  EnergyAudit audit(10, rtol, Kinks::none);
  audit.add(2, 0, 0);
  audit.add(1.5, 0, 0);
  EXPECT_EQ(audit.start(), 10);
  EXPECT_EQ(audit.dissipated(), 3.5);
  EXPECT_EQ(audit.residual(6), .5);
  EXPECT_EQ(audit.residual(6.5), 0);
}

TEST(EnergyAudit, HoldsWithinItsPartOfTheFallAndRounding) {
  EnergyAudit audit(10, rtol, Kinks::none);
  audit.add(4, .05, 1e-6);
  EXPECT_TRUE(audit.holds(6, 1e-9));
  EXPECT_TRUE(audit.holds(5.6, .1));   // off by .4 of 4.4
  EXPECT_FALSE(audit.holds(5.5, .1));  // off by .5 of 4.5
  EXPECT_FALSE(audit.holds(6.5, .1));
  EXPECT_TRUE(audit.holds(6 + .9e-6, 0));
  EXPECT_FALSE(audit.holds(6 + 1.1e-6, 0));
  // The sum of what the steps were allowed.
  EXPECT_TRUE(audit.holds(6 - .049));
  EXPECT_FALSE(audit.holds(6 - .051));
  // However much that was, a twentieth of the fall.
  audit.add(0, 10, 0);
  EXPECT_TRUE(audit.holds(6 - .2));
  EXPECT_FALSE(audit.holds(6 - .22));
}

// A start at 1e-12 that the path norm draws to 0 in three steps: J falls by 1e-12 of itself, and
// each of the steps has met a kink.
TEST(EnergyAudit, MomentOfAKinkIsRelativeToTheStart) {
  for (const Kinks kinks : {Kinks::none, Kinks::settled_on, Kinks::crossed}) {
    EnergyAudit audit(1, 1e-4, kinks);
    const double limit = audit.step_limit(1, 1 - 1e-12, 0, 2e-12);
    audit.add(1.6e-12, limit, 0);
    EXPECT_EQ(audit.holds(1 - 1e-12), kinks != Kinks::none);
    audit.add(1e-5, 1e-5, 0);
    EXPECT_FALSE(audit.holds(1 - 1e-12));
  }
}

// 10^6 values below half an ulp of the first.
TEST(EnergyAudit, SumsAreCompensated) {
  EnergyAudit audit(2, rtol, Kinks::none);
  audit.add(1, 0, 0);
  for (int i = 0; i < 1000000; ++i) audit.add(1e-17, 0, 0);
  EXPECT_EQ(audit.dissipated(), 1 + 1e-11);
}

}  // namespace
}  // namespace mckean
