// Monte Carlo over orthonormal frames, and an ascent from the best direction.
#include "host/transport/bounds/sliced.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "host/linear_algebra/dense.hpp"
#include "host/transport/bounds/projections.hpp"
#include "host/transport/line/quantiles.hpp"
#include "kernels/cpu/tiles.hpp"
#include "mckean/error.hpp"
#include "mckean/formula/philox.hpp"

namespace mckean {
namespace {

constexpr int ascent_evaluations = 24;

/// `frames` times k orthonormal directions, each frame the first columns of a uniform rotation.
Directions random_frames(std::size_t d, std::size_t k, std::size_t frames, std::uint64_t seed) {
  Directions directions{frames * k, d, {}};
  directions.values.reserve(frames * k * d);
  Eigen::MatrixXd normals(d, k);
  for (std::size_t frame = 0; frame < frames; ++frame) {
    for (std::size_t column = 0; column < k; ++column) {
      for (std::size_t row = 0; row < d; row += 2) {
        const RandomPair pair = normal_pair(seed, Purpose::projections, frame, column, row / 2);
        normals(static_cast<Eigen::Index>(row), static_cast<Eigen::Index>(column)) = pair.first;
        if (row + 1 < d)
          normals(static_cast<Eigen::Index>(row + 1), static_cast<Eigen::Index>(column)) =
              pair.second;
      }
    }
    const Eigen::MatrixXd q = orthonormal_factor(normals);
    directions.values.insert(directions.values.end(), q.data(), q.data() + q.size());
  }
  return directions;
}

/// The unit vector along `vector`; empty where that is 0.
std::vector<double> normalised(std::vector<double> vector) {
  double largest = 0;
  for (const double x : vector) largest = std::max(largest, std::abs(x));
  if (!(largest > 0)) return {};
  double sum = 0;
  for (double& x : vector) {
    x /= largest;
    sum += x * x;
  }
  for (double& x : vector) x /= std::sqrt(sum);
  return vector;
}

std::vector<double> mean_difference(const DiscreteMeasure& a, const DiscreteMeasure& b,
                                    int threads) {
  std::vector<double> difference(a.d);
  const auto mean = [&](const DiscreteMeasure& cloud, std::size_t k) {
    const double* const plane = cloud.planes.data() + k * cloud.n;
    return cpu::sum_long_elements(cloud.n, threads,
                                  [&](std::size_t i) { return cloud.weights[i] * plane[i]; });
  };
  for (std::size_t k = 0; k < a.d; ++k) difference[k] = mean(a, k) - mean(b, k);
  return difference;
}

struct Best {
  std::vector<double> direction;
  double square = 0;
};

/// Full steps to the normalised gradient, and where one does not climb, half of it.
void climb(const Projections& projections, Best& best) {
  Projections::Ascent here = projections.ascent(best.direction);
  best.square = here.square;
  double step = 1;
  for (int evaluation = 1; evaluation < ascent_evaluations; ++evaluation) {
    std::vector<double> next = normalised(here.half_gradient);
    if (next.empty()) break;
    for (std::size_t k = 0; k < next.size(); ++k)
      next[k] = step * next[k] + (1 - step) * best.direction[k];
    next = normalised(std::move(next));
    if (next.empty()) break;
    Projections::Ascent there = projections.ascent(next);
    const double gain = there.square - best.square;
    if (gain > 0) {
      best = {std::move(next), there.square};
      here = std::move(there);
      if (gain < 1e-12 * best.square) break;
      step = std::min(1., 2 * step);
    } else {
      step /= 2;
      if (step < 1e-2) break;
    }
  }
}

/// The squares of as many whole frames, of k directions each, as there is time for.
std::vector<double> squares_in_time(const Projections& projections, const Directions& directions,
                                    std::size_t k, int threads) {
  const std::size_t step = k * std::max<std::size_t>(1, 4 * static_cast<std::size_t>(threads) / k);
  std::vector<double> squares;
  try {
    while (squares.size() < directions.count) {
      const std::size_t count = std::min(step, directions.count - squares.size());
      const std::vector<double> part =
          projections.squares(select_directions(directions, squares.size(), count));
      squares.insert(squares.end(), part.begin(), part.end());
    }
  } catch (const OutOfTime&) {
    if (squares.empty()) throw;
  }
  return squares;
}

}  // namespace

SlicedDistances sliced_distances(const DiscreteMeasure& a, const DiscreteMeasure& b,
                                 const SlicedOptions& options) {
  if (options.projections == 0) throw InputError("sliced w2: takes at least one projection");
  const int threads = cpu::thread_count(options.threads);
  const Projections projections(a, b, threads, options.deadline);
  const std::size_t d = a.d;
  const std::size_t k = std::min(d, std::max<std::size_t>(1, options.projections / 8));
  const std::size_t most_frames = d == 1 ? 1 : (options.projections + k - 1) / k;
  const Directions directions = random_frames(d, k, most_frames, options.seed);
  const std::vector<double> squares = squares_in_time(projections, directions, k, threads);
  const std::size_t frames = squares.size() / k;

  SlicedDistances result;
  result.projections = squares.size();
  double lower_squared = 0;
  std::vector<double> mean_of_frame(frames);
  for (std::size_t frame = 0; frame < frames; ++frame) {
    const std::span<const double> part(squares.data() + frame * k, k);
    mean_of_frame[frame] = std::accumulate(part.begin(), part.end(), 0.) / static_cast<double>(k);
    lower_squared = std::max(lower_squared, projections.lower_squared(
                                                select_directions(directions, frame * k, k), part));
  }
  const auto count = static_cast<double>(frames);
  const double mean = std::accumulate(mean_of_frame.begin(), mean_of_frame.end(), 0.) / count;
  result.sliced = std::sqrt(mean);
  double deviation = 0;
  for (const double value : mean_of_frame) deviation += (value - mean) * (value - mean);
  if (d == 1 || mean == 0) {
    result.standard_error = 0;
  } else if (frames == 1) {
    result.standard_error = std::numeric_limits<double>::infinity();
  } else {
    result.standard_error = std::sqrt(deviation / (count - 1) / count) / (2 * result.sliced);
  }

  const auto largest = std::max_element(squares.begin(), squares.end());
  const std::span<const double> start =
      directions[static_cast<std::size_t>(largest - squares.begin())];
  Best best{{start.begin(), start.end()}, *largest};
  result.max_sliced = std::sqrt(best.square);
  try {
    const std::vector<double> towards = normalised(mean_difference(a, b, threads));
    if (!towards.empty()) {
      const double square = projections.squares({1, d, towards})[0];
      if (square > best.square) best = {towards, square};
    }
    if (d > 1) climb(projections, best);
    // The largest of all, whatever the rounding of the climb.
    const Directions last{1, d, best.direction};
    const std::vector<double> last_square = projections.squares(last);
    result.max_sliced = std::sqrt(std::max(*largest, last_square[0]));
    lower_squared = std::max(lower_squared, projections.lower_squared(last, last_square));
  } catch (const OutOfTime&) {  // the frames that are known stand
  }
  result.lower = std::sqrt(lower_squared) * (1 - 0x1p-51);
  return result;
}

}  // namespace mckean
