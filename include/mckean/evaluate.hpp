// The objective, the risk and the velocity of given particles, without a flow.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "mckean/device.hpp"
#include "mckean/model.hpp"
#include "mckean/particle_array.hpp"
#include "mckean/problem.hpp"

namespace mckean {

struct EvaluationOptions {
  DeviceChoice device;  // InputError where it is not here, or this library has no code for it
  Precision precision = Precision::float64;
  int threads = 0;           // of the CPU; 0: all. Results are the same bits for any number
  std::uint64_t repeat = 1;  // evaluations, for `seconds`; 0 counts as 1
};

struct Evaluation {
  double objective = 0;  // J = R/2 + lambda s sum_j r(w_j)
  double risk = 0;       // R = E (f - y)^2
  /// Of the test data, of the law that samples were drawn from, or R itself where the problem is a
  /// law; empty where there is neither, or the closed form would need more than 1e10 pairs.
  std::optional<double> test_risk;
  /// v of Model at each particle, (a, b), after `train`, mobilities and the projection on the
  /// sphere: the flow is dw/dt = -T v with the T of Model.
  ParticleArray velocity;
  double seconds = 0;  // of the evaluation of J, R and v: the median
  std::string device;  // as Flow::device()
};

/// m particles in the dimension of the problem, m not 0; b is taken as it is, on the sphere too.
/// InputError, with a remedy, where problem, model, particles and device do not fit together (as
/// for Flow), or the law has no closed form; Interrupted or OutOfTime where these were asked for
/// (mckean/interruption.hpp); std::runtime_error for a device that fails.
Evaluation evaluate(const Problem& problem, const Model& model, const ParticleArray& particles,
                    const EvaluationOptions& options = {});

}  // namespace mckean
