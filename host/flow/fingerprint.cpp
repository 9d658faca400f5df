// What the steps of a flow depend on, as one number.
#include "host/flow/fingerprint.hpp"

namespace mckean {
namespace {

void add(Fingerprint& all, const Problem& problem) {
  all.add(problem.d);
  all.add(problem.data.has_value());
  if (problem.data) {
    all.add(problem.data->x.values);
    all.add(problem.data->y);
  }
  all.add(problem.law.has_value());
  if (problem.law) all.add(*problem.law);
  all.add(problem.teacher.has_value());
  if (problem.teacher) {
    all.add(problem.teacher->kind);
    all.add(problem.teacher->atoms.values);
  }
  all.add(static_cast<bool>(problem.draw));
}

void add(Fingerprint& all, const Model& model) {
  const AnyActivation& activation = model.activation;
  all.add(activation.kind);
  all.add(activation.linear.below);
  all.add(activation.linear.above);
  all.add(activation.linear.offset);
  all.add(model.scaling);
  all.add(model.train);
  all.add(model.constraint);
  all.add(model.regularizer.kind());
  all.add(model.lambda);
  all.add(model.mobility_a);
  all.add(model.mobility_b);
}

void add(Fingerprint& all, const IntegratorSpec& spec) {
  all.add(spec.method);
  all.add(spec.dt);
  all.add(spec.rtol.value_or(0));
  all.add(spec.atol.value_or(-1));
  all.add(spec.eta);
  all.add(spec.proximal_tolerance);
  all.add(spec.temperature);
  all.add(spec.seed);
  all.add(spec.audit);
}

}  // namespace

std::uint64_t fingerprint_of(const Problem& problem, const Model& model,
                             const IntegratorSpec& integrator, const BatchOptions& batch) {
  Fingerprint all;
  add(all, problem);
  add(all, model);
  add(all, integrator);
  all.add(batch.size.value_or(0));
  all.add(batch.replacement);
  all.add(batch.seed);
  return all.value();
}

}  // namespace mckean
