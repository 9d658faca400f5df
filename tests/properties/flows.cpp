// The library's flows on the back end of some test programs, instantiated once for all of these.
#include "properties/flow_backend.hpp"

namespace mckean {

MCKEAN_FLOWS()

}  // namespace mckean
