// Flows on the CPU, field in double.
#include "host/flow/engine_on.hpp"
#include "kernels/cpu/cpu_backend.hpp"

namespace mckean::detail {

template std::unique_ptr<FlowEngine> make_engine(const CpuBackend<double>&, FlowSetup);

}  // namespace mckean::detail
