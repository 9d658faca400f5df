// Rows of the data that make a mini-batch.
#include "kernels/cpu/cpu_backend.hpp"
#include "kernels/cpu/tiles.hpp"
#include "mckean/formula/batch.hpp"

namespace mckean {

template <class FieldReal>
void CpuBackend<FieldReal>::gather_batch(const BatchDraw& draw, Samples<Real, space> from,
                                         View<Real, space> x, Vector y) const {
  const std::size_t batch = y.size();
  MCKEAN_EXPECT(x.size() == batch * from.d);
  cpu::for_each_long_tile(
      batch, cpu::particle_tile, threads_, [&](std::size_t begin, std::size_t end, cpu::EarlyEnd&) {
        for (std::size_t i = begin; i < end; ++i) {
          const std::size_t row = batch_index(draw, i, batch, from.n);
          std::copy_n(from.x.data() + row * from.d, from.d, x.data() + i * from.d);
          y[i] = from.y[row];
        }
      });
}

template void CpuBackend<float>::gather_batch(const BatchDraw&, Samples<float, Space::host>,
                                              View<float, Space::host>, Vector) const;
template void CpuBackend<double>::gather_batch(const BatchDraw&, Samples<double, Space::host>,
                                               View<double, Space::host>, Vector) const;

}  // namespace mckean
