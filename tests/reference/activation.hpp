// The activations straight from their definitions in double, with what error bounds need to know of
// them.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace mckean::reference {

struct ReferenceActivation {
  std::string name;  // as on the command line
  double (*value)(double);
  double (*derivative)(double);
  // |sigma'| where |z| <= reach, and |sigma''| away from the kink.
  double (*slope)(double reach);
  double curvature;
  // Piecewise linear: kink where z = -offset, and |below| + |above - below|. jump 0: smooth.
  double offset = 0;
  double jump = 0;
};

inline double normal_density(double z) {
  return std::exp(-z * z / 2) / std::sqrt(2 * 3.14159265358979323846);
}
inline double normal_distribution(double z) { return .5 * std::erfc(-z / std::sqrt(2.0)); }
inline double logistic(double z) { return 1 / (1 + std::exp(-z)); }
inline double logistic_slope(double z) { return logistic(z) * logistic(-z); }

inline std::vector<ReferenceActivation> all_activations() {
  using D = double;
  const auto one = [](D) { return 1.0; };
  return {
      {"relu", [](D z) { return std::max(z, 0.0); }, [](D z) { return z > 0 ? 1.0 : 0.0; }, one, 0,
       0, 1},
      {"relu:0.25", [](D z) { return std::max(z + .25, 0.0); },
       [](D z) { return z + .25 > 0 ? 1.0 : 0.0; }, one, 0, .25, 1},
      {"leaky-relu", [](D z) { return z > 0 ? z : .01 * z; }, [](D z) { return z > 0 ? 1.0 : .01; },
       one, 0, 0, 1},
      {"leaky-relu:-0.5", [](D z) { return z > 0 ? z : -.5 * z; },
       [](D z) { return z > 0 ? 1.0 : -.5; }, one, 0, 0, 2},
      {"abs", [](D z) { return std::fabs(z); }, [](D z) { return z > 0 ? 1.0 : -1.0; }, one, 0, 0,
       3},
      {"tanh", [](D z) { return std::tanh(z); },
       [](D z) { return 1 / (std::cosh(z) * std::cosh(z)); }, one, .77},
      {"sigmoid", logistic, logistic_slope, [](D) { return .25; }, .1},
      {"erf", [](D z) { return std::erf(z / std::sqrt(2.0)); },
       [](D z) { return 2 * normal_density(z); }, [](D) { return .8; }, .49},
      {"softplus", [](D z) { return std::max(z, 0.0) + std::log1p(std::exp(-std::fabs(z))); },
       logistic, one, .25},
      {"silu", [](D z) { return z * logistic(z); },
       [](D z) { return logistic(z) + z * logistic_slope(z); }, [](D) { return 1.1; }, .5},
      {"gelu", [](D z) { return z * normal_distribution(z); },
       [](D z) { return normal_distribution(z) + z * normal_density(z); }, [](D) { return 1.13; },
       .8},
      {"square", [](D z) { return z * z; }, [](D z) { return 2 * z; },
       [](D reach) { return 2 * reach; }, 2},
  };
}

}  // namespace mckean::reference
