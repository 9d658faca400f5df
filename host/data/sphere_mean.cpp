// E sigma(r t) over the projection t of the uniform law on the sphere.
#include "host/data/sphere_mean.hpp"

#include <algorithm>
#include <boost/math/quadrature/gauss.hpp>
#include <cmath>
#include <numbers>
#include <vector>

#include "mckean/custom_activation.hpp"

namespace mckean {
namespace {

/// Ends of panels on [0, pi/2]: they double from the finest scale of integrand and weight on, so
/// that every panel is far, in units of its own length, from the poles of sigma(r sin phi) and
/// short against the decay of cos^{d-2}.
std::vector<double> make_panels(double radius, std::size_t d, double kink) {
  const double end = std::numbers::pi / 2;
  std::vector<double> ends{0};
  double step = std::min(0.5, 1 / std::max(radius, std::sqrt(static_cast<double>(d))));
  for (double phi = step; phi < end; phi *= 2) ends.push_back(phi);
  ends.push_back(end);
  if (kink > 0 && kink < radius) {
    ends.push_back(std::asin(kink / radius));
    std::sort(ends.begin(), ends.end());
  }
  return ends;
}

/// With t = sin phi the density of t is cos^{d-2} phi up to a factor, and only the even part of
/// sigma counts.
template <class A>
double integrate(const A& activation, double radius, std::size_t d, double kink) {
  const auto even = [&](double z) { return (activation.value(z) + activation.value(-z)) / 2; };
  if (d == 1) return even(radius);
  using Rule = boost::math::quadrature::gauss<double, 32>;
  const double power = static_cast<double>(d) - 2;
  const auto weight = [&](double phi) { return std::pow(std::cos(phi), power); };
  const std::vector<double> ends = make_panels(radius, d, kink);
  double sum = 0;
  double mass = 0;
  for (std::size_t k = 0; k + 1 < ends.size(); ++k) {
    sum += Rule::integrate([&](double phi) { return even(radius * std::sin(phi)) * weight(phi); },
                           ends[k], ends[k + 1]);
    mass += Rule::integrate(weight, ends[k], ends[k + 1]);
  }
  return sum / mass;
}

}  // namespace

double mean_positive_part(std::size_t d) {
  // Gamma(d/2)/Gamma((d + 1)/2) by its recurrence: differences of lgamma lose digits as d grows.
  double ratio =
      d % 2 == 1 ? std::sqrt(std::numbers::pi) : 2 / std::sqrt(std::numbers::pi);  // d = 1 or 2
  for (std::size_t k = d % 2 == 1 ? 1 : 2; k < d; k += 2) {
    ratio *= static_cast<double>(k) / static_cast<double>(k + 1);
  }
  return ratio / (2 * std::sqrt(std::numbers::pi));
}

bool is_closed_form(const AnyActivation& activation) {
  switch (activation.kind) {
    case ActivationKind::square:
    case ActivationKind::tanh:
    case ActivationKind::erf:
    case ActivationKind::sigmoid:
      return true;
    case ActivationKind::piecewise_linear:
      return activation.linear.offset == 0;
    default:
      return false;
  }
}

double sphere_mean(const AnyActivation& activation, double radius, std::size_t d) {
  const PiecewiseLinear& linear = activation.linear;
  switch (activation.kind) {
    case ActivationKind::square:
      return radius * radius / static_cast<double>(d);
    case ActivationKind::tanh:
    case ActivationKind::erf:
      return 0;
    case ActivationKind::sigmoid:
      return 0.5;  // 1/2 + tanh(z/2)/2
    case ActivationKind::piecewise_linear:
      if (linear.offset == 0) return (linear.above - linear.below) * mean_positive_part(d) * radius;
      return integrate(linear, radius, d, std::abs(linear.offset));
    default:
      break;
  }
  return visit_any(activation, [&](const auto& smooth) { return integrate(smooth, radius, d, 0); });
}

}  // namespace mckean
