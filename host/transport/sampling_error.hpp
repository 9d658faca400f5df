// How far the distance of samples may be from that of the laws they were drawn from.
#pragma once

#include <vector>

#include "host/transport/discrete_measure.hpp"

namespace mckean {

/// Which clouds are samples of a law; the others are what they are.
enum class Sampled { both, first, second };

/// Parts of the variance of W2^2 between two samples of n and M points, Var(u)/n and Var(p)/M with
/// the potentials u and p (del Barrio and Loubes, Ann. Probab. 47, 2019); for weights a the 1/n is
/// sum_i a_i^2.
struct SamplingVariance {
  double first = 0;
  double second = 0;
};

/// Var(u) sum_i a_i^2 for the weights a of a measure.
double sampling_variance(const DiscreteMeasure& measure, const std::vector<double>& potential);

/// The standard error of W2 where that of W2^2 is s: sqrt(W2^2 + s) - W2, which is about s/(2 W2)
/// where that is small. The bias of empirical measures is not in it: of order n^(-1/d) between two
/// of them, of order 1/n against fixed atoms.
double sampling_error(double w2, const SamplingVariance& variance, Sampled sampled);

}  // namespace mckean
