// The public distance over compute_w2.
#include "mckean/w2.hpp"

#include "host/flow/flow_engine.hpp"
#include "host/transport/distance.hpp"
#include "mckean/error.hpp"
#include "mckean/flow.hpp"

namespace mckean {
namespace {

W2Options to_options(const DistanceOptions& options, const PairPasses* passes = nullptr) {
  if (!(options.rtol >= 0 && options.rtol < 1) || !(options.time_limit > 0))
    throw InputError("distance: rtol must be at least 0 and below 1, the time limit above 0");
  W2Options all;
  all.method = options.method;
  all.cost = options.cost;
  all.rtol = options.rtol;
  all.threads = options.threads;
  all.passes = passes;
  all.seed = options.seed;
  all.time_limit = options.time_limit;
  return all;
}

Distance to_distance(const W2Result& result) {
  return {result.w2,        result.lower,      result.upper,   result.method,        result.reason,
          result.converged, result.iterations, result.seconds, result.sampling_error};
}

DiscreteMeasure to_measure(const Cloud& cloud, const char* name) {
  return make_measure(cloud.points, cloud.weights, name);
}

}  // namespace

Distance distance(const Cloud& a, const Cloud& b, const DistanceOptions& options) {
  return to_distance(
      compute_w2(to_measure(a, "cloud a"), to_measure(b, "cloud b"), to_options(options)));
}

Distance distance(const Flow& flow, const Cloud& target, const DistanceOptions& options) {
  return to_distance(compute_w2(to_measure(flow.particles(), "particles"),
                                to_measure(target, "target"),
                                to_options(options, &flow.engine().passes())));
}

Distance distance_to_uniform_circle(const Cloud& a, const DistanceOptions& options) {
  return to_distance(compute_w2_to_uniform(to_measure(a, "cloud"), to_options(options)));
}

}  // namespace mckean
