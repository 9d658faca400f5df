// mckean w2: the distance between two weighted clouds, with its certificate.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "exit_code.hpp"
#include "host/data/error.hpp"
#include "host/data/read.hpp"
#include "host/transport/circle.hpp"
#include "host/transport/distance.hpp"
#include "host/transport/homogeneous.hpp"
#include "settings.hpp"

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
  Matrix angles(points.rows, 1);
  for (std::size_t i = 0; i < points.rows; ++i) {
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

DiscreteMeasure read_cloud(const std::string& path, const std::string& weights, bool on_circle) {
  Matrix points = read_matrix(path);
  const std::string name = weights.empty() ? path : path + " with " + weights;
  return make_measure(on_circle ? as_angles(points, path) : points, read_weights(weights), name);
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

/// The digits of w2 that its bracket proves.
std::string proven_digits(const ordered_json& json) {
  const double w2 = json["w2"];
  if (!json["upper"].is_number()) return "-";
  const double half = (json["upper"].get<double>() - json["lower"].get<double>()) / 2;
  const double digits = half > 0 ? std::floor(std::log10(w2 / half)) : 15;
  char text[40];
  std::snprintf(text, sizeof text, "%.*g", static_cast<int>(std::clamp(digits, 1., 15.)), w2);
  return text;
}

void print_text(const ordered_json& json) {
  for (const auto& [key, value] : json.items()) {
    if (value.is_object()) {
      std::printf("%s\n", key.c_str());
      print_text(value);
      continue;
    }
    const std::string text = key == "w2" && value.is_number() ? proven_digits(json)
                             : value.is_string()              ? value.get<std::string>()
                             : value.is_number_float()        ? shortest(value.get<double>())
                             : value.is_null()                ? "-"
                                                              : value.dump();
    std::printf("%-22s%s\n", key.c_str(), text.c_str());
  }
}

int answer(const ordered_json& json, bool as_json, bool converged) {
  if (as_json) {
    std::printf("%s\n", json.dump(2).c_str());
  } else {
    print_text(json);
  }
  if (converged) return exit_done;
  std::fprintf(stderr,
               "mckean: not converged: the bracket is wider than --rtol asks for; raise --rtol, or "
               "choose another --method\n");
  return exit_not_finished;
}

W2Options options_of(const W2Request& request) {
  W2Options options;
  const auto method = find_w2_method(request.method);
  if (!method) {
    throw InputError("--method: '" + request.method +
                     "' is not one of: auto, line, circle, exact, semidiscrete, sinkhorn, sliced, "
                     "bounds");
  }
  options.method = *method;
  if (request.cost != "euclidean" && request.cost != "geodesic")
    throw InputError("--cost: '" + request.cost + "' is not one of: euclidean, geodesic");
  options.cost = request.cost == "geodesic" ? GroundCost::geodesic : GroundCost::euclidean;
  options.rtol = request.rtol.value_or(options.method == W2Method::exact ? 1e-9 : 1e-6);
  if (!(options.rtol >= 0 && options.rtol < 1))
    throw InputError("--rtol: must be at least 0 and below 1");
  if (!(request.time_limit > 0)) throw InputError("--time-limit: must be above 0");
  if (request.threads < 0 || request.threads > 4096)
    throw InputError("--threads: must be between 0 and 4096");
  options.time_limit = request.time_limit;
  options.threads = request.threads;
  options.seed = request.seed;
  options.divergence = true;
  return options;
}

/// Against the uniform law of the circle.
int to_uniform(const W2Request& request) {
  const bool first = request.a == "uniform";
  if (first && request.b == "uniform")
    throw InputError("w2: both are the uniform law: give a file of points");
  if (request.method != "auto" && request.method != "circle") {
    throw InputError("w2: the uniform law is the circle's: choose --method circle");
  }
  if (!(first ? request.weights_a : request.weights_b).empty())
    throw InputError("w2: the uniform law has no weights: leave them out");
  const auto start = std::chrono::steady_clock::now();
  const DiscreteMeasure cloud = first ? read_cloud(request.b, request.weights_b, true)
                                      : read_cloud(request.a, request.weights_a, true);
  W2Result result;
  result.w2 = result.lower = result.upper = w2_circle_uniform(cloud, request.threads);
  result.method = W2Method::circle;
  result.converged = true;
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return answer(to_json(result), request.json, true);
}

/// Positive and negative parts of two networks, each normalised.
int of_networks(const W2Request& request, W2Options options) {
  if (request.project != "homogeneous")
    throw InputError("--project: '" + request.project + "' is not one of: homogeneous");
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
      const W2Result result = compute_w2(from.measure, to.measure, options);
      converged = converged && result.converged;
      part.update(to_json(result));
    } else {
      part["w2"] = nullptr;
    }
    json[positive ? "positive" : "negative"] = part;
  }
  return answer(json, request.json, converged);
}

}  // namespace

int w2_command(const W2Request& request) {
  W2Options options = options_of(request);
  if (!request.project.empty()) return of_networks(request, options);
  if (request.a == "uniform" || request.b == "uniform") return to_uniform(request);
  const bool circle = options.method == W2Method::circle;
  const DiscreteMeasure a = read_cloud(request.a, request.weights_a, circle);
  const DiscreteMeasure b = read_cloud(request.b, request.weights_b, circle);
  // Points of dimension 1 at geodesic cost are angles.
  const bool angles = a.d == 1 && b.d == 1 && options.cost == GroundCost::geodesic;
  if (angles && options.method == W2Method::automatic) options.method = W2Method::circle;
  const W2Result result = compute_w2(a, b, options);
  return answer(to_json(result), request.json, result.converged);
}

}  // namespace mckean::cli
