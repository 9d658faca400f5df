// Runs whose right answer is known from other methods, at the default tolerance and within a budget
// of evaluations: stiff, slow, linear, and with kinks.
#include <cmath>

#include "program.hpp"

namespace mckean::test {
namespace {

class Stiff : public Program {
 protected:
  static std::string data(const std::string& name) { return MCKEAN_TEST_DATA "/" + name; }
  nlohmann::json run(std::vector<std::string> arguments,
                     const std::vector<std::string>& more = {}) {
    // On a busy machine a second thread costs more than it does for problems as small as these.
    arguments.insert(arguments.begin(), {"run", "--threads", "1"});
    arguments.insert(arguments.end(), more.begin(), more.end());
    return json_of(arguments);
  }
  static double objective_at(const nlohmann::json& run, double t) {
    for (const auto& record : run["records"]) {
      if (record["t"] == t) return record["objective"];
    }
    ADD_FAILURE() << "no record at " << t;
    return std::nan("");
  }
  /// No record is above the one before.
  static void expect_descent(const nlohmann::json& run) {
    double before = run["records"].front()["objective"];
    for (const auto& record : run["records"]) {
      EXPECT_LE(record["objective"].get<double>(), before) << record["t"];
      before = record["objective"];
    }
  }
};

TEST_F(Stiff, TanhFallsByTenOrders) {
  const auto result = run({"--x", data("tanh_x.csv"), "--y", data("tanh_y.csv"), "--init", "file",
                           "--init-file", data("tanh_p.csv"), "--activation", "tanh", "--scaling",
                           "standard", "--t-end", "3000", "--record-at", "0,100,1000,2000,3000"});
  expect_descent(result);
  // SciPy's Radau at rtol 1e-9. J falls by 1.2 e-foldings in 200 units of time at the end, so that
  // 3% are 5 units of 3000.
  EXPECT_NEAR(objective_at(result, 3000), 6.868e-10, 0.03 * 6.868e-10);
  EXPECT_LT(std::abs(result["energy_residual"].get<double>()), 1e-2);
}

TEST_F(Stiff, SinByTanhNeurons) {
  const auto result =
      run({"--x", data("sin_tanh_x.csv"), "--y", data("sin_tanh_y.csv"), "--bias", "--init-file",
           data("sin_tanh_start.npy"), "--activation", "tanh", "--t-end", "1e4"});
  expect_descent(result);
  // rk4 with dt = .02 and .01.
  EXPECT_NEAR(objective_at(result, 1e4), 9.8418e-5, 0.01 * 9.8418e-5);
  EXPECT_LT(result["evaluations"], 20000);
}

// A path norm whose kinks nobody meets is smooth. J depends on the way there: it is 1.26022 by rk4
// with dt = 1e-3 and by SciPy's LSODA at rtol 1e-10.
TEST_F(Stiff, PathNormFarFromItsKinks) {
  const std::vector<std::string> job{"--x",
                                     data("sigmoid_path_x.npy"),
                                     "--y",
                                     data("sigmoid_path_y.npy"),
                                     "--bias",
                                     "--init-file",
                                     data("sigmoid_path_w.npy"),
                                     "--activation",
                                     "sigmoid",
                                     "--regularizer",
                                     "path",
                                     "--lambda",
                                     "0.0001455105559790099",
                                     "--t-end",
                                     "25",
                                     "--record-at",
                                     "0,25"};
  EXPECT_NEAR(objective_at(run(job), 25), 1.26022, 0.02 * 1.26022);
  EXPECT_NEAR(objective_at(run(job, {"--rtol", "1e-5"}), 25), 1.26022, 0.005 * 1.26022);
}

// A particle that has rested at b = 0 leaves it as slowly as the others let it, while its direction
// follows them at once: no explicit step could be longer than |b|. J by SciPy's LSODA at rtol 1e-9,
// of the path norm smoothed over 1e-5.
TEST_F(Stiff, AParticleThatCreepsOutOfTheOrigin) {
  const auto result = run({"--x",           data("erf_path_x.npy"),
                           "--y",           data("erf_path_y.npy"),
                           "--init-file",   data("erf_path_w.npy"),
                           "--activation",  "erf",
                           "--scaling",     "ntk",
                           "--regularizer", "path",
                           "--lambda",      "0.2671177729210538",
                           "--mobility-a",  "0.7084915245605659",
                           "--mobility-b",  "71.75797563461771",
                           "--t-end",       "10",
                           "--record-at",   "0,0.1,10"});
  expect_descent(result);
  EXPECT_NEAR(objective_at(result, 0.1), 0.352435, 1e-5);
  EXPECT_NEAR(objective_at(result, 10), 0.3521203, 1e-6);
  EXPECT_LT(result["evaluations"], 20000);
}

// The path norm holds particles at b = 0, and those that leave it do so on rays that turn with the
// others. J by euler with dt = 1e-4.
TEST_F(Stiff, ParticlesThatLeaveTheOriginOnTurningRays) {
  const std::pair<const char*, double> cases[] = {
      {"relu", 0.2393919}, {"abs", 0.2473872}, {"leaky-relu", 0.2395254}, {"relu:0.3", 0.3221802}};
  for (const auto& [activation, objective] : cases) {
    const auto result = run({"--x",           data("origin_x.npy"),
                             "--y",           data("origin_y.npy"),
                             "--init-file",   data("origin_w.npy"),
                             "--activation",  activation,
                             "--regularizer", "path",
                             "--lambda",      "0.043040201370502365",
                             "--mobility-a",  "2.088718837403675",
                             "--mobility-b",  "17.107261286655756",
                             "--t-end",       "10",
                             "--records",     "30"});
    expect_descent(result);
    EXPECT_NEAR(objective_at(result, 10), objective, 3e-4 * objective) << activation;
    EXPECT_LT(result["evaluations"], 30000) << activation;
  }
}

// Hinges that miss the origin are smooth there. J by euler with dt = 1e-7.
TEST_F(Stiff, ParticlesThatLeaveTheOriginBetweenHinges) {
  const auto result =
      run({"--x", data("offset_path_x.npy"), "--y", data("offset_path_y.npy"), "--init-file",
           data("offset_path_w.npy"), "--activation", "relu:0.3", "--regularizer", "path",
           "--lambda", "0.7432875012526057", "--mobility-a", "853.1143758595135", "--mobility-b",
           "11.071377957298182", "--t-end", "0.13246910856367655"});
  EXPECT_NEAR(result["records"].back()["objective"], 2.4666837, 1e-5);
  EXPECT_LT(result["evaluations"], 20000);
}

// The time at which a tiny start leaves the saddle at 0 is that of its growth: errors are relative
// to w, however small. J by rk4 with dt = 1e-3, and with 5e-4.
TEST_F(Stiff, TinyStartsLeaveTheSaddleInTime) {
  const std::vector<std::string> job{
      "--law",          "gaussian", "--dim",           "5",    "--samples", "100",
      "--width",        "20",       "--teacher-width", "2",    "--scaling", "standard",
      "--init-scale-a", "1e-8",     "--init-scale-b",  "1e-8", "--t-end",   "40"};
  EXPECT_NEAR(objective_at(run(job), 40), 0.02573, 2e-3 * 0.02573);
  EXPECT_NEAR(objective_at(run(job, {"--activation", "leaky-relu"}), 40), 0.02601, 2e-3 * 0.02601);
  const auto result =
      run({"--x", data("tiny_start_x.npy"), "--y", data("tiny_start_y.npy"), "--init-file",
           data("tiny_start_w.npy"), "--t-end", "25.05", "--record-at", "0,25.05"});
  EXPECT_NEAR(objective_at(result, 25.05) / objective_at(result, 0), 0.0327, 0.01 * 0.0327);
}

// Equal particles, but for 1e-10, stay together until they reach a saddle, and leave it when that
// difference has grown by ten orders: while it is far below the tolerance steps are as short as its
// growth asks for. J by SciPy's DOP853 at rtol 1e-12.
TEST_F(Stiff, ParticlesThatPartAtASaddleDoSoInTime) {
  std::vector<double> x, y, w;
  for (int i = 0; i < 11; ++i) {
    x.push_back(-1.5 + .3 * i);
    y.push_back(2 * std::sin(2 * x.back()));
  }
  const double centre[] = {.5, .8, .3};
  for (int j = 0; j < 4; ++j) {
    for (int k = 0; k < 3; ++k) w.push_back(centre[k] + 1e-10 * std::cos(1 + 3 * j + 5 * k));
  }
  write("x.npy", 11, 1, x);
  write("y.npy", 11, 1, y);
  write("w.npy", 4, 3, w);
  const std::vector<std::string> job{"--x",    "x.npy",        "--y",     "y.npy",
                                     "--bias", "--init-file",  "w.npy",   "--w2",
                                     "none",   "--activation", "softplus"};
  struct Case {
    const char* scaling;
    double t, objective;
  };
  for (const auto& [scaling, t, objective] :
       {Case{"standard", 300, 0.097397}, Case{"ntk", 780, 0.321727},
        Case{"mean-field", 560, 0.07436}}) {
    const std::string time = std::to_string(t);
    const auto result =
        run(job, {"--scaling", scaling, "--t-end", time, "--record-at", "0," + time});
    EXPECT_NEAR(objective_at(result, t), objective, 0.015 * objective) << scaling;
    const auto fine = run(
        job, {"--scaling", scaling, "--t-end", time, "--record-at", "0," + time, "--rtol", "1e-6"});
    EXPECT_NEAR(objective_at(fine, t), objective, 5e-4 * objective) << scaling;
  }
}

// Rest is rounding, not what rounding may be at worst: in float the model of it is above a velocity
// by which J still falls. J by the same flow in double.
TEST_F(Stiff, FloatDoesNotRestBeforeDoubleDoes) {
  const std::vector<std::string> job{
      "--law",           "gaussian", "--dim",        "3",    "--samples",   "100",
      "--teacher-width", "3",        "--activation", "tanh", "--scaling",   "standard",
      "--width",         "200",      "--t-end",      "300",  "--record-at", "0,100,300"};
  for (const char* part : {"both", "inner"}) {
    const auto wanted = run(job, {"--train", part});
    const auto found = run(job, {"--train", part, "--precision", "float"});
    for (const double t : {100., 300.})
      EXPECT_NEAR(objective_at(found, t), objective_at(wanted, t), 0.01 * objective_at(wanted, t))
          << part << " " << t;
  }
}

TEST_F(Stiff, TheLinearFlowOfAmplitudes) {
  const std::vector<std::string> job{"--law",           "gaussian", "--dim",       "20",
                                     "--samples",       "200",      "--width",     "200",
                                     "--teacher-width", "1",        "--amplitude", "zero",
                                     "--scaling",       "standard", "--train",     "outer"};
  const auto result = run(job, {"--t-end", "1000"});
  expect_descent(result);
  EXPECT_LT(objective_at(result, 1000), 0.5 * objective_at(result, 100));
  // rk4 with dt = .05 and .025.
  EXPECT_NEAR(objective_at(result, 100), 3.16521e-3, 0.01 * 3.16521e-3);
  EXPECT_NEAR(objective_at(result, 1000), 1.24680e-3, 0.01 * 1.24680e-3);
}

TEST_F(Stiff, KinksDoNotStopAFlow) {
  const std::vector<std::string> job{"--law",   "gaussian", "--samples", "50",
                                     "--width", "40",       "--dim",     "4"};
  const std::vector<std::string> rest[] = {
      {"--t-end", "1e4", "--records", "40"},
      {"--activation", "abs", "--t-end", "100", "--records", "20"},
      {"--regularizer", "path", "--lambda", "0.01", "--t-end", "1e3", "--records", "20"}};
  for (std::vector<std::string> options : rest) {
    const auto usual = run(job, options);
    expect_descent(usual);
    EXPECT_LT(usual["evaluations"], 40000);
    options.insert(options.end(), {"--rtol", "1e-4"});
    const auto loose = run(job, options);
    expect_descent(loose);
    EXPECT_LT(loose["evaluations"], 10000);
    options.back() = "1e-7";
    const double fine = run(job, options)["records"].back()["objective"];
    EXPECT_NEAR(usual["records"].back()["objective"], fine, 1e-3 * fine);
  }
}

// One particle that goes the other way makes 18% of J here, at rtol 1e-4.
TEST_F(Stiff, KinksInFloatEndAsInDouble) {
  const std::vector<std::string> job{
      "--law",        "gaussian", "--dim",     "3",        "--samples", "40", "--width", "50",
      "--activation", "abs",      "--scaling", "standard", "--seed",    "2",  "--w2",    "none"};
  const double exact = run(job, {"--t-end", "3"})["records"].back()["objective"];
  const auto single = run(job, {"--t-end", "3", "--precision", "float"});
  EXPECT_NEAR(single["records"].back()["objective"], exact, 0.01 * exact);
  EXPECT_EQ(single["config"]["rtol"], 3e-5);
}

const std::vector<std::string> erf{"--law", "gaussian", "--samples",    "50",  "--width", "40",
                                   "--dim", "4",        "--activation", "erf", "--w2",    "none"};

TEST_F(Stiff, RecordsChangeNothing) {
  const auto once = run(erf, {"--record-at", "10"});
  for (const char* times : {"0,10", "1,10", "0,1,2,3,5,8,10"}) {
    const auto other = run(erf, {"--record-at", times});
    EXPECT_EQ(other["records"].back(), once["records"].back()) << times;
    EXPECT_EQ(other["energy_residual"], once["energy_residual"]) << times;
  }
}

TEST_F(Stiff, NorDoesAnEndFarAway) {
  const auto near = run(erf, {"--record-at", "0,1,10,30"});
  const auto far = run(erf, {"--record-at", "0,1,10,1e13", "--stop-risk", "2e-4"});
  EXPECT_EQ(far["outcome"], "converged");
  ASSERT_GT(far["t"], 30);
  for (const std::size_t row : {0, 1, 2}) EXPECT_EQ(near["records"][row], far["records"][row]);
}

}  // namespace
}  // namespace mckean::test
