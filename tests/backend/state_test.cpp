// State operations against naive loops over sizes and settings; noise against its law.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "backend/on_backend.hpp"
#include "backend/test_backend.hpp"
#include "mckean/formula/motion.hpp"
#include "reference/state.hpp"

namespace mckean {
namespace {

using reference::PlaneState;
using test::all_specs;
using test::for_each_size;
using test::many;
using test::OnBackend;
using test::random_state;
using test::random_values;

constexpr double eps = std::numeric_limits<double>::epsilon();

using B = TestBackend<double>;

const B& backend() {
  static const B instance{};
  return instance;
}

// Count products and sums of each side: gamma_count of each, so 2 count u = count eps, with one
// more for safety.
TEST(State, LinearCombinationMatchesNaiveSums) {
  for (const std::size_t size : {std::size_t{1}, std::size_t{2}, std::size_t{31}, std::size_t{33}, many}) {
    std::vector<std::vector<double>> host;
    std::vector<OnBackend<B>> vectors;
    for (int t = 0; t < LinearTerms<B::space>::capacity; ++t) {
      host.push_back(random_values(size, 10 + t));
      vectors.emplace_back(backend(), host.back());
    }
    for (int count = 0; count <= LinearTerms<B::space>::capacity; ++count) {
      // aliased < count writes over that term, otherwise out is an array of its own.
      for (int aliased = 0; aliased <= count; ++aliased) {
        OnBackend<B> out(backend(), aliased < count ? host[aliased] : random_values(size, 99));
        LinearTerms<B::space> terms;
        for (int t = 0; t < count; ++t) {
          terms.add(.5 - t, t == aliased ? std::as_const(out).vector()
                                         : std::as_const(vectors[t]).vector());
        }
        backend().linear_combination(terms, out.vector());
        const std::vector<double> result = out.fetch();
        for (std::size_t i = 0; i < size; ++i) {
          double sum = 0;
          double magnitude = 0;
          for (int t = 0; t < count; ++t) {
            sum += (.5 - t) * host[t][i];
            magnitude += std::abs((.5 - t) * host[t][i]);
          }
          ASSERT_NEAR(result[i], sum, (count + 1) * eps * magnitude) << size << " " << count;
        }
      }
    }
  }
}

// |b| carries gamma_(d/2 + 2) on either side, the update four more roundings: k = d + 8 on terms
// below |v| + |c grad|.
TEST(State, RadialFieldMatchesNaiveGradient) {
  for_each_size([](std::size_t m, std::size_t d) {
    PlaneState w = random_state(m, d, 1);
    for (std::size_t k = 0; k < d; ++k) w.b(m / 2, k) = 0;
    const PlaneState v = random_state(m, d, 2);
    const OnBackend<B> on_w(backend(), w);
    for (const int power : {1, 2}) {
      OnBackend<B> on_v(backend(), v);
      backend().add_radial_field(-1.7, power, on_w.state(), on_v.state());
      const PlaneState result = on_v.fetch_state();
      for (std::size_t j = 0; j < m; ++j) {
        const double norm = w.norm(j);
        const double gradient_a = -1.7 * std::pow(norm, power);
        const double k_eps = static_cast<double>(d + 8) * eps;
        ASSERT_NEAR(result.a(j), v.a(j) + gradient_a,
                    k_eps * (std::abs(v.a(j)) + std::abs(gradient_a)));
        for (std::size_t k = 0; k < d; ++k) {
          const double along = power == 1 ? (norm > 0 ? 1 / norm : 0) : 2;
          const double gradient_b = -1.7 * w.a(j) * along * w.b(j, k);
          ASSERT_NEAR(result.b(j, k), v.b(j, k) + gradient_b,
                      k_eps * (std::abs(v.b(j, k)) + std::abs(gradient_b)));
        }
      }
    }
  });
}

// Each side has dot products of d terms (|b|^2 and b . v) and some eight more roundings, on terms
// no larger than |v_b| + lambda |grad r|: k = 2 d + 16.
TEST(State, FinishDriftMatchesNaiveDefinition) {
  for_each_size([](std::size_t m, std::size_t d) {
    PlaneState w = random_state(m, d, 3);
    w.a(m / 2) = 0;
    for (std::size_t k = 0; k < d && m > 2; ++k) w.b(m / 3, k) = 0;
    const PlaneState v = random_state(m, d, 4);
    const OnBackend<B> on_w(backend(), w);
    for (const FieldSpec& spec : all_specs()) {
      OnBackend<B> on_v(backend(), v);
      backend().finish_drift(spec, on_w.state(), on_v.state());
      const PlaneState result = on_v.fetch_state();
      const PlaneState expected = reference::finish_drift(spec, w, v);
      const double time = time_scale(spec.scaling, m);
      for (std::size_t j = 0; j < m; ++j) {
        double square = 0;
        for (std::size_t k = 0; k < d; ++k) square += v.b(j, k) * v.b(j, k);
        const double size =
            std::abs(v.a(j)) + std::sqrt(square) + spec.lambda * (std::abs(w.a(j)) + w.norm(j) + 1);
        const double bound = static_cast<double>(2 * d + 16) * eps * size * time;
        ASSERT_NEAR(result.a(j), expected.a(j), bound * spec.rate_a());
        for (std::size_t k = 0; k < d; ++k) {
          ASSERT_NEAR(result.b(j, k), expected.b(j, k), bound * spec.rate_b());
        }
      }
    }
  });
}

// J = 1/2 sum_i (f_i - y_i)^2 + lambda s sum_j r(w_j) for three samples, f_i = s sum_j a_j (c_i .
// b_j + e_i).
struct Toy {
  double scale;
  FieldSpec spec;
  double c[3][3] = {{.4, -1.1, .3}, {.9, .2, -.5}, {-.3, .6, 1.2}};
  double e[3] = {.3, -.2, .1};
  double y[3] = {1.3, -.4, .8};

