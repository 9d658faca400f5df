// The method of W2 that `auto` takes, by dimension, cost and numbers of points.
#include "host/transport/choose_method.hpp"

namespace mckean {
namespace {

std::string sizes(const DiscreteMeasure& a, const DiscreteMeasure& b) {
  return std::to_string(a.n) + " x " + std::to_string(b.n) + " points in dimension " +
         std::to_string(a.d);
}

/// How many points of equal weights have the same sum of squared weights.
double effective_size(const DiscreteMeasure& measure) {
  double squares = 0;
  for (const double weight : measure.weights) squares += weight * weight;
  return 1.001 / squares;
}

}  // namespace

W2Method choose_w2_method(const DiscreteMeasure& a, const DiscreteMeasure& b, GroundCost cost,
                          std::string& reason) {
  if (a.d == 1 && cost == GroundCost::euclidean) {
    reason = "points of a line are coupled in their order";
    return W2Method::line;
  }
  if (a.d == 2 && cost == GroundCost::geodesic) {
    reason = "points of the circle are coupled in their cyclic order";
    return W2Method::circle;
  }
  const DiscreteMeasure& fewer = a.n < b.n ? a : b;
  const DiscreteMeasure& more = a.n < b.n ? b : a;
  const double points = effective_size(more);
  if (fewer.n <= 4000 && points >= 20000 && points >= 64 * static_cast<double>(fewer.n)) {
    reason = sizes(a, b) + ": many points to few atoms";
    return W2Method::semidiscrete;
  }
  reason = sizes(a, b) + ": the transport problem itself can be solved";
  return W2Method::exact;
}

}  // namespace mckean
