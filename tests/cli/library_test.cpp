// What `mckean run` does, a few lines of the library do: the same particles and records, bit for
// bit.
#include <mckean/mckean.hpp>

#include "host/data/read.hpp"
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
  const nlohmann::json program = run({"--width", "500", "--t-end", "100"});
  expect_same(flow, program);
  const Matrix b = [&] {
    const ParticleArray at = flow.particles();
    Matrix rows(at.m, 2);
    for (std::size_t j = 0; j < at.m; ++j) {
      for (std::size_t k = 0; k < 2; ++k) rows(j, k) = at.view().b(k)[j];
    }
    return rows;
  }();
  const double w2 = program["records"].back()["w2"];
  EXPECT_NEAR(distance_to_uniform_circle(Cloud(b)).value, w2, 1e-12);
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
