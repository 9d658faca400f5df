// What is known of the flow at a record time: a row of metrics.csv.
#pragma once

#include <cstdint>
#include <optional>

namespace mckean {

/// s, r and pi as in Model; E over the data of training, or the law.
struct Record {
  double t = 0;
  std::uint64_t step = 0;
  double objective = 0;             // J
  double risk = 0;                  // R = E (f - y)^2
  std::optional<double> test_risk;  // where the problem has test data or a law
  double dissipation = 0;           // int |v^|^2 dpi, over all the data
  /// (J(0) - J(t) - accumulated dissipation)/(J(0) - J(t)), 0 where both are 0; empty for
  /// stochastic runs.
  std::optional<double> energy_residual;
  std::optional<double> w2;        // to the target, filled by the caller where it has a meaning
  std::optional<double> w2_lower;  // proved: w2_lower <= W2 <= w2_upper
  std::optional<double> w2_upper;
  std::optional<double> w2_antipodal;  // of the antipodal symmetrisation
  double path_norm = 0;                // s sum |a||b|
  double n_eff = 0;                    // (sum |a||b|)^2 / sum (|a||b|)^2
  std::uint64_t rejected = 0;          // steps tried and given up
  std::uint64_t evaluations = 0;       // velocity evaluations of the flow itself
  bool interrupted = false;  // the point where an interruption came: nothing long is to be computed
};

}  // namespace mckean
