// A plan in which almost every point goes to one atom as a whole, and its primal repair.
#pragma once

#include <vector>

#include "host/transport/certificate/transport_bracket.hpp"
#include "host/transport/deadline.hpp"
#include "host/transport/exact/integer_masses.hpp"
#include "host/transport/exact/push_relabel.hpp"
#include "host/transport/semidiscrete/near_atoms.hpp"

namespace mckean {

/// Always a transport: every point sends all it has and every atom gets what it wants, in units.
class CellPlan {
 public:
  /// Each point goes to its best atom at this potential as far as there is room, those that would
  /// lose most first, and the rest wherever there is room. The arguments must outlive this.
  CellPlan(const NearAtoms& near, const IntegerMasses& units, const std::vector<double>& potential,
           int threads);

  /// Solves the transport anew for the points that are away from their best atom and those near the
  /// boundary of a cell: of each atom's cell, and of the points whose second best it is, the `near`
  /// ones to which it matters least. All others stay where they are. A free point knows the arcs
  /// that cost up to twice more than its best as the boundary layers of either atom are wide.
  /// The potential moves to that of that problem, and what is lost to complementary slackness there
  /// is below `target` (a cost) unless the deadline or the last digits come first.
  void improve(std::vector<double>& potential, std::size_t near, double target,
               const Deadline& deadline);

  /// The cost of the plan, a bound of its rounding, and what the mass may cost that units cannot
  /// represent; n d steps.
  double upper_squared() const;
  std::vector<PlanEntry> entries() const;
  /// Whether the last improvement knew all arcs of the lists.
  bool complete() const { return complete_; }

 private:
  struct Part {
    std::uint32_t from;
    std::uint32_t to;
    Mass mass;
  };
  struct Layer;

  double cost(std::size_t i, std::size_t j) const;
  Layer find_layer(const std::vector<double>& potential, std::size_t near) const;
  /// Those of its free points, with what they carry now.
  TransportArcs arcs_of(const Layer& layer, const std::vector<double>& potential);
  /// Takes over what the arcs of the free points carry; what of their cost is lost to complementary
  /// slackness.
  double adopt(const TransportArcs& arcs, const std::vector<std::uint32_t>& free,
               const std::vector<double>& potential);

  GroundCost kind_;
  const DiscreteMeasure& points_;
  const DiscreteMeasure& atoms_;
  const IntegerMasses& units_;
  const NearAtoms& near_;
  int threads_;
  std::vector<std::uint32_t> whole_;  // the atom of a point that is not split
  std::vector<Part> parts_;           // those of split points, by point
  bool complete_ = false;
};

}  // namespace mckean
