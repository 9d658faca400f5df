// A user's own activation, which comes as functions on arrays, as the loops of the sampled field
// want it.
#pragma once

#include "kernels/cpu/sampled_loops.hpp"
#include "mckean/custom_activation.hpp"

namespace mckean::cpu {

/// The arrays of `own`, which must outlive them.
template <class Real>
ActivationArrays<Real> custom_arrays(const CustomActivation& own) {
  return {&own,
          [](const void* activation, Real* z, std::size_t count) {
            const auto& sigma = *static_cast<const CustomActivation*>(activation);
            sigma.loops<Real>().values(sigma.functor, z, count, z);
          },
          [](const void* activation, const double* error, std::size_t rows, std::size_t width,
             Real* z, Real* sum) {
            const auto& sigma = *static_cast<const CustomActivation*>(activation);
            constexpr std::size_t most = 256;
            Real value[most];
            MCKEAN_EXPECT(width <= most);
            for (std::size_t s = 0; s < rows; ++s, z += width) {
              sigma.loops<Real>().both(sigma.functor, z, width, value, z);
              const Real e = static_cast<Real>(error[s]);
              for (std::size_t j = 0; j < width; ++j) {
                sum[j] += e * value[j];
                z[j] *= e;
              }
            }
          }};
}

}  // namespace mckean::cpu
