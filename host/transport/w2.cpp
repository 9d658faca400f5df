// The public distance over compute_w2.
#include "mckean/w2.hpp"

#include <utility>

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
  all.sampled = options.sampled;
  all.divergence = options.divergence;
  all.antipodal = options.antipodal;
  all.psi = options.psi;
  return all;
}

Distance to_distance(W2Result result) {
  std::optional<SlicedDistance> sliced;
  if (result.sliced) {
    sliced = {result.sliced->sliced, result.sliced->standard_error, result.sliced->max_sliced};
  }
  return {result.w2,
          result.lower,
          result.upper,
          result.method,
          std::move(result.reason),
          result.converged,
          result.iterations,
          result.seconds,
          result.sampling_error,
          sliced,
          result.divergence,
          result.epsilon,
          std::move(result.psi)};
}

DiscreteMeasure to_measure(const Cloud& cloud, const char* name) {
  return make_measure(cloud.points, cloud.weights, cloud.name.empty() ? name : cloud.name);
}

Distance compute(const Cloud& a, const Cloud& b, const W2Options& options) {
  const DiscreteMeasure of_a = to_measure(a, "cloud a");
  const DiscreteMeasure of_b = to_measure(b, "cloud b");
  return to_distance(compute_w2(of_a, of_b, options));
}

}  // namespace

Distance distance(const Cloud& a, const Cloud& b, const DistanceOptions& options) {
  return compute(a, b, to_options(options));
}

Distance distance(const Flow& flow, const Cloud& a, const Cloud& b,
                  const DistanceOptions& options) {
  return compute(a, b, to_options(options, &detail::FlowEngine::of(flow).passes()));
}

Distance distance(const Flow& flow, const Cloud& target, const DistanceOptions& options) {
  return distance(flow, Cloud(flow.particles()), target, options);
}

Distance distance_to_uniform_circle(const Cloud& a, const DistanceOptions& options) {
  const W2Options checked = to_options(options);
  return to_distance(compute_w2_to_uniform(to_measure(a, "cloud"), checked));
}

}  // namespace mckean
