// Activations: values and derivatives against their definitions, finite differences, tails, names.
#include "mckean/formula/activation.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "reference/activation.hpp"

namespace mckean {
namespace {

using reference::all_activations;
using reference::ReferenceActivation;

template <class T>
T value(const AnyActivation& activation, T z) {
  return visit(activation, [z](const auto& functor) { return functor.value(z); });
}
template <class T>
T derivative(const AnyActivation& activation, T z) {
  return visit(activation, [z](const auto& functor) { return functor.derivative(z); });
}

// At most eight roundings of parts below 1 + |z| times the result or one.
template <class T>
void expect_definition() {
  for (const ReferenceActivation& expected : all_activations()) {
    const AnyActivation activation = find_activation(expected.name).value();
    for (int i = -240; i <= 240; ++i) {
      const T z = T(i) / T(16);
      const double exact = static_cast<double>(z);
      const double k = 8 * std::numeric_limits<T>::epsilon() * (1 + std::fabs(exact));
      EXPECT_NEAR(value(activation, z), expected.value(exact),
                  k * (1 + std::fabs(expected.value(exact))))
          << expected.name << " " << exact;
      EXPECT_NEAR(derivative(activation, z), expected.derivative(exact),
                  k * (1 + std::fabs(expected.derivative(exact))))
          << expected.name << " " << exact;
    }
  }
}

TEST(Activation, IsItsDefinitionInFloat) { expect_definition<float>(); }
TEST(Activation, IsItsDefinitionInDouble) { expect_definition<double>(); }

// Central differences with step h: h^2/6 sup|sigma'''| (below 2 for all) and 4 eps max|sigma|/h.
TEST(Activation, DerivativeIsThatOfTheValue) {
  const double h = 0x1p-17;
  for (const ReferenceActivation& expected : all_activations()) {
    const AnyActivation activation = find_activation(expected.name).value();
    for (double z = -5.03; z < 5; z += .13) {
      const double difference = (value(activation, z + h) - value(activation, z - h)) / (2 * h);
      const double bound = h * h + 4 * std::numeric_limits<double>::epsilon() * 30 / h;
      EXPECT_NEAR(derivative(activation, z), difference, bound) << expected.name << " " << z;
      EXPECT_GT(1e-3, bound);
    }
  }
}

TEST(Activation, DerivativeAtTheKinkIsThatBelow) {
  EXPECT_EQ(derivative(*find_activation("relu"), 0.0), 0);
  EXPECT_EQ(derivative(*find_activation("relu:0.25"), -.25), 0);
  EXPECT_EQ(derivative(*find_activation("leaky-relu:0.5"), 0.0), .5);
  EXPECT_EQ(derivative(*find_activation("abs"), 0.0), -1);
}

TEST(Activation, TailsAreFinite) {
  for (const ReferenceActivation& expected : all_activations()) {
    const AnyActivation activation = find_activation(expected.name).value();
    for (const float z : {-1e4f, -200.f, 200.f, 1e4f}) {
      EXPECT_TRUE(std::isfinite(value(activation, z))) << expected.name << " " << z;
      EXPECT_TRUE(std::isfinite(derivative(activation, z))) << expected.name << " " << z;
    }
  }
  const AnyActivation sigmoid = *find_activation("sigmoid");
  // In the tail the value is exp(z) to first order, with a few roundings.
  EXPECT_NEAR(value(sigmoid, -80.0) / std::exp(-80.0), 1, 1e-15);
  EXPECT_NEAR(value(*find_activation("softplus"), -80.0) / std::exp(-80.0), 1, 1e-15);
  EXPECT_EQ(value(*find_activation("softplus"), 200.0), 200);
  EXPECT_EQ(value(*find_activation("silu"), 200.0), 200);
  EXPECT_EQ(value(*find_activation("gelu"), 200.0), 200);
}

TEST(Activation, HasKnownValues) {
  // tanh(1), 1/(1 + 1/e), erf(1/sqrt 2), log(1 + e), and the last two from the second and third.
  EXPECT_NEAR(value(*find_activation("tanh"), 1.0), 0.76159415595576488812, 1e-15);
  EXPECT_NEAR(value(*find_activation("sigmoid"), 1.0), 0.73105857863000487926, 1e-15);
  EXPECT_NEAR(value(*find_activation("erf"), 1.0), 0.68268949213708589717, 1e-15);
  EXPECT_NEAR(value(*find_activation("softplus"), 1.0), 1.31326168751822283405, 1e-15);
  EXPECT_NEAR(value(*find_activation("silu"), 1.0), 0.73105857863000487926, 1e-15);
  EXPECT_NEAR(value(*find_activation("gelu"), 1.0), 0.84134474606854294859, 1e-15);
  EXPECT_EQ(value(*find_activation("square"), 3.0), 9);
  EXPECT_EQ(value(*find_activation("leaky-relu"), -1.0), -.01);
  EXPECT_EQ(value(*find_activation("leaky-relu:.2"), -1.0), -.2);
  EXPECT_EQ(value(*find_activation("abs"), -3.0), 3);
  EXPECT_EQ(value(*find_activation("relu:-1"), 3.0), 2);
}

TEST(Activation, UnknownNamesAreRefused) {
  for (const char* name : {"", "relu ", "ReLU", "relu:", "relu:x", "relu:1x", "relu:nan",
                           "relu:inf", "relu:1:2", "leaky-relu:", "tanh:1", "abs:1", ":1", "elu"}) {
    EXPECT_FALSE(find_activation(name).has_value()) << name;
  }
}

}  // namespace
}  // namespace mckean
