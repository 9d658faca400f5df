// A flow stepped by hand: neurons learn those of a teacher on fresh Gaussian inputs. Half way its
// state is saved, and another flow goes on from there with the same bits; W2 to the teacher falls.
#include <cstdio>
#include <mckean/mckean.hpp>

namespace {

void print(mckean::Flow& flow, const mckean::Cloud& teacher) {
  const mckean::Record now = flow.observe();
  const mckean::Distance w2 =
      distance(flow, teacher, {.rtol = 1e-3, .sampled = mckean::Sampled::first});
  std::printf("t = %5.2f   risk = %.3e   W2 = %.4f in [%.4f, %.4f] +- %.0e by %s\n", now.t,
              now.risk, w2.value, w2.lower, w2.upper, w2.sampling_error.value_or(0),
              name_of(w2.method).c_str());
}

}  // namespace

int main() {
  const std::size_t m = 1000, d = 3;
  const mckean::Teacher teacher = mckean::make_neurons(5, d, 1);
  const mckean::Cloud target(teacher.atoms);

  mckean::Model model;  // relu, mean-field
  mckean::FlowOptions options;
  options.integrator.method = mckean::IntegratorSpec::Method::euler;
  options.integrator.dt = 0.1;
  options.batch.size = 200;
  const auto make_flow = [&] {
    return mckean::Flow(
        mckean::online_problem(mckean::DataLaw::gaussian, teacher, model.activation, 2), model,
        mckean::draw_initial({}, m, d, 3), options);
  };

  mckean::Flow flow = make_flow();
  print(flow, target);
  while (flow.time() < 10 && flow.step() == mckean::Outcome::finished) {
  }
  const mckean::FlowState saved = flow.save();
  print(flow, target);
  flow.advance_to(20);
  print(flow, target);

  mckean::Flow other = make_flow();
  other.restore(saved);
  other.advance_to(20);
  const bool same = other.particles().values == flow.particles().values;
  std::printf("%s after %llu steps\n", same ? "the same bits" : "other bits",
              static_cast<unsigned long long>(other.result().reached.step));
  return same ? 0 : 1;
}
