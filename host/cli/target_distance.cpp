// Which distance applies, and its value at each record.
#include "host/cli/target_distance.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "host/cli/options/option_table.hpp"
#include "host/data/interruptible.hpp"
#include "host/transport/line/circle.hpp"
#include "mckean/formula/batch.hpp"

namespace mckean::cli {
namespace {

/// What a record may cost where nobody asked for a distance.
constexpr double cheap_pairs = 1e9;
constexpr double least_time = 1e-3;  // seconds

std::vector<double> plane(const ParticleArray& particles, std::size_t index) {
  return copy_values(particles.values.data() + index * particles.m, particles.m);
}

std::vector<double> angles(const ParticleArray& particles) {
  std::vector<double> theta = make_zeros(particles.m);
  const double* const b = particles.values.data() + particles.m;
  for_each_range(theta.size(), [&](std::size_t begin, std::size_t end) {
    for (std::size_t j = begin; j < end; ++j) theta[j] = std::atan2(b[particles.m + j], b[j]);
  });
  return theta;
}

bool has_unit_amplitudes(const ParticleArray& particles) {
  const std::vector<double> a = plane(particles, 0);
  return std::all_of(a.begin(), a.end(), [](double value) { return value == 1; });
}

bool is_on_sphere(const ParticleArray& particles) {
  for (std::size_t j = 0; j < particles.m; ++j) {
    if (j % values_between_checks == 0) check_interruption();
    double norm = 0;
    for (std::size_t k = 0; k < particles.d; ++k) norm = std::hypot(norm, particles.view().b(k)[j]);
    if (std::abs(norm - 1) > 1e-12) return false;
  }
  return true;
}

/// Squares of what is larger overflow.
bool is_measurable(const ParticleArray& particles) {
  const std::vector<double>& values = particles.values;
  bool measurable = true;
  for_each_range(values.size(), [&](std::size_t begin, std::size_t end) {
    measurable = measurable && std::all_of(values.data() + begin, values.data() + end,
                                           [](double value) { return std::abs(value) < 1e150; });
  });
  return measurable;
}

ParticleArray pick(const ParticleArray& particles, const std::vector<std::size_t>& subset) {
  ParticleArray picked = make_particles(subset.size(), particles.d);
  for (std::size_t k = 0; k <= particles.d; ++k) {
    for_each_range(subset.size(), [&](std::size_t begin, std::size_t end) {
      for (std::size_t j = begin; j < end; ++j)
        picked.values[k * picked.m + j] = particles.values[k * particles.m + subset[j]];
    });
  }
  return picked;
}

/// The uniform measure on the particles (a, b), or on b alone.
DiscreteMeasure to_measure(const ParticleArray& particles, bool with_amplitudes) {
  const std::size_t skipped = with_amplitudes ? 0 : particles.m;
  return {particles.m, particles.d + (with_amplitudes ? 1 : 0),
          copy_values(particles.values.data() + skipped, particles.values.size() - skipped),
          std::vector<double>(particles.m, 1 / static_cast<double>(particles.m)), true};
}

/// Why there is no target measure to compare with, and a remedy; empty where there is one.
std::string find_obstacle(const Problem& problem, const FieldSpec& spec, bool fixed_amplitudes) {
  if (!problem.teacher)
    return "data files have no target measure: leave it out, or leave out --x and --y";
  if (spec.scaling != Scaling::mean_field)
    return "the law of the neurons is compared under --scaling mean-field: choose that, or leave "
           "it out";
  if (problem.teacher->kind == Teacher::Kind::atoms) return "";
  if (problem.d != 2)
    return "the target is the uniform law in dimension " + std::to_string(problem.d) +
           ", which is compared on the circle only: choose --target neurons, or leave it out";
  if (!fixed_amplitudes || spec.constraint != Constraint::sphere)
    return "the uniform law is compared with b on the circle: choose --train inner --amplitude one "
           "--constraint sphere, or leave it out";
  return "";
}

}  // namespace

MeasureDistances::MeasureDistances(const RunConfig& config, const Problem& problem,
                                   const ParticleArray& start) {
  const DistanceConfig& distance = config.distance;
  choose_form(config, problem, start);
  antipodal_ = distance.antipodal;
  if (antipodal_ && form_ != Form::uniform_circle) {
    refuse<&DistanceConfig::antipodal>(
        "needs the uniform target on the circle, --train inner, amplitudes 1, --constraint sphere "
        "and mean-field scaling: leave it out");
  }
  if (form_ == Form::none) return;
  options_.rtol = distance.rtol;
  if (distance.time_limit) options_.time_limit = *distance.time_limit;
  options_.threads = config.machine.threads;
  options_.seed = config.seeds.seed;
  if (form_ == Form::clouds) {
    target_ = to_measure(atoms_, with_amplitudes_);
  } else {
    options_.method = form_ == Form::line ? W2Method::line : W2Method::circle;
    if (form_ != Form::uniform_circle) target_ = coordinate(atoms_);
  }
  const std::uint64_t subsample = distance.subsample.value_or(start.m);
  if (subsample >= start.m) return;
  for (std::size_t j = 0; j < subsample; ++j)
    subset_.push_back(permute(j, start.m, config.seeds.seed, subset_epoch));
}

void MeasureDistances::choose_form(const RunConfig& config, const Problem& problem,
                                   const ParticleArray& start) {
  if (!config.distance.method.method) return;
  const W2Method method = *config.distance.method.method;
  const FieldSpec& spec = config.model.spec;
  const bool fixed_amplitudes = spec.rate_a() == 0 && has_unit_amplitudes(start);
  const std::string obstacle = find_obstacle(problem, spec, fixed_amplitudes);
  if (!obstacle.empty()) {
    if (config.distance.asked_by != nullptr) throw OptionError(*config.distance.asked_by, obstacle);
    return;
  }
  const Teacher& teacher = *problem.teacher;
  if (teacher.kind == Teacher::Kind::uniform_sphere) {
    if (method != W2Method::automatic && method != W2Method::circle) {
      refuse<&DistanceConfig::method>(
          name_of(method) +
          " is between clouds of points, and the target is the uniform law on the circle: choose "
          "auto or circle");
    }
    form_ = Form::uniform_circle;
    return;
  }
  atoms_ = teacher.atoms;
  with_amplitudes_ = !fixed_amplitudes || !has_unit_amplitudes(atoms_);
  choose_form_of_atoms(config, start.m);
}

void MeasureDistances::choose_form_of_atoms(const RunConfig& config, std::size_t m) {
  const DistanceConfig& distance = config.distance;
  const W2Method method = *distance.method.method;
  const bool line = !with_amplitudes_ && atoms_.d == 1;
  const bool geodesic = !with_amplitudes_ && atoms_.d > 1 &&
                        config.model.spec.constraint == Constraint::sphere && is_on_sphere(atoms_);
  const bool circle = geodesic && atoms_.d == 2;
  const bool either = method == W2Method::automatic;
  if (method == W2Method::line && !line)
    refuse<&DistanceConfig::method>(
        "line needs --dim 1 and a = a* = 1 fixed: choose auto or exact");
  if (method == W2Method::circle && !circle) {
    refuse<&DistanceConfig::method>(
        "circle needs --dim 2, --constraint sphere, b* on the circle and a = a* = 1 fixed: choose "
        "auto or exact");
  }
  options_.cost = geodesic ? GroundCost::geodesic : GroundCost::euclidean;
  options_.method = method;
  if (line && (either || method == W2Method::line)) {
    form_ = Form::line;
  } else if (circle && (either || method == W2Method::circle)) {
    form_ = Form::circle;
  } else {
    const double compared =
        static_cast<double>(std::min<std::uint64_t>(m, distance.subsample.value_or(m)));
    const bool cheap = compared * static_cast<double>(atoms_.m) <= cheap_pairs;
    if (cheap || distance.asked_by != nullptr) form_ = Form::clouds;
  }
}

TargetDistances MeasureDistances::at(const ParticleArray& particles, const PairPasses& passes) {
  const auto begin = std::chrono::steady_clock::now();
  method_.clear();
  TargetDistances distances;
  if (form_ != Form::none)
    distances =
        subset_.empty() ? compute(particles, passes) : compute(pick(particles, subset_), passes);
  seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return distances;
}

TargetDistances MeasureDistances::compute(const ParticleArray& particles,
                                          const PairPasses& passes) {
  const Deadline deadline(options_.time_limit);
  if (form_ == Form::clouds && !is_measurable(particles)) return {};
  const DiscreteMeasure measure =
      form_ == Form::clouds ? to_measure(particles, with_amplitudes_) : coordinate(particles);
  W2Options options = options_;
  options.passes = &passes;
  // What copying has left: no limit is 0.
  options.time_limit = std::max(least_time, deadline.left());
  TargetDistances distances =
      take(form_ == Form::uniform_circle ? compute_w2_to_uniform(measure, options)
                                         : compute_w2(measure, target_, options));
  if (antipodal_ && !deadline.passed()) {
    try {
      const TimeLimit limit(latest_end(deadline.left()));
      distances.w2_antipodal =
          w2_circle_uniform_antipodal(angles(particles), options_.threads, deadline).w2;
    } catch (const OutOfTime&) {
    }
  }
  return distances;
}

TargetDistances MeasureDistances::take(const W2Result& result) {
  method_ = name_of(result.method);
  if (!result.converged) ++unconverged_;
  if (!std::isfinite(result.upper)) return {};
  return {result.value, result.lower, result.upper, {}};
}

DiscreteMeasure MeasureDistances::coordinate(const ParticleArray& particles) const {
  return {particles.m, 1, form_ == Form::line ? plane(particles, 1) : angles(particles),
          std::vector<double>(particles.m, 1 / static_cast<double>(particles.m)), true};
}

}  // namespace mckean::cli
