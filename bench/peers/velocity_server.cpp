// mckean's part in velocity.py: peer_velocity W X Y PRECISION ACTIVATION THREADS. W (m x (1 + d)),
// X (n x d) and Y (n) are .npy files, PRECISION is float32 or float64. First it says what it runs
// on. Then for each line "COUNT" of stdin it evaluates the velocity on the first COUNT samples,
// once, as a flow on samples that stay the same does, and prints the seconds; "COUNT FILE" also
// writes the velocity there.
#include <chrono>
#include <cstdio>
#include <exception>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>

#include "host/flow/arranged_samples.hpp"
#include "host/flow/sampled_data.hpp"
#include "kernels/cpu/cpu_backend.hpp"
#include "mckean/files.hpp"
#include "mckean/particle_array.hpp"

namespace mckean::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Inputs {
  ParticleArray w;
  Matrix x, y;
  AnyActivation activation;
  int threads = 0;
};

/// The evaluation on the first samples of `inputs`, which outlive it.
template <class Real>
class Evaluation {
 public:
  using Backend = CpuBackend<Real>;

  Evaluation(const Backend& backend, const Inputs& inputs, std::size_t count)
      : backend_(backend),
        w_(inputs.w.view()),
        samples_(backend, {inputs.x.values.data(), count * w_.d}, {inputs.y.values.data(), count},
                 w_.d),
        arranged_(backend, inputs.activation, linear(inputs.activation), samples_.view()),
        velocity_(w_.m, w_.d) {}

  double seconds() {
    const auto begin = Clock::now();
    double risk = 0;
    arranged_.field(backend_, w_, {output_scale(Scaling::mean_field, w_.m)},
                    {velocity_.view(), {&risk, 1}});
    return std::chrono::duration<double>(Clock::now() - begin).count();
  }
  const ParticleArray& velocity() const { return velocity_; }
  std::size_t count() const { return samples_.size(); }

 private:
  static std::optional<PiecewiseLinear> linear(const AnyActivation& activation) {
    if (activation.kind != ActivationKind::piecewise_linear) return {};
    return activation.linear;
  }

  const Backend& backend_;
  Particles<const double, Space::host> w_;
  SampleBuffers<Backend> samples_;
  ArrangedSamples<Backend, AnyActivation> arranged_;
  ParticleArray velocity_;
};

template <class Real>
void serve(const Inputs& inputs) {
  const CpuBackend<Real> backend(inputs.threads);
  std::cout << backend.describe() << std::endl;
  std::optional<Evaluation<Real>> evaluation;
  std::string line;
  while (std::getline(std::cin, line)) {
    std::istringstream words(line);
    std::size_t count = 0;
    std::string file;
    words >> count >> file;
    if (count == 0 || count > inputs.y.rows) throw InputError("COUNT: not one of the samples");
    if (!evaluation || evaluation->count() != count) evaluation.emplace(backend, inputs, count);
    const double seconds = evaluation->seconds();
    if (!file.empty()) write_npy(file, to_rows(evaluation->velocity().view()));
    std::printf("%.9g\n", seconds);
    std::fflush(stdout);
  }
}

int run(int argc, char** argv) {
  if (argc != 7) {
    std::cerr << "peer_velocity W X Y float32|float64 ACTIVATION THREADS\n";
    return 2;
  }
  const auto activation = find_activation(argv[5]);
  if (!activation) throw InputError(std::string("no activation ") + argv[5]);
  const Inputs inputs{from_rows(read_matrix(argv[1])), read_matrix(argv[2]), read_matrix(argv[3]),
                      *activation, std::stoi(argv[6])};
  if (inputs.x.cols != inputs.w.d || inputs.x.rows != inputs.y.rows)
    throw InputError("W, X and Y do not fit together");
  if (std::string(argv[4]) == "float32") {
    serve<float>(inputs);
  } else {
    serve<double>(inputs);
  }
  return 0;
}

}  // namespace
}  // namespace mckean::bench

int main(int argc, char** argv) {
  try {
    return mckean::bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "peer_velocity: " << error.what() << '\n';
    return 2;
  }
}
