// mckean w2: the distance between two weighted clouds, with its certificate.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "exit_code.hpp"
#include "host/data/read.hpp"
#include "host/transport/distance.hpp"
#include "host/transport/homogeneous.hpp"
#include "host/transport/line/circle.hpp"
#include "json_text.hpp"
#include "mckean/error.hpp"
#include "mckean/law.hpp"
#include "message.hpp"
#include "settings.hpp"
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

DiscreteMeasure to_measure(const Matrix& points, const std::string& path,
                           const std::string& weights) {
  const std::string name = weights.empty() ? path : path + " with " + weights;
  return make_measure(points, read_weights(weights), name);
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

ordered_json to_json(const W2Result& result) {
  ordered_json json;
  json["w2"] = result.w2;
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

int answer(const ordered_json& json, const W2Request& request, bool converged) {
  if (request.json) {
    print(json_text(json) + "\n");
  } else {
    print_text(json);
  }
  check_printed(false);
  if (converged) return exit_done;
  const std::string raise = request.time_limit ? "--time-limit or --rtol" : "--rtol";
  return complain("not converged: the bracket is wider than --rtol asks for; raise " + raise +
                      ", or choose another --method",
                  exit_not_finished);
}

double number_of(const char* flag, const std::string& text) {
  const auto number = parse_number(text);
  if (!number) throw InputError(std::string(flag) + ": " + quoted(text) + " is not a number");
  return *number;
}

std::uint64_t count_of(const char* flag, const std::string& text, std::uint64_t least,
                       std::uint64_t most) {
  const auto count = parse_count(text);
  if (!count || *count < least || *count > most) {
    throw InputError(std::string(flag) + ": " + quoted(text) + " is not a whole number between " +
                     std::to_string(least) + " and " + std::to_string(most));
  }
  return *count;
}

void check_choice(const char* flag, const std::string& text,
                  std::initializer_list<const char*> choices) {
  std::string list;
  for (const char* const choice : choices) {
    if (text == choice) return;
    list += (list.empty() ? "" : ", ") + std::string(choice);
  }
  throw InputError(std::string(flag) + ": " + quoted(text) + " is not one of: " + list);
}

W2Options options_of(const W2Request& request) {
  check_choice("--method", request.method,
               {"auto", "line", "circle", "exact", "semidiscrete", "sinkhorn", "sliced", "bounds"});
  if (!request.cost.empty()) check_choice("--cost", request.cost, {"euclidean", "geodesic"});
  if (!request.project.empty()) check_choice("--project", request.project, {"homogeneous"});
  if (request.sampled) check_choice("--sampled", *request.sampled, {"a", "b", "both"});
  W2Options options;
  options.method = *find_w2_method(request.method);
  if (options.method == W2Method::circle && request.cost == "euclidean")
    throw InputError(
        "--cost: circle measures along the circle: choose geodesic, or --method exact");
  options.cost = request.cost == "geodesic" || options.method == W2Method::circle
                     ? GroundCost::geodesic
                     : GroundCost::euclidean;
  options.rtol = request.rtol                        ? number_of("--rtol", *request.rtol)
                 : options.method == W2Method::exact ? 1e-9
                                                     : 1e-6;
  if (!(options.rtol >= 0 && options.rtol < 1))
    throw InputError("--rtol: must be at least 0 and below 1");
  if (request.time_limit) options.time_limit = number_of("--time-limit", *request.time_limit);
  if (!(options.time_limit > 0)) throw InputError("--time-limit: must be above 0");
  if (request.sampled == "a") options.sampled = Sampled::first;
  if (request.sampled == "b") options.sampled = Sampled::second;
  options.threads = static_cast<int>(count_of("--threads", request.threads, 0, 4096));
  options.seed = count_of("--seed", request.seed, 0, std::uint64_t{1} << 53);
  options.divergence = true;
  return options;
}

/// Against the uniform law of the circle.
int to_uniform(const W2Request& request, const W2Options& options) {
  const bool first = request.a == "uniform";
  if (first && request.b == "uniform")
    throw InputError("w2: both are the uniform law: give a file of points");
  if (find_law(request.a) || find_law(request.b))
    throw InputError("w2: both are laws: give a file of points");
  if (request.method != "auto" && request.method != "circle")
    throw InputError("w2: the uniform law is the circle's: choose --method circle");
  if (request.cost == "euclidean")
    throw InputError("--cost: the uniform law is compared along the circle: choose geodesic");
  if (!(first ? request.weights_a : request.weights_b).empty())
    throw InputError("w2: the uniform law has no weights: leave them out");
  const std::string& path = first ? request.b : request.a;
  const DiscreteMeasure cloud = to_measure(as_angles(read_matrix(path), path), path,
                                           first ? request.weights_b : request.weights_a);
  const W2Result result = compute_w2_to_uniform(cloud, options);
  return answer(to_json(result), request, result.converged);
}

/// Against samples of a law, of the dimension of the file.
int to_law(const W2Request& request, W2Options options) {
  const bool first = find_law(request.a).has_value();
  const std::string& name = first ? request.a : request.b;
  if (find_law(first ? request.b : request.a))
    throw InputError("w2: both are laws: give a file of points");
  if (name == "circle")
    throw InputError("w2: the law of the circle is the word uniform: give that");
  if (options.method == W2Method::circle)
    throw InputError(
        "w2: circle is exact against the law of the circle, the word uniform: give that");
  if (!(first ? request.weights_a : request.weights_b).empty())
    throw InputError("w2: the samples of a law weigh the same: leave out their weights");
  const std::uint64_t count =
      count_of("--samples", request.samples.value_or("100000"), 1, std::uint64_t{1} << 31);
  const std::string& path = first ? request.b : request.a;
  Matrix points = read_matrix(path);
  if (points.cols == 1 && options.cost == GroundCost::geodesic) points = to_plane(points);
  const DiscreteMeasure cloud =
      to_measure(points, path, first ? request.weights_b : request.weights_a);
  Matrix rows(0, cloud.d);
  rows.rows = count;
  rows.values = draw_samples(*find_law(name), rows.rows, rows.cols, options.seed, 0);
  const DiscreteMeasure samples = make_measure(rows, {}, name);
  options.sampled = first ? Sampled::first : Sampled::second;
  const W2Result result =
      first ? compute_w2(samples, cloud, options) : compute_w2(cloud, samples, options);
  return answer(to_json(result), request, result.converged);
}

/// Positive and negative parts of two networks, each normalised.
int of_networks(const W2Request& request, const W2Options& options) {
  if (!request.weights_a.empty() || !request.weights_b.empty())
    throw InputError("--project: particles of a network weigh the same: leave out the weights");
  const SignedMeasure a = homogeneous_measure(read_matrix(request.a), request.a);
  const SignedMeasure b = homogeneous_measure(read_matrix(request.b), request.b);
  ordered_json json;
  json["project"] = request.project;
  bool converged = true;
  for (const bool positive : {true, false}) {
    const SignedPart& from = positive ? a.positive : a.negative;
    const SignedPart& to = positive ? b.positive : b.negative;
    ordered_json part;
    part["mass_a"] = from.mass;
    part["mass_b"] = to.mass;
    if (from.mass > 0 && to.mass > 0) {
      if (options.method == W2Method::circle && from.measure.d != 2)
        throw InputError("--method: circle needs b in the plane: choose another one");
      const W2Result result = compute_w2(from.measure, to.measure, options);
      converged = converged && result.converged;
      part.update(to_json(result));
    } else {
      part["reason"] = "a part without mass has no distance";
      for (const char* key : {"w2", "lower", "upper", "method", "converged", "iterations",
                              "seconds", "sampling_error"})
        part[key] = nullptr;
    }
    json[positive ? "positive" : "negative"] = part;
  }
  return answer(json, request, converged);
}

}  // namespace

int w2_command(const W2Request& request) {
  W2Options options = options_of(request);
  reserve_threads(options.threads);
  const bool to_samples = find_law(request.a) || find_law(request.b);
  if (request.samples && !to_samples)
    throw InputError("--samples: there is no law to draw them from: leave it out");
  if (request.sampled && to_samples)
    throw InputError("--sampled: beside a law that is the law's side: leave it out");
  if (!request.project.empty()) return of_networks(request, options);
  if (request.a == "uniform" || request.b == "uniform") return to_uniform(request, options);
  if (to_samples) return to_law(request, options);
  Matrix a = read_matrix(request.a);
  Matrix b = read_matrix(request.b);
  if (a.cols == 1 && b.cols == 1 && options.cost == GroundCost::geodesic) {
    // Angles: on the circle as they are, for all other methods as points of the plane.
    if (options.method == W2Method::automatic) options.method = W2Method::circle;
    if (options.method != W2Method::circle) {
      a = to_plane(a);
      b = to_plane(b);
    }
  }
  if (options.method == W2Method::circle) {
    a = as_angles(a, request.a);
    b = as_angles(b, request.b);
  }
  const W2Result result = compute_w2(to_measure(a, request.a, request.weights_a),
                                     to_measure(b, request.b, request.weights_b), options);
  return answer(to_json(result), request, result.converged);
}

}  // namespace mckean::cli
