// Fields and energies of given particles, on whatever back end.
#include "mckean/evaluate.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>
#include <vector>

#include "host/data/interruptible.hpp"
#include "host/flow/flow_engine.hpp"
#include "host/flow/gradient_flow.hpp"
#include "host/flow/make_backend.hpp"
#include "host/flow/make_field.hpp"

namespace mckean {
namespace {

using Clock = std::chrono::steady_clock;

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

template <Backend B>
Evaluation evaluate_on(const B& backend, const Problem& problem, const Model& model,
                       const ParticleArray& particles, std::uint64_t repeat) {
  FieldMaker<B> fields(backend, problem, model.activation, model.scaling);
  const auto field = fields.make({});
  const auto test_field = fields.make_test(particles.m);
  auto state = backend.template allocate<double>(particles.values.size());
  for_each_range(particles.values.size(), [&](std::size_t begin, std::size_t end) {
    backend.copy(as_view(particles.values).subview(begin, end - begin),
                 state.view().subview(begin, end - begin));
  });
  auto velocity = backend.template allocate<double>(particles.values.size());
  // v itself, whatever the scaling makes of time.
  FieldSpec unscaled = model.spec();
  unscaled.scaling = Scaling::mean_field;
  GradientFlow<B> motion(backend, *field, unscaled, particles.m, particles.d);
  const GradientFlow<B> flow(backend, *field, model.spec(), particles.m, particles.d);
  const auto w = flow.state(std::as_const(state).view());

  std::vector<double> seconds;
  Energy energy;
  for (std::uint64_t i = 0; i < repeat; ++i) {
    const Clock::time_point start = Clock::now();
    motion.drift(w, motion.state(velocity.view()), 0);
    energy = flow.energy(w);
    seconds.push_back(std::chrono::duration<double>(Clock::now() - start).count());
  }

  Evaluation result;
  result.objective = energy.objective;
  result.risk = energy.risk;
  if (fields.is_own_test({})) result.test_risk = energy.risk;
  if (!result.test_risk && test_field) result.test_risk = test_field->risk(w);
  result.velocity = make_particles(particles.m, particles.d);
  std::vector<double>& v = result.velocity.values;
  backend.copy(std::as_const(velocity).view(), HostView<double>(v.data(), v.size()));
  for_each_range(v.size(), [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) v[i] = -v[i];
  });
  result.seconds = median(std::move(seconds));
  result.device = backend.describe();
  return result;
}

}  // namespace

Evaluation evaluate(const Problem& problem, const Model& model, const ParticleArray& particles,
                    const EvaluationOptions& options) {
  detail::check_setup(problem, model, particles, "particles");
  return with_backend(options.device, options.precision, options.threads, [&](const auto& backend) {
    return evaluate_on(backend, problem, model, particles,
                       std::max<std::uint64_t>(options.repeat, 1));
  });
}

}  // namespace mckean
