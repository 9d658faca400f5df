// An activation, a regulariser and a teacher of a user's own.
#include <gtest/gtest.h>

#include <limits>

#include "mckean/device_code.hpp"
#include "mckean/flow.hpp"
#include "problem.hpp"
#include "reference/sampled_field.hpp"

namespace mckean {
namespace {

using Method = IntegratorSpec::Method;

/// sin(rate z): a functor with a value of its own.
struct Sine {
  double rate = 1;
  template <class T>
  MCKEAN_HD T value(T z) const {
    return std::sin(T(rate) * z);
  }
  template <class T>
  MCKEAN_HD T derivative(T z) const {
    return T(rate) * std::cos(T(rate) * z);
  }
};

/// a^2 |b|^2 + a^2/2, smooth and not convex.
struct Quartic {
  MCKEAN_HD double value(double a, double n) const { return a * a * n * n + a * a / 2; }
  MCKEAN_HD RadialGradient gradient(double a, double n) const {
    return {2 * a * n * n + a, 2 * a * a};
  }
};
struct WeightDecay {
  MCKEAN_HD double value(double a, double n) const { return (a * a + n * n) / 2; }
  MCKEAN_HD RadialGradient gradient(double a, double) const { return {a, 1}; }
};

const reference::ReferenceActivation double_sine{"sine", [](double z) { return std::sin(2 * z); },
                                                 [](double z) { return 2 * std::cos(2 * z); },
                                                 [](double) { return 2.0; }, 4};

using B = test::FlowBackend;

/// With code for the back end at hand. On a GPU that is backend/own_activation.cu's.
template <class A>
ModelActivation own_activation(const A& functor) {
  if constexpr (B::space == Space::host) {
    return functor;
  } else {
    auto both = std::make_shared<detail::OwnedActivation<A>>(functor);
    both->on_device_in_double = detail::activation_on<B, A>();
    return ModelActivation(both);
  }
}
template <class R>
ModelRegularizer own_regularizer(const R& functor) {
  auto both = std::make_shared<detail::OwnedRegularizer<R>>(functor);
  if constexpr (B::space == Space::device) {
    both->values_on_device = [](const void* r, const RegularizedParticles& w, void*, double* out) {
      for (std::size_t j = 0; j < w.m; ++j) out[j] = w.value(*static_cast<const R*>(r), j);
    };
    both->add_gradient_on_device = [](const void* r, const RegularizedParticles& w, void*,
                                      double* v) {
      for (std::size_t j = 0; j < w.m; ++j) w.add_gradient(*static_cast<const R*>(r), j, v);
    };
  }
  return ModelRegularizer(both);
}

/// The field of `activation` against the naive loops.
void expect_field(const AnyActivation& activation) {
  const B& backend = test::backend();
  const test::SmoothData data;
  const ParticleArray w = test::gaussian_particles(333, data.d);
  const double s = 1. / 333;
  reference::SampleSet set{data.n, data.d, data.x, data.y};
  for (double& value : set.x) value = static_cast<typename B::Real>(value);
  const double u = std::numeric_limits<typename B::Real>::epsilon() / 2;
  const auto expected = reference::sampled_field(double_sine, test::planes(w), s, set, u, 512);
  const SampledData<B> field(backend, activation, Scaling::mean_field, test::as_view(set.x),
                             test::as_view(data.y), data.d);
  auto at = backend.template allocate<double>(w.values.size());
  auto v = backend.template allocate<double>(w.values.size());
  auto risk = backend.template allocate<double>(1);
  backend.copy(test::as_view(w.values), at.view());
  const Particles<const double, B::space> state(std::as_const(at).view(), w.m, w.d);
  field.velocity(state, {v.view(), w.m, w.d}, 0, risk.view());
  std::vector<double> found(w.values.size());
  backend.copy(std::as_const(v).view(), HostView<double>(found.data(), found.size()));
  for (std::size_t i = 0; i < found.size(); ++i)
    EXPECT_NEAR(found[i], expected.v.values[i], expected.v_bound.values[i]) << i;
  double mean_square = 0;
  backend.read(std::as_const(risk).view(), {&mean_square, 1});
  EXPECT_NEAR(mean_square, expected.mean_square, expected.mean_square_bound);
  EXPECT_NEAR(field.risk(state), expected.mean_square, expected.mean_square_bound);
}

TEST(OwnActivation, HasTheFieldOfItsDefinition) { expect_field(own_activation(Sine{2})); }

// What rounding may do to f is known of constants too.
TEST(OwnActivation, IsNotTakenToVanishAtZero) {
  struct Cosine {
    float value(float z) const { return std::cos(z); }
    double value(double z) const { return std::cos(z); }
    float derivative(float z) const { return -std::sin(z); }
    double derivative(double z) const { return -std::sin(z); }
  };
  const test::SmoothData data;
  const auto at_zero = [&](const ModelActivation& activation) {
    return data.field(activation).scale().at_zero;
  };
  EXPECT_EQ(at_zero(Cosine{}), 1);
  EXPECT_EQ(at_zero(Sine{2}), 0);
  EXPECT_EQ(at_zero(*find_activation("sigmoid")), .5);
}

TEST(OwnActivation, OnADeviceNeedsCodeForIt) {
  const ModelActivation host_only = Sine{2};
  if (B::space == Space::host) {
    expect_field(host_only);
  } else {
    EXPECT_THROW(expect_field(host_only), InputError);
  }
}

TEST(OwnActivation, OfATeacherIsEvaluatedValueByValue) {
  const ModelActivation own = Sine{2};
  const Teacher teacher = make_neurons(3, 2, 4);
  const std::vector<double> x{.3, -1, 2, .5};
  const std::vector<double> f = teacher.evaluate(own, x, 2);
  for (std::size_t i = 0; i < 2; ++i) {
    double sum = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      const auto atoms = teacher.atoms.view();
      sum += std::sin(2 * (atoms.b(0)[k] * x[2 * i] + atoms.b(1)[k] * x[2 * i + 1])) / 3;
    }
    EXPECT_NEAR(f[i], sum, 1e-15);
  }
  // E sin(b . x) = 0 over the circle.
  EXPECT_NEAR(make_uniform_sphere_teacher(2).evaluate(own, x, 2)[0], 0, 1e-14);
  EXPECT_FALSE(pair_kernel(own, DataLaw::gaussian, 2));
}

FieldSpec spec_of(const ModelRegularizer& regularizer, Constraint constraint = Constraint::none) {
  Model model;
  model.regularizer = regularizer;
  model.lambda = .05;
  model.constraint = constraint;
  return model.spec();
}

// The same flow as that of the library's, but for the order of a few roundings.
TEST(OwnRegularizer, WeightDecayIsThatOfTheLibrary) {
  const test::SmoothData data;
  const auto field = data.field();
  const ModelRegularizer own = own_regularizer(WeightDecay{}), known = Regularizer::l2;
  for (const Constraint constraint : {Constraint::none, Constraint::sphere}) {
    for (const Method method : {Method::rk4, Method::proximal}) {
      const IntegratorSpec integrator = test::integrator_of(method, .1, 1e-9);
      const ParticleArray start = test::gaussian_particles(30, data.d);
      const test::Run one = test::run(field, spec_of(own, constraint), integrator, start, {0, 1});
      const test::Run two = test::run(field, spec_of(known, constraint), integrator, start, {0, 1});
      const double tolerance = method == Method::proximal ? 1e-7 : 1e-12;
      EXPECT_LT(test::distance(one.particles, two.particles), tolerance);
      for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_NEAR(one.records[i].objective, two.records[i].objective, tolerance);
        EXPECT_NEAR(one.records[i].dissipation, two.records[i].dissipation, tolerance);
      }
    }
  }
}

