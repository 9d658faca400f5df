// Activations by name.
#include "mckean/formula/activation.hpp"

#include <charconv>

namespace mckean {
namespace {

/// The whole of `text` as a finite number.
std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return {};
  return value;
}

AnyActivation piecewise_linear(double below, double above, double offset) {
  return {ActivationKind::piecewise_linear, {below, above, offset}};
}

}  // namespace

std::optional<AnyActivation> find_activation(std::string_view name) {
  if (name == "relu") return piecewise_linear(0, 1, 0);
  if (name == "leaky-relu") return piecewise_linear(.01, 1, 0);
  if (name == "abs") return piecewise_linear(-1, 1, 0);
  if (name == "tanh") return AnyActivation{ActivationKind::tanh};
  if (name == "sigmoid") return AnyActivation{ActivationKind::sigmoid};
  if (name == "erf") return AnyActivation{ActivationKind::erf};
  if (name == "softplus") return AnyActivation{ActivationKind::softplus};
  if (name == "silu") return AnyActivation{ActivationKind::silu};
  if (name == "gelu") return AnyActivation{ActivationKind::gelu};
  if (name == "square") return AnyActivation{ActivationKind::square};

  const std::size_t colon = name.find(':');
  if (colon == std::string_view::npos) return {};
  const std::optional<double> number = parse_number(name.substr(colon + 1));
  if (!number) return {};
  if (name.substr(0, colon) == "relu") return piecewise_linear(0, 1, *number);
  if (name.substr(0, colon) == "leaky-relu") return piecewise_linear(*number, 1, 0);
  return {};
}

}  // namespace mckean
