// What a configuration describes, on the host: data or a law with its teacher, test data, initial
// particles.
#pragma once

#include <optional>

#include "host/cli/options/config.hpp"
#include "mckean/particle_array.hpp"
#include "mckean/problem.hpp"

namespace mckean::cli {

/// With what a network on tabular data should beat.
struct ProblemWithBaseline : Problem {
  std::optional<double> linear_regression_risk;  // on the test data
};

/// Reads files, draws samples, builds the teacher; `online` says that steps draw samples of their
/// own. InputError as the files, the law and the activation call for it.
ProblemWithBaseline make_problem(const FlowConfig& config, bool online);

/// The particles of a file, m x (1 + d). InputError names the file where it is of another shape.
ParticleArray read_particles(const std::string& path, std::size_t d);

/// The particles at t = 0, of a problem's dimension.
ParticleArray make_start(const RunConfig& config, const Problem& problem);

}  // namespace mckean::cli