// J is what its definition says, and falls by what is dissipated: grad r is the gradient of r.
TEST(OwnRegularizer, KeepsTheEnergyIdentity) {
  const test::SmoothData data;
  const auto field = data.field();
  const ModelRegularizer own = own_regularizer(Quartic{});
  const ParticleArray start = test::gaussian_particles(30, data.d);
  for (const Method method : {Method::dopri5, Method::rkc}) {
    const double rtol = test::sized(1e-6, 1e-4);
    const test::Run run =
        test::run(field, spec_of(own), test::adaptive(rtol, method), start, {0, 1, 3});
    EXPECT_EQ(run.result.outcome, Outcome::finished) << run.result.message;
    double sum = 0;
    for (std::size_t j = 0; j < start.m; ++j) {
      double squared = 0;
      for (std::size_t k = 0; k < data.d; ++k) squared += std::pow(start.view().b(k)[j], 2);
      sum += std::pow(start.values[j], 2) * (squared + .5);
    }
    const Record& first = run.records.front();
    EXPECT_NEAR(first.objective, first.risk / 2 + .05 * sum / 30, 1e-13);
    EXPECT_LT(std::abs(*run.records.back().energy_residual), 10 * rtol);
    EXPECT_LT(run.records.back().objective, .8 * first.objective);
  }
}

TEST(OwnRegularizer, OnADeviceNeedsCodeForIt) {
  const test::SmoothData data;
  const auto field = data.field();
  const ModelRegularizer host_only = Quartic{};
  const auto make = [&] {
    GradientFlow<B>(test::backend(), field, spec_of(host_only), 30, data.d);
  };
  if (B::space == Space::host) {
    EXPECT_NO_THROW(make());
  } else {
    EXPECT_THROW(make(), InputError);
  }
}

}  // namespace
}  // namespace mckean
