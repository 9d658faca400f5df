// Combinations of clouds, laws and methods that make no sense.
#include "host/cli/options/make_config.hpp"

namespace mckean::cli {
namespace {

void check_numbers(const W2Config& config) {
  const TransportConfig& transport = config.transport;
  const double rtol = transport.rtol.value_or(0);
  require<&TransportConfig::rtol>(rtol >= 0 && rtol < 1, config, "must be at least 0 and below 1");
  require<&TransportConfig::time_limit>(transport.time_limit.value_or(1) > 0, config,
                                        "must be above 0");
  require<&MachineConfig::threads>(config.machine.threads <= 4096, config, "must be at most 4096");
  const std::uint64_t samples = config.clouds.samples;
  require<&CloudConfig::samples>(samples >= 1 && samples <= std::uint64_t{1} << 31, config,
                                 "must be between 1 and 2^31");
  if (transport.method == W2Method::circle && transport.cost == GroundCost::euclidean)
    refuse<&TransportConfig::cost>(
        "circle measures along the circle: choose geodesic, or --method exact");
}

void check_networks(const CloudConfig& clouds) {
  if (!clouds.a.is_file() || !clouds.b.is_file())
    refuse<&CloudConfig::projection>(
        "needs two networks, and one is a law: give a file of rows (a, b)");
  if (!clouds.weights_a.empty() || !clouds.weights_b.empty())
    refuse<&CloudConfig::projection>(
        "particles of a network weigh the same: leave out the weights");
}

/// Of a cloud that is a law, beside one that is a file.
void check_law(const CloudSource& law, const std::string& weights,
               const TransportConfig& transport) {
  if (law.is_uniform) {
    if (transport.method != W2Method::automatic && transport.method != W2Method::circle)
      throw InputError("w2: the uniform law is the circle's: choose --method circle");
    if (transport.cost == GroundCost::euclidean)
      refuse<&TransportConfig::cost>(
          "the uniform law is compared along the circle: choose geodesic");
    if (!weights.empty()) throw InputError("w2: the uniform law has no weights: leave them out");
    return;
  }
  if (law.law == DataLaw::circle)
    throw InputError("w2: the law of the circle is the word uniform: give that");
  if (transport.method == W2Method::circle)
    throw InputError(
        "w2: circle is exact against the law of the circle, the word uniform: give that");
  if (!weights.empty())
    throw InputError("w2: the samples of a law weigh the same: leave out their weights");
}

}  // namespace

void check_w2(const Draft& draft, const W2Config& config) {
  const CloudConfig& clouds = config.clouds;
  if (clouds.a.text.empty()) refuse<&CloudConfig::a>("is missing: give two clouds, A and B");
  if (clouds.b.text.empty()) refuse<&CloudConfig::b>("is missing: give two clouds, A and B");
  check_numbers(config);
  const bool by_samples = clouds.a.law || clouds.b.law;
  if (!by_samples)
    refuse_if_given<&CloudConfig::samples>(draft,
                                           "there is no law to draw them from: leave it out");
  if (by_samples)
    refuse_if_given<&CloudConfig::sampled>(draft,
                                           "beside a law that is the law's side: leave it out");
  if (clouds.projection) return check_networks(clouds);
  if (clouds.a.is_uniform && clouds.b.is_uniform)
    throw InputError("w2: both are the uniform law: give a file of points");
  if (!clouds.a.is_file() && !clouds.b.is_file())
    throw InputError("w2: both are laws: give a file of points");
  if (!clouds.a.is_file()) check_law(clouds.a, clouds.weights_a, config.transport);
  if (!clouds.b.is_file()) check_law(clouds.b, clouds.weights_b, config.transport);
}

}  // namespace mckean::cli
