// Which distance applies, and its value at each record.
#include "host/cli/target_distance.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "host/cli/options/option_table.hpp"
#include "host/data/interruptible.hpp"

namespace mckean::cli {
namespace {

using Clock = std::chrono::steady_clock;

/// What a record may cost where nobody asked for a distance.
constexpr double cheap_pairs = 1e9;
constexpr double least_time = 1e-3;  // seconds
/// No antipodal symmetrisation is farther than pi/sqrt 12 from the uniform law; the upper end of
/// one of which nothing is known is pi/sqrt 3.
constexpr double most_antipodal = 1;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

bool has_unit_amplitudes(const ParticleArray& particles) {
  check_interruption();
  const HostView<const double> a = particles.view().a();
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
  subsample_ = std::min<std::uint64_t>(start.m, distance.subsample.value_or(start.m));
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
  if (form_ != Form::clouds)
    options_.method = form_ == Form::line ? W2Method::line : W2Method::circle;
  if (form_ != Form::uniform_circle) target_ = compared(atoms_);
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
  choose_form_of_atoms(config);
}

void MeasureDistances::choose_form_of_atoms(const RunConfig& config) {
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
    const double pairs = static_cast<double>(subsample_) * static_cast<double>(atoms_.m);
    const bool cheap = pairs <= cheap_pairs;
    if (cheap || distance.asked_by != nullptr) form_ = Form::clouds;
  }
}

TargetDistances MeasureDistances::at(const Flow& flow, const ParticleArray& particles) {
  const Clock::time_point begin = Clock::now();
  method_.clear();
  TargetDistances distances;
  if (form_ != Form::none) {
    distances = subsample_ < particles.m
                    ? compute(flow, subsample(particles, subsample_, options_.seed))
                    : compute(flow, particles);
  }
  seconds_ += seconds_since(begin);
  return distances;
}

TargetDistances MeasureDistances::compute(const Flow& flow, const ParticleArray& particles) {
  const Clock::time_point begin = Clock::now();
  const bool by_angle = form_ == Form::circle || form_ == Form::uniform_circle;
  if (!by_angle && !is_measurable(particles)) return {};
  const Cloud cloud = compared(particles);
  DistanceOptions options = options_;
  // What copying has left: no limit is 0.
  const auto left = [&] { return options_.time_limit - seconds_since(begin); };
  options.time_limit = std::max(least_time, left());
  TargetDistances distances =
      take(form_ == Form::uniform_circle ? distance_to_uniform_circle(cloud, options)
                                         : distance(flow, cloud, target_, options));
  if (antipodal_ && left() > 0) {
    options.time_limit = left();
    options.antipodal = true;
    const Distance found = distance_to_uniform_circle(cloud, options);
    const bool in_time = found.upper < most_antipodal;
    if (in_time) distances.w2_antipodal = found.value;
  }
  return distances;
}

TargetDistances MeasureDistances::take(const Distance& distance) {
  method_ = name_of(distance.method);
  if (!distance.converged) ++unconverged_;
  if (!std::isfinite(distance.upper)) return {};
  return {distance.value, distance.lower, distance.upper, {}};
}

Cloud MeasureDistances::compared(const ParticleArray& particles) const {
  if (form_ == Form::circle || form_ == Form::uniform_circle) return angles(particles);
  return with_amplitudes_ ? Cloud(particles) : inner_weights(particles);
}

}  // namespace mckean::cli
