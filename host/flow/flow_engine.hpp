// What stands behind a Flow, on whatever back end.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "host/transport/pair_passes.hpp"
#include "mckean/flow.hpp"

namespace mckean::detail {

/// See Flow.
class FlowEngine {
 public:
  FlowEngine() = default;
  FlowEngine(const FlowEngine&) = delete;
  FlowEngine& operator=(const FlowEngine&) = delete;
  virtual ~FlowEngine() = default;
  /// Of a flow; std::logic_error where that was moved from.
  static FlowEngine& of(const Flow& flow) { return flow.engine(); }

  virtual void step(double until) = 0;
  /// Rows with their test risk, where `with_test`.
  virtual void run(const std::vector<double>& record_times, const IntegrateCallbacks& callbacks,
                   bool with_test) = 0;
  virtual Record observe() = 0;
  virtual Record measure(const ParticleArray& particles) const = 0;
  virtual ParticleArray particles() const = 0;
  virtual const IntegrationResult& result() const = 0;
  virtual std::vector<std::uint64_t> save() = 0;
  virtual void restore(std::vector<std::uint64_t> words) = 0;
  virtual std::string device() const = 0;
  virtual double interactions() const = 0;
  virtual const IntegratorSpec& integrator() const = 0;
  virtual const PairPasses& passes() const = 0;
};

/// InputError where the three do not belong together; `name` is what the particles are called.
void check_setup(const Problem& problem, const Model& model, const ParticleArray& particles,
                 const std::string& name);

/// What a flow is made of.
struct FlowSetup {
  Problem problem;
  Model model;
  FlowOptions options;
  const ParticleArray& start;  // read by the constructor alone
};

/// Defined in engine_on.hpp, instantiated in engine_*.cpp.
template <class B>
std::unique_ptr<FlowEngine> make_engine(const B& backend, FlowSetup setup);

}  // namespace mckean::detail
