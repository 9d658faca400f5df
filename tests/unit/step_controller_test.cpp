// Factors of the step size by hand.
#include "host/flow/step_controller.hpp"

#include <gtest/gtest.h>

namespace mckean {
namespace {

TEST(StepController, FirstStepGoesByItsErrorAlone) {
  EXPECT_NEAR(StepController(3).accepted(.1, 1. / 8), .8 * 2, 1e-15);
  EXPECT_NEAR(StepController(5).accepted(7, 1), .8, 1e-15);
}

// .8 (h/h_before) (e_before/e)^(1/p) e^(-1/p), or the plain factor where that is less.
TEST(StepController, LaterStepsGoByTheTrend) {
  StepController rising(3);
  rising.accepted(.1, 1. / 64);
  EXPECT_NEAR(rising.accepted(.2, 1. / 8), .8 * 2 * .5 * 2, 1e-14);
  StepController falling(3);
  falling.accepted(.1, 1. / 8);
  EXPECT_NEAR(falling.accepted(.1, 1. / 64), .8 * 4, 1e-14);
}

TEST(StepController, FactorsAreBounded) {
  EXPECT_EQ(StepController(3).accepted(1, 0), 10);
  EXPECT_EQ(StepController(3).rejected(1e12), .1);
  EXPECT_EQ(StepController(3).rejected(INFINITY), .1);
  EXPECT_EQ(StepController(3).rejected(NAN), .1);
  EXPECT_EQ(StepController(3).rejected(1.0000001), .8 * std::pow(1.0000001, -1. / 3));
  EXPECT_NEAR(StepController(3).rejected(8), .4, 1e-15);
}

TEST(StepController, DoesNotGrowRightAfterARejection) {
  StepController controller(3);
  controller.rejected(8);
  EXPECT_EQ(controller.accepted(.1, 1e-6), 1);
  EXPECT_GT(controller.accepted(.1, 1e-6), 1);
}

}  // namespace
}  // namespace mckean
