// Sliced and max-sliced distances of two measures.
#pragma once

#include <cstddef>
#include <cstdint>

#include "host/transport/deadline.hpp"
#include "host/transport/discrete_measure.hpp"
#include "mckean/w2.hpp"

namespace mckean {

struct SlicedOptions {
  std::size_t projections = 100;  // at least; frames are kept whole
  std::uint64_t seed = 0;
  int threads = 0;  // 0: all; their number does not show in a result
  Deadline deadline = {};
};

/// For the euclidean cost, with a bound whose rounding is taken off: lower <= W2. `max_sliced` is
/// the exact distance along one direction, so that max_sliced <= the maximum over all directions <=
/// W2, within rounding only. `sliced` is an estimate, and `standard_error` one of its error.
struct SlicedDistances : SlicedDistance {
  double lower = 0;  // of W2: the best frame, or the best direction
  std::size_t projections = 0;
};

/// Directions come in independent frames, uniform in law, of k = min(d, max(1, projections/8))
/// orthonormal ones each: those of a frame are dependent (which lowers the variance), so that the
/// error is estimated over frames, by the delta method. Over a frame the squared distances add up
/// to W2^2 at most. max_sliced starts from the best direction, the difference of the means among
/// them, and climbs by normalised supergradients q <- sum pi ((x - y) . q)(x - y) of the coupling
/// pi at hand (Deshpande et al., "Max-sliced Wasserstein distance and its use for GANs", CVPR
/// 2019). Time O(projections (n d + n log n)). InputError where a cloud is empty, the dimensions
/// differ or a coordinate is not finite, or without projections. At the deadline it ends with the
/// frames that are known by then, OutOfTime where there is none.
SlicedDistances sliced_distances(const DiscreteMeasure& a, const DiscreteMeasure& b,
                                 const SlicedOptions& options);

}  // namespace mckean
