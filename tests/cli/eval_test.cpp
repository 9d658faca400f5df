// mckean eval: the same numbers as a run's record, and a velocity that is the gradient.
#include "program.hpp"
#include "reference/sampled_field.hpp"

namespace mckean::test {
namespace {

class Eval : public Program {
 protected:
  void SetUp() override {
    Program::SetUp();
    std::vector<double> x, y;
    for (int i = 0; i < 30; ++i) {
      for (int k = 1; k <= 3; ++k) x.push_back(std::sin(k * i + k));
      y.push_back(std::cos(2 * i));
    }
    write("x.npy", 30, 3, x);
    write("y.npy", 30, 1, y);
    for (int j = 0; j < 10 * 4; ++j) particles_.push_back(std::sin(5 * j + 1));
    write("p.npy", 10, 4, particles_);
  }
  double objective(const std::vector<double>& particles, std::vector<std::string> model) const {
    write("moved.npy", 10, 4, particles);
    model.insert(model.begin(), {"eval", "--particles", "moved.npy"});
    return json_of(model)["objective"];
  }

  std::vector<double> particles_;
};

TEST_F(Eval, VelocityIsTheGradientByFiniteDifferences) {
  const std::vector<std::vector<std::string>> models{
      {"--x", "x.npy", "--y", "y.npy", "--activation", "tanh", "--regularizer", "l2", "--lambda",
       "0.1"},
      {"--x", "x.npy", "--y", "y.npy", "--activation", "gelu", "--regularizer", "path", "--lambda",
       "0.1"},
      {"--law", "sphere", "--dim", "3", "--teacher-width", "4", "--activation", "relu"},
      {"--law", "gaussian", "--dim", "3", "--teacher-width", "4", "--activation", "erf"}};
  for (const auto& model : models) {
    std::vector<std::string> arguments{"eval",       "--particles", "p.npy",
                                       "--velocity", "v.npy",       "--force"};
    arguments.insert(arguments.end(), model.begin(), model.end());
    EXPECT_TRUE(json_of(arguments)["objective"].is_number());
    const Matrix v = read_matrix(folder_ / "v.npy");
    ASSERT_EQ(v.rows, 10u);
    ASSERT_EQ(v.cols, 4u);
    for (const std::size_t index : {0, 1, 6, 14, 23, 39}) {
      // Third derivatives are of order 1 here, and objectives of order 1 carry 1e-15: the quotient
      // is good to step^2 + 1e-15/step.
      const double step = 1e-5;
      std::vector<double> up = particles_;
      std::vector<double> down = particles_;
      up[index] += step;
      down[index] -= step;
      const double slope = (objective(up, model) - objective(down, model)) / (2 * step);
      EXPECT_NEAR(v.values[index], 10 * slope, 1e-7) << model[1] << " " << index;
    }
  }
}

TEST_F(Eval, ARunsLastRecordFromItsParticles) {
  const std::vector<std::string> model{"--law", "gaussian",     "--dim",    "4",      "--samples",
                                       "50",    "--activation", "softplus", "--seed", "5"};
  std::vector<std::string> run{"run", "--width", "30", "--t-end", "1", "--out", "result"};
  run.insert(run.end(), model.begin(), model.end());
  const auto record = json_of(run)["records"].back();
  std::vector<std::string> eval{"eval", "--particles", "result/particles.npy", "--repeat", "3"};
  eval.insert(eval.end(), model.begin(), model.end());
  const auto result = json_of(eval);
  EXPECT_EQ(result["objective"], record["objective"]);
  EXPECT_EQ(result["risk"], record["risk"]);
  EXPECT_GT(result["seconds"], 0);
}

TEST_F(Eval, TestDataHasARiskOfItsOwn) {
  const std::vector<std::string> data{"eval",  "--particles", "p.npy", "--x",
                                      "x.npy", "--y",         "y.npy"};
  EXPECT_TRUE(json_of(data)["test_risk"].is_null());
  std::vector<std::string> with_test = data;
  with_test.insert(with_test.end(), {"--test-x", "x.npy", "--test-y", "y.npy"});
  const auto result = json_of(with_test);
  EXPECT_EQ(result["test_risk"], result["risk"]) << "the same samples";
}

TEST_F(Eval, FloatAndFortranOrderFilesAreTheSameArrays) {
  const std::vector<std::string> tail{"--y", "y.npy", "--activation", "tanh"};
  const auto with = [&](const std::string& x) {
    std::vector<std::string> arguments{"eval", "--particles", "p.npy", "--x", x};
    arguments.insert(arguments.end(), tail.begin(), tail.end());
    return json_of(arguments)["risk"].get<double>();
  };
  // The transpose of the data under a header that says Fortran order.
  const Matrix x = read_matrix(folder_ / "x.npy");
  std::vector<double> transposed;
  for (std::size_t k = 0; k < 3; ++k)
    for (std::size_t i = 0; i < 30; ++i) transposed.push_back(x(i, k));
  std::string bytes = read("x.npy");
  const std::size_t order = bytes.find("False");
  ASSERT_NE(order, std::string::npos);
  bytes.replace(order, 5, "True ");
  bytes.resize(128);
  bytes.append(reinterpret_cast<const char*>(transposed.data()), transposed.size() * 8);
  write("fortran.npy", bytes);
  EXPECT_EQ(with("fortran.npy"), with("x.npy"));
}

}  // namespace
}  // namespace mckean::test
