// Flows on CUDA devices; compiled where these are built.
#include "host/flow/engine_on.hpp"
#include "kernels/cuda/cuda_backend.hpp"

namespace mckean::detail {

template std::unique_ptr<FlowEngine> make_engine(const CudaBackend<float>&, FlowSetup);
template std::unique_ptr<FlowEngine> make_engine(const CudaBackend<double>&, FlowSetup);

}  // namespace mckean::detail
