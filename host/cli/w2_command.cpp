// mckean w2: the distance between two point sets.
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "exit_code.hpp"
#include "host/data/error.hpp"
#include "host/data/read.hpp"
#include "host/transport/circle.hpp"
#include "host/transport/line.hpp"
#include "settings.hpp"

namespace mckean::cli {
namespace {

std::vector<double> on_line(const std::string& path) {
  const Matrix points = read_matrix(path);
  if (points.cols != 1) {
    throw InputError(path + ": is " + shape(points) +
                     ", and the line takes m x 1 points: choose --method circle for "
                     "points of the plane");
  }
  return points.values;
}

/// Angles as they are (m x 1), of points of the plane (m x 2), or of b of particles (a, b) (m x 3).
std::vector<double> on_circle(const std::string& path) {
  const Matrix points = read_matrix(path);
  if (points.cols == 1) return points.values;
  if (points.cols > 3) {
    throw InputError(path + ": is " + shape(points) +
                     ", and the circle takes m x 1 angles, m x 2 points or m x 3 particles (a, b)");
  }
  std::vector<double> angles(points.rows);
  for (std::size_t i = 0; i < points.rows; ++i) {
    const double x = points(i, points.cols - 2);
    const double y = points(i, points.cols - 1);
    if (x == 0 && y == 0) {
      throw InputError(path + ": point " + std::to_string(i + 1) +
                       " is 0, which has no angle: remove it");
    }
    angles[i] = std::atan2(y, x);
  }
  return angles;
}

}  // namespace

int w2_command(const W2Request& request) {
  const bool uniform_a = request.a == "uniform";
  const bool uniform_b = request.b == "uniform";
  if (request.method != "auto" && request.method != "line" && request.method != "circle") {
    throw InputError("--method: '" + request.method + "' is not one of: auto, line, circle");
  }
  if (uniform_a && uniform_b)
    throw InputError("w2: both are the uniform law: give a file of points");
  const bool uniform = uniform_a || uniform_b;
  if (uniform && request.method == "line") {
    throw InputError("w2: the uniform law is the circle's: choose --method circle");
  }
  const bool circle = request.method == "circle" || uniform;
  double distance = 0;
  if (uniform) {
    distance = w2_circle_uniform(on_circle(uniform_a ? request.b : request.a));
  } else if (circle) {
    distance = w2_circle(on_circle(request.a), on_circle(request.b));
  } else {
    distance = w2_line(on_line(request.a), on_line(request.b));
  }
  if (request.json) {
    nlohmann::ordered_json result;
    result["w2"] = distance;
    result["method"] = circle ? "circle" : "line";
    result["exact"] = true;
    std::printf("%s\n", result.dump(2).c_str());
  } else {
    std::printf("%s\n", shortest(distance).c_str());
  }
  return exit_done;
}

}  // namespace mckean::cli
