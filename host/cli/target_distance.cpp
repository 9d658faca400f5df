// Which distances apply.
#include "target_distance.hpp"

#include <algorithm>
#include <cmath>

#include "host/data/error.hpp"
#include "host/transport/circle.hpp"
#include "host/transport/line.hpp"

namespace mckean::cli {
namespace {

std::vector<double> plane(const ParticleArray& particles, std::size_t index) {
  const auto begin = particles.values.begin() + static_cast<std::ptrdiff_t>(index * particles.m);
  return {begin, begin + static_cast<std::ptrdiff_t>(particles.m)};
}

std::vector<double> angles(const ParticleArray& particles) {
  std::vector<double> theta(particles.m);
  for (std::size_t j = 0; j < particles.m; ++j) {
    theta[j] = std::atan2(particles.values[2 * particles.m + j], particles.values[particles.m + j]);
  }
  return theta;
}

bool has_unit_amplitudes(const ParticleArray& particles) {
  const std::vector<double> a = plane(particles, 0);
  return std::all_of(a.begin(), a.end(), [](double value) { return value == 1; });
}

bool is_on_circle(const ParticleArray& particles) {
  for (std::size_t j = 0; j < particles.m; ++j) {
    const double norm =
        std::hypot(particles.values[particles.m + j], particles.values[2 * particles.m + j]);
    if (std::abs(norm - 1) > 1e-12) return false;
  }
  return true;
}

}  // namespace

MeasureDistances measure_distances(const RunConfig& run, const Problem& problem,
                                   const ParticleArray& start, const Settings& settings) {
  const FieldSpec& spec = run.model.spec;
  const bool fixed_amplitudes = spec.rate_a() == 0 && has_unit_amplitudes(start);
  const bool comparable =
      problem.teacher && spec.scaling == Scaling::mean_field && fixed_amplitudes;
  const bool circle = comparable && problem.d == 2 && spec.constraint == Constraint::sphere;
  const bool uniform = circle && problem.teacher->kind == Teacher::Kind::uniform_sphere;
  const bool antipodal = settings.flag("w2-antipodal");
  if (antipodal && !uniform) {
    throw InputError(settings.spelled("w2-antipodal") +
                     ": needs the uniform target on the circle, --train inner, amplitudes 1, "
                     "--constraint sphere and "
                     "mean-field scaling: leave it out");
  }
  if (uniform) {
    return [antipodal](const ParticleArray& particles) {
      const std::vector<double> theta = angles(particles);
      TargetDistances distances{w2_circle_uniform(theta), {}};
      if (antipodal) distances.w2_antipodal = w2_circle_uniform_antipodal(theta);
      return distances;
    };
  }
  const bool atoms = comparable && problem.teacher->kind == Teacher::Kind::atoms &&
                     has_unit_amplitudes(problem.teacher->atoms);
  if (atoms && circle && is_on_circle(problem.teacher->atoms)) {
    return [target = angles(problem.teacher->atoms)](const ParticleArray& particles) {
      return TargetDistances{w2_circle(angles(particles), target), {}};
    };
  }
  if (atoms && problem.d == 1 && spec.constraint == Constraint::none) {
    return [target = plane(problem.teacher->atoms, 1)](const ParticleArray& particles) {
      return TargetDistances{w2_line(plane(particles, 1), target), {}};
    };
  }
  return [](const ParticleArray&) { return TargetDistances{}; };
}

}  // namespace mckean::cli
