// The audit of fixed steps on numbers that can be followed by hand.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "mckean/formula/step_audit.hpp"

namespace mckean {
namespace {

using Slots = std::array<double, StateScalars::count>;

/// J = risk/2, and a decay of drift_a + drift_b: mean field, two particles, whose squares sum to
/// 2 drift.
Slots slots(double risk, double drift_a, double drift_b) {
  return {risk, 0, 0, 0, 0, 0, 0, 2 * drift_a, 2 * drift_b};
}

struct Audited {
  AuditRules rules{FlowFormula({}, {.values = 0}, 2)};
  AuditState state;

  Audited() { state.start = state.lowest = 4; }
  void add(double number, double before, double after, double decay_after = 1, double finite = 0) {
    const AuditStep step{number, .5, 2, {.25, .75}};
    const double inner[2] = {2 * 3, 2 * 1};
    state.add(rules, step, slots(2 * before, 1, 1).data(), slots(2 * after, decay_after, 0).data(),
              inner, finite);
  }
};

TEST(StepAudit, AddsUpWhatTheStagesDissipate) {
  Audited audited;
  audited.add(1, 4, 3);
  audited.add(2, 3, 2.5);
  // .5 (.25 (1 + 1) + .75 (3 + 1)) a step.
  EXPECT_EQ(audited.state.dissipated.value(), 2 * 1.75);
  EXPECT_EQ(audited.state.number, 2);
  EXPECT_EQ(audited.state.energy.objective, 2.5);
  EXPECT_EQ(audited.state.energy.risk, 5);
  EXPECT_EQ(audited.state.event, AuditEvent::none);
  // 2 (16 (u sqrt R sqrt R + u J)) of the states before: R = 2 J.
  const double u = std::numeric_limits<double>::epsilon() / 2;
  EXPECT_NEAR(audited.state.rounding, 2 * 16 * u * 3 * (4 + 3), 1e-20);
}

TEST(StepAudit, KeepsTheLowestState) {
  Audited audited;
  audited.add(1, 4, 3);
  EXPECT_TRUE(audited.state.keep);
  audited.add(2, 3, 3.5);
  EXPECT_FALSE(audited.state.keep);
  EXPECT_EQ(audited.state.lowest, 3);
  audited.add(3, 3.5, 3);
  EXPECT_TRUE(audited.state.keep);
}

TEST(StepAudit, FirstEventEndsIt) {
  const double nan = std::nan("");
  Audited risen;
  risen.add(1, 4, 39.9);
  EXPECT_EQ(risen.state.event, AuditEvent::none);
  risen.add(2, 39.9, 40.1);
  EXPECT_EQ(risen.state.event, AuditEvent::objective_risen);
  EXPECT_FALSE(risen.state.keep);
  std::array<double, AuditState::count> then{}, later{};
  risen.state.store(then.data());
  risen.add(3, 40.1, 1);
  risen.add(4, 1, 1, 1, nan);
  risen.state.store(later.data());
  EXPECT_EQ(then, later);

  Audited lost;
  lost.add(1, 4, 3);
  lost.add(2, 3, nan);
  EXPECT_EQ(lost.state.event, AuditEvent::objective_not_finite);
  EXPECT_EQ(lost.state.number, 2);

  Audited failed;
  failed.add(1, 4, 3);
  failed.add(2, 3, nan, nan, nan);
  EXPECT_EQ(failed.state.event, AuditEvent::state_not_finite);
  EXPECT_EQ(failed.state.number, 1);  // the step was not made
  EXPECT_EQ(failed.state.energy.objective, 3);
  EXPECT_FALSE(failed.state.keep);
}

TEST(StepAudit, WithoutGuardJMayRise) {
  Audited audited;
  audited.rules.guarded = false;
  audited.add(1, 4, 4000);
  EXPECT_EQ(audited.state.event, AuditEvent::none);
}

TEST(StepAudit, StopRulesKeepTheStateThatMeetsThem) {
  Audited by_risk;
  by_risk.rules.stop_risk = 7;
  by_risk.add(1, 4, 3);
  by_risk.add(2, 3, 3.5);
  EXPECT_EQ(by_risk.state.event, AuditEvent::risk_reached);  // at the first
  EXPECT_EQ(by_risk.state.number, 1);

  Audited by_gradient;
  by_gradient.rules.stop_gradient = 2;
  by_gradient.add(1, 4, 3, 4.1);
  EXPECT_EQ(by_gradient.state.event, AuditEvent::none);
  by_gradient.add(2, 3, 3.5, 4);
  EXPECT_EQ(by_gradient.state.event, AuditEvent::gradient_reached);
  EXPECT_TRUE(by_gradient.state.keep);
}

TEST(StepAudit, SurvivesItsSlots) {
  Audited audited;
  audited.add(1, 4, 3);
  audited.add(2, 3, 2.75);
  std::array<double, AuditState::count> first{}, second{};
  audited.state.store(first.data());
  AuditState::load(first.data()).store(second.data());
  EXPECT_EQ(first, second);
}

}  // namespace
}  // namespace mckean
