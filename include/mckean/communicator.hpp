// Sums over the ranks that share one ensemble of particles.
#pragma once

#include "mckean/view.hpp"

namespace mckean {

/// A user's own class derives from it (RankOptions). Where a null pointer stands for it, one rank
/// has all particles. Every rank makes the same calls in the same order.
template <Space S>
class Communicator {
 public:
  virtual ~Communicator() = default;
  /// values <- their sum over all ranks, element by element, the same bits on each; as many values
  /// on every rank. Ordered among the operations of the back end that wrote them; on the host it
  /// returns when they are there. What it throws ends the call to the flow, here alone.
  virtual void add(View<double, S> values) const = 0;
};

/// f = scale * (sum over the particles of all ranks).
template <Space S>
struct NetworkOutput {
  double scale;
  const Communicator<S>* ranks = nullptr;

  NetworkOutput(double s, const Communicator<S>* communicator = nullptr)
      : scale(s), ranks(communicator) {}
};

}  // namespace mckean
