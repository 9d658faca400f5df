// The public distance over compute_w2.
#include "mckean/w2.hpp"

#include "host/flow/flow_engine.hpp"
#include "host/transport/distance.hpp"
#include "mckean/error.hpp"
#include "mckean/flow.hpp"

namespace mckean {
namespace {

W2Options checked(const DistanceOptions& options, const PairPasses* passes = nullptr) {
  if (!(options.rtol >= 0 && options.rtol < 1) || !(options.time_limit > 0))
    throw InputError("distance: rtol must be at least 0 and below 1, the time limit above 0");
  W2Options all{options};
  all.passes = passes;
  return all;
}

DiscreteMeasure to_measure(const Cloud& cloud, const char* name) {
  return make_measure(cloud.points, cloud.weights, cloud.name.empty() ? name : cloud.name);
}

Distance compute(const Cloud& a, const Cloud& b, const W2Options& options) {
  return compute_w2(to_measure(a, "cloud a"), to_measure(b, "cloud b"), options);
}

}  // namespace

Distance distance(const Cloud& a, const Cloud& b, const DistanceOptions& options) {
  return compute(a, b, checked(options));
}

Distance distance(const Flow& flow, const Cloud& a, const Cloud& b,
                  const DistanceOptions& options) {
  return compute(a, b, checked(options, &detail::FlowEngine::of(flow).passes()));
}

Distance distance(const Flow& flow, const Cloud& target, const DistanceOptions& options) {
  return distance(flow, Cloud(flow.particles()), target, options);
}

Distance distance_to_uniform_circle(const Cloud& a, const DistanceOptions& options) {
  return compute_w2_to_uniform(to_measure(a, "cloud"), checked(options));
}

}  // namespace mckean
