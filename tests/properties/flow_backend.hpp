// The back end whose flows this program tests, and the flows on it, which flows.cpp instantiates
// once for all programs of that back end.
#pragma once

#include <concepts>
#include <memory>
#include <vector>

#include "backend/test_backend.hpp"
#include "host/flow/integrate.hpp"
#include "host/flow/minibatch.hpp"
#include "host/flow/online.hpp"
#include "host/flow/planar.hpp"
#include "host/flow/population.hpp"
#include "host/flow/sampled_data.hpp"
#include "properties/traffic.hpp"
#ifdef MCKEAN_TEST_SEPARATE
#include "properties/separate_memory.hpp"
#endif

namespace mckean::test {

#if defined(MCKEAN_TEST_SEPARATE)
using FlowBackend = SeparateMemory;
#elif defined(MCKEAN_TEST_FLOAT)
using FlowBackend = TestBackend<float>;
#else
using FlowBackend = TestBackend<double>;
#endif

/// A back end that counts what is asked of it, and whose readings can come late.
template <class B>
concept CountingBackend = requires(const B& backend) {
  { backend.traffic() } -> std::same_as<const Traffic&>;
};

/// Fields are computed in double.
inline constexpr bool in_double = std::same_as<FlowBackend::Real, double>;

#ifdef MCKEAN_TEST_EMULATED
inline constexpr bool emulated = true;
#else
inline constexpr bool emulated = false;
#endif
/// A size of a test; on the block emulator, where an evaluation takes milliseconds, a smaller one.
template <class T>
constexpr T sized(T usual, T where_emulated) {
  return emulated ? where_emulated : usual;
}

/// On the CPU of one thread.
template <class B = FlowBackend>
B make_backend() {
  if constexpr (B::space == Space::host) {
    return B(1);
  } else {
    return B();
  }
}
inline const FlowBackend& backend() {
  static const FlowBackend instance = make_backend();
  return instance;
}

}  // namespace mckean::test

namespace mckean {

#define MCKEAN_FLOWS(EXTERN)                                                      \
  EXTERN template class SampledData<test::FlowBackend>;                           \
  EXTERN template class MiniBatch<test::FlowBackend>;                             \
  EXTERN template class Online<test::FlowBackend>;                                \
  EXTERN template class Planar<test::FlowBackend>;                                \
  EXTERN template class Population<test::FlowBackend>;                            \
  EXTERN template class Dopri5<test::FlowBackend>;                                \
  EXTERN template class Rkc<test::FlowBackend>;                                   \
  EXTERN template std::unique_ptr<Integrator<test::FlowBackend>> make_integrator( \
      GradientFlow<test::FlowBackend>&, const IntegratorSpec&,                    \
      Particles<const double, test::FlowBackend::space>);                         \
  EXTERN template IntegrationResult integrate(                                    \
      GradientFlow<test::FlowBackend>&, const IntegratorSpec&,                    \
      Particles<double, test::FlowBackend::space>, const std::vector<double>&,    \
      const IntegrateCallbacks&, const Field<test::FlowBackend>*);
MCKEAN_FLOWS(extern)

}  // namespace mckean
