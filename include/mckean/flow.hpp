// A flow of particles: stepped, advanced, observed, saved and restored.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mckean/communicator.hpp"
#include "mckean/device.hpp"
#include "mckean/flow_state.hpp"
#include "mckean/integrator_spec.hpp"
#include "mckean/model.hpp"
#include "mckean/particle_array.hpp"
#include "mckean/problem.hpp"
#include "mckean/run_result.hpp"

namespace mckean {

/// Which samples a step reads. The constructor of Flow throws InputError where `size` is 0 or more
/// than there are data, and where it is empty for a law of a user's own, which has no other size.
struct BatchOptions {
  /// Samples of a step: a mini-batch of the data, or so many fresh ones of Problem::draw. Empty:
  /// all the data, or the law. Not read for a law alone (law_problem).
  std::optional<std::size_t> size;
  bool replacement = false;  // of mini-batches
  std::uint64_t seed = 1;    // of mini-batches
};

/// The particles of one flow on several ranks, of processes or threads: each makes a Flow of those
/// that it has, of the same problem, model and other options, and makes the same calls in the same
/// order. All means, J, R and sums are those of all ranks, as one rank that had all particles would
/// have them but for the order of sums; particles, states and distances are those here. The
/// constructor of Flow throws InputError for a field that takes pairs of particles (a law in closed
/// form), adaptive steps where the velocity has kinks, and a CUDA device; what it throws for
/// particles of one rank leaves the others waiting in the communicator.
struct RankOptions {
  const Communicator<Space::host>* communicator = nullptr;  // outlives the flow; null: one rank
  /// Read where there is a communicator: the number of all particles, InputError where it is less
  /// than first + m, and which is the first one here, by which noise is drawn.
  Ensemble ensemble;
};

/// What the members allow is checked by the constructor of Flow: InputError.
struct FlowOptions {
  IntegratorSpec integrator;  // method, steps, tolerances, noise, stop rules
  BatchOptions batch;
  DeviceChoice device;  // InputError where it is not here, or this library has no code for it
  Precision precision = Precision::float64;
  int threads = 0;  // of the CPU; 0: all. Results are the same bits for any number
  RankOptions ranks;
};

namespace detail {
class FlowEngine;
}

/// The flow dw/dt of a model on a problem, from t = 0. It owns what it is given. Nothing that is
/// observed or recorded changes a bit of what is computed.
///
/// An adaptive step has the length that the error and the energy identity of the flow allow; only
/// the end of a run cuts it. Fixed steps stand at t = k dt, and a run of them ends with the first
/// at or after its end. Where something ends a flow for good (diverged, not_converged, or converged
/// by a stop rule) it stays at the state reached, after a divergence the last one whose J had not
/// risen, and further steps do nothing. What a fixed step has done may be found a few steps later
/// where the particles live on a device, and before anything is observed; the flow then stands at
/// that step.
///
/// Moved, not copied; std::logic_error where it was moved from. One thread at a time. All but
/// particles() and what reads no particles may throw Interrupted or OutOfTime
/// (mckean/interruption.hpp; run() and advance_to() only the latter), what Problem::draw throws,
/// and std::runtime_error for a device that fails: a step that did not end then has not been taken.
/// Functors of a user's own must not throw.
class Flow {
 public:
  /// `start`: m particles in the dimension of the problem, m not 0, finite; b is normalised where
  /// it lives on the sphere. InputError, with a remedy, for what does not fit together: these,
  /// Model, IntegratorSpec, BatchOptions, RankOptions, a device or a functor without code for it,
  /// and a law without a closed form.
  Flow(Problem problem, Model model, const ParticleArray& start, FlowOptions options = {});
  ~Flow();
  Flow(Flow&&) noexcept;
  Flow& operator=(Flow&&) noexcept;

  /// One step: an adaptive one not past `until`, one of a fixed size whatever `until` is. Where an
  /// adaptive method rests or knows no end, `until` infinite, there may be none to take, and time()
  /// stays. How the flow stands: finished where it can go on. InputError unless `until` > time().
  Outcome step(double until = std::numeric_limits<double>::infinity());
  /// A run to t without a record: the same bits as run({t}). InputError unless t is finite and not
  /// before time().
  IntegrationResult advance_to(double t);
  /// A run to the last of the record times, which increase from time() on: a row at each, fixed
  /// steps' at the first step at or after it, adaptive ones' interpolated. At the end the energy
  /// identity of the flow so far has to hold (not_converged otherwise). A requested interruption
  /// (mckean/interruption.hpp) ends it within a second; once that is taken back, the flow can go on
  /// with the same bits. InputError for times that do not increase or are past; the first may be
  /// time().
  IntegrationResult run(const std::vector<double>& record_times,
                        const IntegrateCallbacks& callbacks = {});

  double time() const;
  /// The particles at time().
  ParticleArray particles() const;
  /// t, J, R, test risk, dissipation, energy residual and counters at the state; no distance.
  Record observe();
  /// J, R, dissipation and norms of other particles of the same number and dimension under this
  /// flow; InputError for another number or dimension. For one measure alone, and for its velocity,
  /// see evaluate().
  Record measure(const ParticleArray& particles) const;
  /// How the last run or step ended, with its counters.
  const IntegrationResult& result() const;

  /// Between steps or from IntegrateCallbacks::on_step. The flow that restores it, of the same
  /// problem, model, number of particles and options on the same kind of device, goes on with the
  /// same bits as this one. std::logic_error where the flow has ended or is in a record.
  FlowState save();
  /// InputError where the state is of another flow; this one is then as it was.
  void restore(const FlowState& state);

  /// "cpu: 2 threads, avx512".
  std::string device() const;
  /// As given, with the tolerances that were left open.
  const IntegratorSpec& integrator() const;
  /// Particle-sample (or particle-particle) pairs of one evaluation of the velocity.
  double interactions() const;

 private:
  friend class detail::FlowEngine;
  detail::FlowEngine& engine() const;

  std::unique_ptr<detail::FlowEngine> engine_;
};

}  // namespace mckean
