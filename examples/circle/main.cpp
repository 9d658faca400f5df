// What `mckean run --w2-antipodal --out FOLDER` does: Theorem 4 on the circle, with W2 to the
// uniform law at each record, that of the antipodal symmetrisation, and the particles in a file.
#include <cstdio>
#include <mckean/mckean.hpp>

using namespace mckean;

int main(int argc, char** argv) try {
  const std::size_t m = 10000;
  const Problem problem = law_problem(DataLaw::circle, make_uniform_sphere_teacher(2));
  Model model;  // relu, mean-field
  model.train = Train::inner;
  model.constraint = Constraint::sphere;
  const ParticleArray start =
      draw_initial({.law = InitLaw::cos2, .sampling = InitSampling::quantile}, m, 2, 1);

  Flow flow(problem, model, start);
  IntegrateCallbacks callbacks;
  callbacks.on_record = [](Record& row, const FetchParticles& particles) {
    const Cloud theta = angles(particles());
    const Distance w2 = distance_to_uniform_circle(theta);
    const Distance antipodal = distance_to_uniform_circle(theta, {.antipodal = true});
    std::printf("t = %6g   risk = %.4g   W2 = %.6g in [%.6g, %.6g]   antipodal %.6g\n", row.t,
                row.risk, w2.value, w2.lower, w2.upper, antipodal.value);
  };
  const IntegrationResult result = flow.run({0, 1, 10, 100, 1000}, callbacks);
  if (argc > 1) write_npy(argv[1], to_rows(flow.particles().view()));
  std::printf("%s; energy identity to %.1e\n", flow.device().c_str(),
              result.energy_residual.value_or(0));
  return result.outcome == Outcome::finished ? 0 : 1;
} catch (const InputError& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 2;
} catch (const IoError& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 4;
}
