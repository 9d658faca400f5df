// What `mckean run` does, a few lines of the library do: the same particles and records, bit for
// bit.
#include <mckean/mckean.hpp>

#include "program.hpp"

namespace mckean::test {
namespace {

class Library : public Program {
 protected:
  /// A run of the program, whose last state and summary it leaves.
  nlohmann::json run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "run");
    for (const char* more : {"--device", "cpu", "--threads", "2", "--out", "out"})
      arguments.emplace_back(more);
    return json_of(arguments);
  }
  /// The same by the library: all rows, and the state at the end.
  void expect_same(Flow& flow, const nlohmann::json& program) {
    const nlohmann::json& rows = program["records"];
    std::vector<double> times;
    for (const auto& row : rows) times.push_back(row["t"]);
    std::size_t next = 0;
    IntegrateCallbacks callbacks;
    callbacks.on_record = [&](Record& record, const FetchParticles&) {
      ASSERT_LT(next, rows.size());
      const nlohmann::json& row = rows[next++];
      EXPECT_EQ(record.t, row["t"]);
      EXPECT_EQ(record.objective, row["objective"]);
      EXPECT_EQ(record.dissipation, row["dissipation"]);
      EXPECT_EQ(record.evaluations, row["evaluations"]);
      if (record.test_risk) {
        EXPECT_EQ(*record.test_risk, row["test_risk"]);
      }
    };
    EXPECT_EQ(flow.run(times, callbacks).outcome, Outcome::finished);
    EXPECT_EQ(next, rows.size());
    EXPECT_EQ(to_rows(flow.particles().view()).values,
              read_matrix((folder_ / "out/particles.npy").string()).values);
  }
  static ParticleArray gaussian(std::size_t m, std::size_t d, std::uint64_t seed) {
    return draw_initial({.law = InitLaw::gaussian, .amplitude = Amplitude::gaussian}, m, d, seed);
  }
  static FlowOptions on_cpu() {
    FlowOptions options;
    options.device = {DeviceChoice::Kind::cpu, 0};
    options.threads = 2;
    return options;
  }
};

TEST_F(Library, RunsTheorem4) {
  Model model;
  model.train = Train::inner;
  model.constraint = Constraint::sphere;
  const ParticleArray start =
      draw_initial({.law = InitLaw::cos2, .sampling = InitSampling::quantile}, 500, 2, 1);
  Flow flow(law_problem(DataLaw::circle, make_uniform_sphere_teacher(2)), model, start, on_cpu());
  const nlohmann::json program =
      run({"--width", "500", "--t-end", "100", "--w2-antipodal", "--w2-subsample", "300"});
  expect_same(flow, program);
  const Cloud some = angles(subsample(flow.particles(), 300, 1));
  EXPECT_EQ(some.points.rows, 300u);
  const nlohmann::json& last = program["records"].back();
  EXPECT_EQ(distance_to_uniform_circle(some).value, last["w2"]);
  EXPECT_EQ(distance_to_uniform_circle(some, {.antipodal = true}).value, last["w2_antipodal"]);
}

TEST_F(Library, ComparesFixedAmplitudesAsTheProgramDoes) {
  Model model;
  model.train = Train::inner;
  const Teacher teacher = make_neurons(4, 3, 2);
  const ParticleArray start = draw_initial({.law = InitLaw::gaussian}, 60, 3, 2);
  Flow flow(law_problem(DataLaw::sphere, teacher), model, start, on_cpu());
  const nlohmann::json program =
      run({"--law", "sphere", "--dim", "3", "--teacher-width", "4", "--train", "inner",
           "--amplitude", "one", "--width", "60", "--t-end", "3", "--seed", "2"});
  std::size_t row = 0;
  IntegrateCallbacks callbacks;
  callbacks.on_record = [&](Record&, const FetchParticles& particles) {
    const Distance w2 =
        distance(flow, inner_weights(particles()), inner_weights(teacher.atoms), {.rtol = 1e-3});
    EXPECT_EQ(w2.value, program["records"][row]["w2"]);
    EXPECT_EQ(w2.upper, program["records"][row++]["w2_upper"]);
  };
  std::vector<double> times;
  for (const auto& record : program["records"]) times.push_back(record["t"]);
  flow.run(times, callbacks);
  EXPECT_EQ(row, times.size());
}

TEST_F(Library, EvaluatesAsTheProgramDoes) {
  const ParticleArray particles = gaussian(12, 3, 8);
  write_npy(folder_ / "p.npy", to_rows(particles.view()));
  const nlohmann::json program =
      json_of({"eval", "--law",           "gaussian", "--dim",        "3",     "--samples",
               "50",   "--teacher-width", "2",        "--activation", "tanh",  "--scaling",
               "ntk",  "--particles",     "p.npy",    "--velocity",   "v.npy", "--seed",
               "8",    "--device",        "cpu"});
  Model model;
  model.activation = *find_activation("tanh");
  model.scaling = Scaling::ntk;
  const Problem problem =
      sampled_problem(DataLaw::gaussian, make_neurons(2, 3, 8), model.activation, 50, 8);
  const Evaluation found =
      evaluate(problem, model, particles, {.device = {DeviceChoice::Kind::cpu, 0}});
  EXPECT_EQ(found.objective, program["objective"]);
  EXPECT_EQ(found.risk, program["risk"]);
  EXPECT_EQ(to_rows(found.velocity.view()).values, read_matrix(folder_ / "v.npy").values);
}

