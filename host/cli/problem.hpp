// What a configuration describes, on the host: data or a law with its teacher, test data, initial
// particles.
#pragma once

#include <optional>

#include "config.hpp"
#include "mckean/data_set.hpp"
#include "mckean/particle_array.hpp"
#include "mckean/teacher.hpp"

namespace mckean::cli {

struct Problem {
  std::size_t d = 0;
  std::optional<DataSet>
      data;  // samples that stay the same; empty for a closed form and for fresh samples
  std::optional<DataSet> test;
  std::optional<double> linear_regression_risk;  // on the test data
  std::optional<DataLaw> law;                    // with teacher, where the data are not files
  std::optional<Teacher> teacher;
  std::optional<PairKernel>
      kernel;  // closed form of the law under the activation, for this teacher
};

/// Reads files, draws samples, builds the teacher; settles "dim" and "samples" in the settings.
/// InputError as the files, the law and the activation call for it.
Problem make_problem(const ModelConfig& model, Settings& settings);

/// The particles of a file, m x (1 + d). InputError names the file where it is of another shape.
ParticleArray read_particles(const std::string& path, std::size_t d);

/// The particles at t = 0, of a problem's dimension; settles "width".
ParticleArray make_start(const RunConfig& run, const Problem& problem, Settings& settings);

}  // namespace mckean::cli
