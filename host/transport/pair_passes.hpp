// The passes over all pairs of points that solvers ask of a back end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "host/transport/discrete_measure.hpp"
#include "mckean/formula/ground_cost.hpp"

namespace mckean {

/// A pass goes from each point of `from` over all points of `to`.
struct Pairs {
  GroundCost cost;
  const DiscreteMeasure& from;
  const DiscreteMeasure& to;

  Pairs reversed() const { return {cost, to, from}; }
};

/// For the points begin..end-1 of `from`: value and mean cost (end - begin of each) of the minimum
/// of cost plus potential (one for each point of `to`), soft where epsilon > 0.
struct Transform {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::span<const double> potential;
  double epsilon = 0;
  std::span<double> value;
  std::span<double> mean_cost;
};

/// For the points begin..end-1 of `from` the k points of `to` of least cost plus potential, as
/// nearest_targets of the back ends has them: (end - begin) k values and indices.
struct Search {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::span<const double> potential;
  std::size_t k = 1;
  std::span<double> value;
  std::span<std::uint32_t> target;
};

/// How much of a pass runs between two looks at the clock.
struct PassPart {
  double steps;              // about so many pairs times coordinates
  std::size_t whole_points;  // points in multiples of this many
};

/// c_transform and nearest_targets of a back end on measures of the host. Values do not depend on
/// how the points of `from` are divided. For one thread at a time.
class PairPasses {
 public:
  PairPasses() = default;
  PairPasses(const PairPasses&) = delete;
  PairPasses& operator=(const PairPasses&) = delete;
  virtual ~PairPasses() = default;

  virtual void c_transform(const Pairs& pairs, const Transform& transform) const = 0;
  virtual void nearest_targets(const Pairs& pairs, const Search& search) const = 0;
  /// The points of the measure stay in the memory of the back end, and passes with this measure
  /// need no copy of them, as long as the result lives; they may not change or move until then.
  virtual std::shared_ptr<const void> keep(const DiscreteMeasure& measure) const = 0;
  virtual PassPart part() const = 0;
};

/// Those of the CPU; `threads` as for CpuBackend.
std::unique_ptr<const PairPasses> make_cpu_passes(int threads);

/// Part of a pass on the CPU.
PassPart cpu_part(int threads);

/// The passes that someone was given, or else those of the CPU.
class GivenPasses {
 public:
  GivenPasses(const PairPasses* given, int threads)
      : own_(given == nullptr ? make_cpu_passes(threads) : nullptr),
        passes_(given == nullptr ? own_.get() : given) {}
  const PairPasses& operator*() const { return *passes_; }
  const PairPasses* get() const { return passes_; }

 private:
  std::unique_ptr<const PairPasses> own_;
  const PairPasses* passes_;
};

}  // namespace mckean