TEST_F(Library, MeasuresDistancesAsTheProgramDoes) {
  const Matrix a = to_rows(gaussian(40, 1, 1).view()), b = to_rows(gaussian(30, 1, 2).view());
  write_npy(folder_ / "a.npy", a);
  write_npy(folder_ / "b.npy", b);
  const auto w2 = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"w2", "a.npy", "b.npy"});
    return json_of(more);
  };
  const nlohmann::json sinkhorn = w2({"--method", "sinkhorn", "--rtol", "0.5"});
  const Distance by_sinkhorn =
      distance(Cloud(a), Cloud(b), {.method = W2Method::sinkhorn, .rtol = .5, .divergence = true});
  EXPECT_EQ(by_sinkhorn.value, sinkhorn["w2"]);
  EXPECT_EQ(by_sinkhorn.divergence.value(), sinkhorn["sinkhorn_divergence"]);
  EXPECT_EQ(by_sinkhorn.epsilon.value(), sinkhorn["epsilon"]);
  const nlohmann::json exact = w2({"--method", "exact", "--sampled", "a"});
  const Distance by_exact = distance(
      Cloud(a), Cloud(b), {.method = W2Method::exact, .rtol = 1e-9, .sampled = Sampled::first});
  EXPECT_EQ(by_exact.value, exact["w2"]);
  EXPECT_EQ(by_exact.sampling_error.value(), exact["sampling_error"]);
  // Its potentials start the same problem, whose answer stays the same.
  ASSERT_EQ(by_exact.psi.size(), 30u);
  const Distance again =
      distance(Cloud(a), Cloud(b), {.method = W2Method::exact, .rtol = 1e-9, .psi = by_exact.psi});
  EXPECT_NEAR(again.value, by_exact.value, 1e-9 * by_exact.value);
  const nlohmann::json parts = w2({"--project", "homogeneous"});
  const SignedMeasure of_a = homogeneous_measure(a, "a"), of_b = homogeneous_measure(b, "b");
  EXPECT_EQ(distance(of_a.positive.cloud, of_b.positive.cloud).value, parts["positive"]["w2"]);
  EXPECT_EQ(of_a.negative.mass, parts["negative"]["mass_a"]);
}

TEST_F(Library, LearnsATeacherFromSamples) {
  Model model;
  model.activation = *find_activation("tanh");
  model.regularizer = Regularizer::l2;
  model.lambda = 1e-3;
  const Teacher teacher = make_neurons(3, 3, 4);
  const ParticleArray start = gaussian(40, 3, 4);
  Flow flow(sampled_problem(DataLaw::gaussian, teacher, model.activation, 200, 4), model, start,
            on_cpu());
  const nlohmann::json program =
      run({"--law",        "gaussian", "--dim",           "3",  "--samples", "200",
           "--target",     "neurons",  "--teacher-width", "3",  "--width",   "40",
           "--activation", "tanh",     "--regularizer",   "l2", "--lambda",  "1e-3",
           "--t-end",      "5",        "--seed",          "4"});
  expect_same(flow, program);
  const Distance w2 = distance(flow, Cloud(teacher.atoms), {.rtol = 1e-3});
  EXPECT_EQ(w2.value, program["records"].back()["w2"]);
  EXPECT_EQ(w2.lower, program["records"].back()["w2_lower"]);
}

TEST_F(Library, TakesMiniBatchesWithNoise) {
  Model model;
  model.activation = *find_activation("tanh");
  const Matrix x = read_matrix(MCKEAN_TEST_DATA "/tanh_x.csv");
  const Matrix y = read_matrix(MCKEAN_TEST_DATA "/tanh_y.csv");
  FlowOptions options = on_cpu();
  options.integrator.method = IntegratorSpec::Method::euler;
  options.integrator.dt = .05;
  options.integrator.temperature = 1e-3;
  options.integrator.seed = 6;
  options.batch = {.size = 10, .seed = 6};
  const ParticleArray start = gaussian(30, x.cols, 6);
  Flow flow(data_problem({x, y.values}), model, start, options);
  expect_same(flow,
              run({"--x", MCKEAN_TEST_DATA "/tanh_x.csv", "--y", MCKEAN_TEST_DATA "/tanh_y.csv",
                   "--activation", "tanh", "--width", "30", "--batch", "10", "--dt", "0.05",
                   "--temperature", "1e-3", "--t-end", "5", "--seed", "6"}));
}

}  // namespace
}  // namespace mckean::test
