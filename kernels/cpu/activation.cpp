// Activations by name.
#include "mckean/formula/activation.hpp"

#include "mckean/find_choice.hpp"

namespace mckean {

std::optional<AnyActivation> find_activation(std::string_view name) {
  return find_choice<AnyActivation>(name);
}

}  // namespace mckean
