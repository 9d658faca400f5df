// The state kernels over the block emulator against naive loops.
#include <gtest/gtest.h>

#include "emulation/random_state.hpp"
#include "kernels/cuda/state_kernels.cuh"
#include "reference/state.hpp"

namespace mckean::emulation {
namespace {

using reference::PlaneState;

template <class Use>
void for_each_size(const Use& use) {
  std::size_t next = 0;
  for (const std::size_t m : {1, 31, 33, 130, 600}) {
    for (const std::size_t d : {1, 2, 17}) use(m, d, orders[next++ % orders.size()]);
  }
}

TEST(EmulatedState, CombinationOfUpToEightTerms) {
  for_each_size([](std::size_t m, std::size_t d, Order order) {
    std::vector<PlaneState> terms;
    cuda::CombineArgs args{8, {}, {}, nullptr, m * (1 + d)};
    for (unsigned t = 0; t < 8; ++t) terms.push_back(random_state(m, d, t));
    for (unsigned t = 0; t < 8; ++t) {
      args.coefficient[t] = .5 - t;
      args.vector[t] = terms[t].values.data();
    }
    PlaneState out = terms[3];  // may be one of the terms
    args.vector[3] = args.out = out.values.data();
    run(order, args.count, args);
    for (std::size_t i = 0; i < args.count; ++i) {
      double sum = 0, size = 0;
      for (unsigned t = 0; t < 8; ++t) {
        sum += (.5 - t) * terms[t].values[i];
        size += std::abs((.5 - t) * terms[t].values[i]);
      }
      ASSERT_NEAR(out.values[i], sum, 10 * eps * size);
    }
  });
}

// A drift is a few operations on sums of d products of numbers up to 2.
TEST(EmulatedState, DriftOfEverySpecification) {
  for_each_size([](std::size_t m, std::size_t d, Order order) {
    for (const Constraint constraint : {Constraint::none, Constraint::sphere}) {
      for (const Regularizer regularizer :
           {Regularizer::none, Regularizer::path, Regularizer::l2}) {
        for (const Train train : {Train::both, Train::inner, Train::outer}) {
          const FieldSpec spec{Scaling::ntk, train, constraint, regularizer, .3, 1.5, .5};
          const PlaneState w = random_state(m, d, 1);
          PlaneState v = random_state(m, d, 2);
          const PlaneState expected = reference::finish_drift(spec, w, v);
          run(order, m, cuda::DriftArgs{Motion(spec, m), w.values.data(), v.values.data(), m, d});
          for (std::size_t i = 0; i < v.values.size(); ++i) {
            ASSERT_NEAR(v.values[i], expected.values[i], 100 * static_cast<double>(d + 8) * eps);
          }
        }
      }
    }
  });
}

TEST(EmulatedState, NormalizationAndTheRadialField) {
  for_each_size([](std::size_t m, std::size_t d, Order order) {
    PlaneState w = random_state(m, d, 3);
    for (std::size_t k = 0; k < d; ++k) w.b(m / 2, k) = 0;
    for (const int power : {1, 2}) {
      const PlaneState before = random_state(m, d, 4);
      PlaneState v = before;
      run(order, m, cuda::RadialArgs{-.7, power, w.values.data(), v.values.data(), m, d});
      for (std::size_t j = 0; j < m; ++j) {
        const double norm = w.norm(j);
        const double slope = power == 2 ? 2 : (norm == 0 ? 0 : 1 / norm);
        const double tolerance = static_cast<double>(d + 8) * 20 * eps;
        ASSERT_NEAR(v.a(j), before.a(j) - .7 * std::pow(norm, power), tolerance);
        for (std::size_t k = 0; k < d; ++k) {
          ASSERT_NEAR(v.b(j, k), before.b(j, k) - .7 * w.a(j) * slope * w.b(j, k), tolerance);
        }
      }
    }
    PlaneState unit = w;
    reference::normalize(unit);
    run(order, m, cuda::NormalizeArgs{w.values.data(), m, d});
    for (std::size_t i = 0; i < w.values.size(); ++i) {
      ASSERT_NEAR(w.values[i], unit.values[i], static_cast<double>(d + 4) * eps);
    }
  });
}

// Component c of a particle's noise is value c % 2 of Philox block c/2; on the sphere it loses what
// is along b.
TEST(EmulatedState, NoiseIsThatOfTheFormula) {
  for_each_size([](std::size_t m, std::size_t d, Order order) {
    for (const bool sphere : {false, true}) {
      const PlaneState before = random_state(m, d, 5);
      PlaneState w = before;
      run(order, m, cuda::NoiseArgs{.3, .2, sphere, 9, 4, w.values.data(), m, d});
      for (std::size_t j = 0; j < m; ++j) {
        std::vector<double> noise;
        for (std::size_t lane = 0; lane <= d / 2; ++lane) {
          const RandomPair pair = noise_pair(9, 4, j, lane);
          noise.insert(noise.end(), {pair.first, pair.second});
        }
        double along = 0;
        for (std::size_t k = 0; sphere && k < d; ++k) along += noise[1 + k] * before.b(j, k);
        const double norm = before.norm(j);
        ASSERT_NEAR(w.a(j), before.a(j) + .3 * noise[0], 8 * eps);
        for (std::size_t k = 0; k < d; ++k) {
          const double tangent = noise[1 + k] - along / (norm * norm) * before.b(j, k);
          ASSERT_NEAR(w.b(j, k), before.b(j, k) + .2 * tangent,
                      1e-14 * (1 + std::abs(along / norm)));
        }
      }
    }
  });
}

}  // namespace
}  // namespace mckean::emulation
