// How far the distance of samples may be from that of the laws they were drawn from.
#pragma once

#include <optional>
#include <vector>

#include "host/transport/discrete_measure.hpp"
#include "mckean/w2_method.hpp"

namespace mckean {

/// What a sample tells of the variance of a mean: Var(u)/n, for weights a with sum_i a_i^2 instead
/// of 1/n. It is itself an estimate, with a relative standard error of 1/sqrt(t) or so, where t =
/// n/kurtosis(u) is the number of equal terms (u_i - mean)^2 that would vary as much as these do.
/// Where tails are heavy t stays at 1 or 2 however many points there are: few points carry the
/// variance, and the ones that would matter most are not in the sample.
struct MeanVariance {
  double value = 0;
  bool reliable = true;  // t >= 10, or n/8 for fewer than 80 points
};

/// From the second and fourth central moments of u and sum_i a_i^2.
MeanVariance mean_variance(double square, double fourth, double squared_masses);

/// Parts of the variance of W2^2 between two samples: those of the means of its potentials u and p
/// (del Barrio and Loubes, Ann. Probab. 47, 2019).
struct SamplingVariance {
  MeanVariance first;
  MeanVariance second;
};

/// That of the mean of a potential under a measure.
MeanVariance sampling_variance(const DiscreteMeasure& measure,
                               const std::vector<double>& potential);

/// The standard error of W2 where that of W2^2 is s: sqrt(W2^2 + s) - W2, which is about s/(2 W2)
/// where that is small; empty where the variance of a sampled side is not reliable. The bias of
/// empirical measures is not in it: of order n^(-1/d) between two of them, of order 1/n against
/// fixed atoms.
std::optional<double> sampling_error(double w2, const SamplingVariance& variance, Sampled sampled);

}  // namespace mckean