  double psi(const PlaneState& w, std::size_t j, int i) const {
    double sum = e[i];
    for (std::size_t k = 0; k < 3; ++k) sum += c[i][k] * w.b(j, k);
    return sum;
  }
  double residual(const PlaneState& w, int i) const {
    double f = 0;
    for (std::size_t j = 0; j < w.m; ++j) f += scale * w.a(j) * psi(w, j, i);
    return f - y[i];
  }
  double objective(const PlaneState& w) const {
    double sum = 0;
    for (int i = 0; i < 3; ++i) sum += residual(w, i) * residual(w, i) / 2;
    for (std::size_t j = 0; j < w.m; ++j) {
      sum += spec.lambda * scale * reference::regularizer(spec.regularizer, w.a(j), w.norm(j));
    }
    return sum;
  }
  PlaneState raw_field(const PlaneState& w) const {
    PlaneState v(w.m, w.d);
    for (int i = 0; i < 3; ++i) {
      const double r = residual(w, i);
      for (std::size_t j = 0; j < w.m; ++j) {
        v.a(j) += r * psi(w, j, i);
        for (std::size_t k = 0; k < 3; ++k) v.b(j, k) += r * w.a(j) * c[i][k];
      }
    }
    return v;
  }
};

// -dJ/dt by the five-point difference along the drift (retracted on the sphere): error of order h^4
// = 1e-12 and eps/h = 2e-13, relative to J and its derivatives in h; 1e-8 leaves them room.
TEST(State, DissipationIsTheDecayOfTheObjective) {
  for (const FieldSpec& spec : all_specs()) {
    const std::size_t m = 7;
    PlaneState w = random_state(m, 3, 5);
    for (std::size_t j = 0; j < m; ++j) w.a(j) += w.a(j) > 0 ? .3 : -.3;
    if (spec.constraint == Constraint::sphere) reference::normalize(w);
    const Toy toy{output_scale(spec.scaling, m), spec};
    OnBackend<B> drift(backend(), toy.raw_field(w));
    backend().finish_drift(spec, OnBackend<B>(backend(), w).state(), drift.state());
    const double decay =
        dissipation_factor(spec.scaling, m) * test::dissipation<B>(backend(), spec, drift.state());
    const PlaneState direction = drift.fetch_state();
    double speed = 1;
    for (const double x : direction.values) speed = std::max(speed, std::abs(x));
    const double h = 1e-3 / speed;
    const auto after = [&](double time) {
      PlaneState moved = w;
      for (std::size_t i = 0; i < moved.values.size(); ++i) {
        moved.values[i] += time * direction.values[i];
      }
      if (spec.constraint == Constraint::sphere) reference::normalize(moved);
      return toy.objective(moved);
    };
    const double slope = (8 * (after(h) - after(-h)) - (after(2 * h) - after(-2 * h))) / (12 * h);
    EXPECT_NEAR(-slope, decay, 1e-8 * (decay + toy.objective(w)));
    EXPECT_GT(decay, 1e-3);
  }
}

TEST(State, NormalizeDirectionsGivesUnitVectorsOfTheSameDirection) {
  for_each_size([](std::size_t m, std::size_t d) {
    PlaneState w = random_state(m, d, 6);
    for (std::size_t k = 0; k < d; ++k) w.b(m / 2, k) = 0;
    OnBackend<B> on_w(backend(), w);
    backend().normalize_directions(on_w.state());
    const PlaneState result = on_w.fetch_state();
    PlaneState expected = w;
    reference::normalize(expected);
    for (std::size_t j = 0; j < m; ++j) {
      ASSERT_EQ(result.a(j), w.a(j));
      for (std::size_t k = 0; k < d; ++k) {
        // The norms differ by gamma_(d/2 + 1) on either side, the quotients by one rounding.
        ASSERT_NEAR(result.b(j, k), expected.b(j, k),
                    static_cast<double>(d + 4) * eps * std::abs(expected.b(j, k)));
      }
      ASSERT_NEAR(result.norm(j), j == m / 2 ? 0 : 1, static_cast<double>(d + 4) * eps);
    }
  });
}

TEST(State, NormThatOverflowsIsNoticed) {
  PlaneState w(1, 2);
  w.values = {1, 1e200, 1};
  OnBackend<B> on_w(backend(), w);
  backend().normalize_directions(on_w.state());
  EXPECT_FALSE(test::all_finite<B>(backend(), on_w.vector()));
}

PlaneState noise(const FieldSpec& spec, double amplitude, std::uint64_t seed, std::uint64_t step,
                 const PlaneState& w) {
  OnBackend<B> on_w(backend(), w);
  backend().add_noise(spec, amplitude, seed, step, on_w.state());
  PlaneState result = on_w.fetch_state();
  for (std::size_t i = 0; i < w.values.size(); ++i) result.values[i] -= w.values[i];
  return result;
}

// A component is normal_pair of its own (particle, component), so runs do not depend on m, d, train
// or back end. log, sqrt, cos and sin differ by a few ulp between libraries, on values below 9:
// 1e-14.
TEST(State, NoiseIsTheNormalPairOfItsComponent) {
  for_each_size([](std::size_t m, std::size_t d) {
    for (const Train train : {Train::both, Train::inner, Train::outer}) {
      FieldSpec spec;
      spec.train = train;
      spec.mobility_a = 4;
      spec.mobility_b = .25;
      const PlaneState added = noise(spec, .5, 21, 77, PlaneState(m, d));
      for (std::size_t j = 0; j < m; ++j) {
        for (std::size_t c = 0; c <= d; ++c) {
          const RandomPair pair = normal_pair(21, Purpose::noise, 77, j, c / 2);
          const double value = c % 2 == 0 ? pair.first : pair.second;
          const double rate =
              c == 0 ? (train == Train::inner ? 0 : 1) : (train == Train::outer ? 0 : .25);
          ASSERT_NEAR(added.values[c * m + j], rate * value, rate * 1e-14);
        }
      }
    }
  });
}

// Five standard deviations: sqrt(Var x^k / N) of independent normals, and 1/sqrt(N) for products of
// two of them.
TEST(State, NoiseIsNormalAndIndependent) {
  const std::size_t m = many;
  const std::size_t d = 3;
  const PlaneState zero(m, d);
  const PlaneState now = noise({}, 1, 5, 100, zero);
  const PlaneState next = noise({}, 1, 5, 101, zero);
  const PlaneState other = noise({}, 1, 6, 100, zero);
  const auto n = static_cast<double>(now.values.size());
  double moment[5] = {};
  double step = 0;
  double seed = 0;
  double particle = 0;
  double component = 0;
  for (std::size_t i = 0; i < now.values.size(); ++i) {
    const double x = now.values[i];
    for (int k = 1; k <= 4; ++k) moment[k] += std::pow(x, k) / n;
    step += x * next.values[i] / n;
    seed += x * other.values[i] / n;
    particle += x * now.values[(i + 1) % now.values.size()] / n;
    component += x * now.values[(i + m) % now.values.size()] / n;
  }
  EXPECT_LT(std::abs(moment[1]), 5 / std::sqrt(n));
  EXPECT_LT(std::abs(moment[2] - 1), 5 * std::sqrt(2 / n));
  EXPECT_LT(std::abs(moment[3]), 5 * std::sqrt(15 / n));
  EXPECT_LT(std::abs(moment[4] - 3), 5 * std::sqrt(96 / n));
  for (const double correlation : {step, seed, particle, component}) {
    EXPECT_LT(std::abs(correlation), 5 / std::sqrt(n));
  }
}

// On the sphere the noise of b has no part along b and, in total, the variance d - 1 of the tangent
// plane.
TEST(State, NoiseIsTangentToTheSphere) {
  for_each_size([](std::size_t m, std::size_t d) {
    FieldSpec spec;
    spec.constraint = Constraint::sphere;
    spec.mobility_b = 4;
    PlaneState w = random_state(m, d, 8);
    reference::normalize(w);
    const PlaneState added = noise(spec, .5, 9, 2, w);
    double variance = 0;
    for (std::size_t j = 0; j < m; ++j) {
      double along = 0;
      double square = 0;
      for (std::size_t k = 0; k < d; ++k) {
        along += w.b(j, k) * added.b(j, k);
        square += added.b(j, k) * added.b(j, k);
      }
      variance += square / static_cast<double>(m);
      // |xi| <= 8.6 sqrt(d); dot products of d terms thrice, and b + noise rounded at |b| <= 1 +
      // |noise|.
      const double size = 8.6 * std::sqrt(static_cast<double>(d)) + 1;
      ASSERT_LT(std::abs(along), static_cast<double>(3 * d + 8) * eps * size);
    }
    const auto tangent = static_cast<double>(d - 1);
    ASSERT_NEAR(variance, tangent, 5 * std::sqrt(2 * tangent / static_cast<double>(m)) + 1e-14)
        << "m = " << m << ", d = " << d;
  });
}

/// Every state operation in a row, as bits to compare.
template <class AnyBackend>
std::vector<double> all_operations(const AnyBackend& any, const FieldSpec& spec) {
  const PlaneState w = random_state(many, 5, 11);
  OnBackend<AnyBackend> on_w(any, w);
  OnBackend<AnyBackend> on_v(any, random_state(many, 5, 12));
  any.normalize_directions(on_w.state());
  any.add_radial_field(.3, 1, on_w.state(), on_v.state());
  any.finish_drift(spec, on_w.state(), on_v.state());
  any.add_noise(spec, .1, 1, 2, on_w.state());
  LinearTerms<AnyBackend::space> terms;
  terms.add(1, std::as_const(on_w).vector());
  terms.add(.01, std::as_const(on_v).vector());
  any.linear_combination(terms, on_w.vector());
  return on_w.fetch();
}

TEST(State, FieldPrecisionDoesNotTouchTheState) {
  const TestBackend<float> single{};
  for (const FieldSpec& spec : all_specs()) {
    ASSERT_EQ(all_operations(single, spec), all_operations(backend(), spec));
  }
}

#ifdef MCKEAN_TEST_CPU
TEST(State, SameBitsAtAnyThreadCount) {
  for (const FieldSpec& spec : all_specs()) {
    const std::vector<double> one = all_operations(B(1), spec);
    ASSERT_EQ(one, all_operations(B(2), spec));
    ASSERT_EQ(one, all_operations(B(3), spec));
  }
}
#endif

}  // namespace
}  // namespace mckean
