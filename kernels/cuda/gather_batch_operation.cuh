// gather_batch over an executor (executor.cuh).
#pragma once

#include "kernels/backend.hpp"
#include "kernels/cuda/gather_batch_kernels.cuh"
#include "kernels/cuda/state_operation.cuh"

namespace mckean::cuda {

template <class Real, class Executor>
void gather_batch(Executor& executor, const BatchDraw& draw,
                  const Samples<Real, Space::device>& from, DeviceView<Real> x,
                  DeviceView<double> y) {
  MCKEAN_EXPECT(x.size() == y.size() * from.d);
  run_each(executor, y.size(),
           GatherArgs<Real>{draw, from.x.data(), from.y.data(), from.n, from.d, y.size(), x.data(),
                            y.data()});
}

}  // namespace mckean::cuda
