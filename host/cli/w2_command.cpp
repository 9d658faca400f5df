// mckean w2: the distance between two weighted clouds, with its certificate.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "exit_code.hpp"
#include "host/cli/options/option_table.hpp"
#include "json_text.hpp"
#include "mckean/error.hpp"
#include "mckean/files.hpp"
#include "mckean/homogeneous.hpp"
#include "mckean/interruption.hpp"
#include "mckean/law.hpp"
#include "mckean/number_text.hpp"
#include "mckean/w2.hpp"
#include "message.hpp"
#include "standard_streams.hpp"
#include "threads.hpp"

namespace mckean::cli {
namespace {

using nlohmann::ordered_json;

std::vector<double> read_weights(const std::string& path) {
  if (path.empty()) return {};
  Matrix weights = read_matrix(path);
  if (weights.cols != 1 && weights.rows != 1) {
    throw InputError(path + ": is " + shape(weights) +
                     ", and weights are one for each point: give n x 1");
  }
  return std::move(weights.values);
}

/// Angles as they are (m x 1), of points of the plane (m x 2), or of b of particles (a, b) (m x 3).
Matrix as_angles(const Matrix& points, const std::string& path) {
  if (points.cols == 1) return points;
  if (points.cols > 3) {
    throw InputError(path + ": is " + shape(points) +
                     ", and the circle takes m x 1 angles, m x 2 points or m x 3 particles (a, b)");
  }
  Matrix angles = make_matrix(points.rows, 1);
  for (std::size_t i = 0; i < points.rows; ++i) {
    check_interruption();
    const double x = points(i, points.cols - 2);
    const double y = points(i, points.cols - 1);
    if (x == 0 && y == 0) {
      throw InputError(path + ": point " + std::to_string(i + 1) +
                       " is 0, which has no angle: remove it");
    }
    angles(i, 0) = std::atan2(y, x);
  }
  return angles;
}

Cloud to_cloud(Matrix points, const std::string& path, const std::string& weights) {
  const std::string name = weights.empty() ? path : path + " with " + weights;
  return {std::move(points), read_weights(weights), name};
}

/// The points of angles in the plane.
Matrix to_plane(const Matrix& angles) {
  Matrix points = make_matrix(angles.rows, 2);
  for (std::size_t i = 0; i < angles.rows; ++i) {
    check_interruption();
    points(i, 0) = std::cos(angles(i, 0));
    points(i, 1) = std::sin(angles(i, 0));
  }
  return points;
}

ordered_json to_json(const Distance& result) {
  ordered_json json;
  json["w2"] = result.value;
  json["lower"] = result.lower;
  json["upper"] = std::isfinite(result.upper) ? ordered_json(result.upper) : ordered_json(nullptr);
  json["method"] = name_of(result.method);
  if (!result.reason.empty()) json["reason"] = result.reason;
  json["converged"] = result.converged;
  json["iterations"] = result.iterations;
  json["seconds"] = result.seconds;
  json["sampling_error"] =
      result.sampling_error ? ordered_json(*result.sampling_error) : ordered_json(nullptr);
  if (result.sliced) {
    json["sliced"] = result.sliced->sliced;
    json["sliced_standard_error"] = std::isfinite(result.sliced->standard_error)
                                        ? ordered_json(result.sliced->standard_error)
                                        : ordered_json(nullptr);
    json["max_sliced"] = result.sliced->max_sliced;
  }
  if (result.divergence) json["sinkhorn_divergence"] = *result.divergence;
  if (result.epsilon) json["epsilon"] = *result.epsilon;
  return json;
}

/// w2 to as few digits as keep it within its bracket.
std::string proven_digits(const ordered_json& json) {
  if (!json["upper"].is_number()) return "-";
  const double w2 = json["w2"];
  char text[40];
  for (int digits = 1; digits <= 16; ++digits) {
    std::snprintf(text, sizeof text, "%.*g", digits, w2);
    const double rounded = std::strtod(text, nullptr);
    if (rounded >= json["lower"] && rounded <= json["upper"]) return text;
  }
  return shortest(w2);
}

void print_text(const ordered_json& json) {
  for (const auto& [key, value] : json.items()) {
    if (value.is_object()) {
      print_fitted(key + "\n");
      print_text(value);
      continue;
    }
    const std::string text = key == "w2" && value.is_number() ? proven_digits(json)
                             : value.is_string()              ? value.get<std::string>()
                             : value.is_number_float()        ? shortest(value.get<double>())
                             : value.is_null()                ? "-"
                                                              : json_cell(value);
    print_fitted(key + std::string(22 - std::min<std::size_t>(key.size(), 22), ' ') + text + "\n");
  }
}

int answer(const ordered_json& json, const W2Config& config, bool converged) {
  if (config.output.json) {
    print(json_text(json) + "\n");
  } else {
    print_text(json);
  }
  check_printed(false);
  if (converged) return exit_done;
  const std::string raise = config.transport.time_limit ? "--time-limit or --rtol" : "--rtol";
  return complain("not converged: the bracket is wider than --rtol asks for; raise " + raise +
                      ", or choose another --method",
                  exit_not_finished);
}

int answer(const Distance& result, const W2Config& config) {
  return answer(to_json(result), config, result.converged);
}

DistanceOptions options_of(const W2Config& config) {
  const TransportConfig& transport = config.transport;
  DistanceOptions options;
  options.method = transport.method;
  options.cost = options.method == W2Method::circle
                     ? GroundCost::geodesic
                     : transport.cost.value_or(GroundCost::euclidean);
  options.rtol = transport.rtol.value_or(options.method == W2Method::exact ? 1e-9 : 1e-6);
  if (transport.time_limit) options.time_limit = *transport.time_limit;
  options.sampled = config.clouds.sampled.value_or(Sampled::both);
  options.threads = config.machine.threads;
  options.seed = config.seeds.seed;
  options.divergence = true;
  return options;
}

/// Against the uniform law of the circle.
int to_uniform(const W2Config& config) {
  const CloudConfig& clouds = config.clouds;
  const bool first = clouds.a.is_uniform;
  const std::string& path = (first ? clouds.b : clouds.a).text;
  const Cloud cloud = to_cloud(as_angles(read_matrix(path), path), path,
                               first ? clouds.weights_b : clouds.weights_a);
  return answer(distance_to_uniform_circle(cloud, options_of(config)), config);
}

/// Against samples of a law, of the dimension of the file.
int to_law(const W2Config& config) {
  const CloudConfig& clouds = config.clouds;
  const bool first = clouds.a.law.has_value();
  const CloudSource& law = first ? clouds.a : clouds.b;
  const std::string& path = (first ? clouds.b : clouds.a).text;
  DistanceOptions options = options_of(config);
  Matrix points = read_matrix(path);
  if (points.cols == 1 && options.cost == GroundCost::geodesic) points = to_plane(points);
  Matrix rows(0, points.cols);
  rows.rows = clouds.samples;
  rows.values = draw_samples(*law.law, rows.rows, rows.cols, options.seed, 0);
  const Cloud cloud =
      to_cloud(std::move(points), path, first ? clouds.weights_b : clouds.weights_a);
  const Cloud samples(std::move(rows), {}, law.text);
  options.sampled = first ? Sampled::first : Sampled::second;
  return answer(first ? distance(samples, cloud, options) : distance(cloud, samples, options),
                config);
}

/// One sign of two networks, with its masses.
ordered_json compare_parts(const SignedPart& from, const SignedPart& to,
                           const DistanceOptions& options) {
  ordered_json part;
  part["mass_a"] = from.mass;
  part["mass_b"] = to.mass;
  if (from.mass > 0 && to.mass > 0) {
    if (options.method == W2Method::circle && from.cloud.points.cols != 2)
      refuse<&TransportConfig::method>("circle needs b in the plane: choose another one");
    part.update(to_json(distance(from.cloud, to.cloud, options)));
    return part;
  }
  part["reason"] = "a part without mass has no distance";
  for (const char* key :
       {"w2", "lower", "upper", "method", "converged", "iterations", "seconds", "sampling_error"})
    part[key] = nullptr;
  return part;
}

/// Positive and negative parts of two networks, each normalised.
int of_networks(const W2Config& config) {
  const CloudConfig& clouds = config.clouds;
  const SignedMeasure a = homogeneous_measure(read_matrix(clouds.a.text), clouds.a.text);
  const SignedMeasure b = homogeneous_measure(read_matrix(clouds.b.text), clouds.b.text);
  const DistanceOptions options = options_of(config);
  ordered_json json;
  json["project"] = name_of(*clouds.projection);
  json["positive"] = compare_parts(a.positive, b.positive, options);
  json["negative"] = compare_parts(a.negative, b.negative, options);
  const auto converged = [&](const char* part) { return json[part]["converged"] != false; };
  return answer(json, config, converged("positive") && converged("negative"));
}

int of_clouds(const W2Config& config) {
  const CloudConfig& clouds = config.clouds;
  DistanceOptions options = options_of(config);
  Matrix a = read_matrix(clouds.a.text);
  Matrix b = read_matrix(clouds.b.text);
  if (a.cols == 1 && b.cols == 1 && options.cost == GroundCost::geodesic) {
    // Angles: on the circle as they are, for all other methods as points of the plane.
    if (options.method == W2Method::automatic) options.method = W2Method::circle;
    if (options.method != W2Method::circle) {
      a = to_plane(a);
      b = to_plane(b);
    }
  }
  if (options.method == W2Method::circle) {
    a = as_angles(a, clouds.a.text);
    b = as_angles(b, clouds.b.text);
  }
  const Cloud from = to_cloud(std::move(a), clouds.a.text, clouds.weights_a);
  const Cloud to = to_cloud(std::move(b), clouds.b.text, clouds.weights_b);
  return answer(distance(from, to, options), config);
}

}  // namespace

int w2_command(const W2Config& config) {
  reserve_threads(config.machine.threads);
  const CloudConfig& clouds = config.clouds;
  if (clouds.projection) return of_networks(config);
  if (clouds.a.is_uniform || clouds.b.is_uniform) return to_uniform(config);
  if (clouds.a.law || clouds.b.law) return to_law(config);
  return of_clouds(config);
}

}  // namespace mckean::cli
