// W2 of the particles to the target, where it has a meaning.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "mckean/flow.hpp"
#include "mckean/w2.hpp"
#include "problem.hpp"

namespace mckean::cli {

/// W2 of the particles' measure with its bracket, and of its antipodal symmetrisation where that
/// was asked for.
struct TargetDistances {
  std::optional<double> w2, lower, upper;
  std::optional<double> w2_antipodal;
};

/// Under mean-field scaling, for a target that is a measure of neurons. With a = a* = 1 fixed it is
/// the law of b that is compared: on the circle with the uniform law (closed form), and in any
/// dimension with a teacher's b*, by geodesics where both live on the sphere. Otherwise the law of
/// (a, b) is compared with a teacher's (a*, b*). Without an option that asks for W2, nothing is
/// computed where it would need more than 1e9 pairs.
class MeasureDistances {
 public:
  /// InputError where an option asks for a distance that has no meaning.
  MeasureDistances(const RunConfig& config, const Problem& problem, const ParticleArray& start);

  /// Whether there is a distance at all.
  bool wanted() const { return form_ != Form::none; }
  /// Of the particles of a record of a flow: the same whatever has been recorded before.
  TargetDistances at(const Flow& flow, const ParticleArray& particles);

  /// Of the last record; empty where there was no distance.
  const std::string& method() const { return method_; }
  /// Records whose bracket was wider than --w2-rtol.
  std::uint64_t unconverged() const { return unconverged_; }
  /// Time in `at` so far.
  double seconds() const { return seconds_; }

 private:
  enum class Form { none, uniform_circle, circle, line, clouds };

  void choose_form(const RunConfig& config, const Problem& problem, const ParticleArray& start);
  void choose_form_of_atoms(const RunConfig& config);
  TargetDistances compute(const Flow& flow, const ParticleArray& particles);
  TargetDistances take(const Distance& distance);
  /// What of particles is compared: (a, b), b, or the angles of b.
  Cloud compared(const ParticleArray& particles) const;

  Form form_ = Form::none;
  bool with_amplitudes_ = false;  // (a, b) is compared, not b
  bool antipodal_ = false;
  std::size_t subsample_ = 0;  // so many of the particles are compared
  ParticleArray atoms_;
  Cloud target_;
  DistanceOptions options_;
  std::string method_;
  std::uint64_t unconverged_ = 0;
  double seconds_ = 0;
};

}  // namespace mckean::cli
