// Sums over particles and over flat arrays, in fp64 and in an order fixed by the size alone.
#include <cmath>

#include "kernels/cpu/cpu_backend.hpp"
#include "kernels/cpu/tiles.hpp"
#include "mckean/formula/motion.hpp"
#include "mckean/formula/radial.hpp"
#include "mckean/formula/regularizer.hpp"

namespace mckean {

using cpu::dot_planes;
using cpu::particle_tile;
using cpu::sum_elements;
using cpu::sum_terms;
using cpu::sum_tiles;

template <class Real>
double CpuBackend<Real>::dissipation(const FieldSpec& spec, ConstState drift) const {
  const DissipationWeights weights(spec, drift.m);
  const std::size_t m = drift.m;
  const ConstVector a = drift.a();
  const ConstVector b = drift.values.subview(m, m * drift.d);
  return weights.a * dot(a, a) + weights.b * dot(b, b);
}

template <class Real>
double CpuBackend<Real>::dot(ConstVector left, ConstVector right) const {
  MCKEAN_EXPECT(left.size() == right.size());
  const double* const l = left.data();
  const double* const r = right.data();
  return sum_elements(left.size(), threads_, [=](std::size_t i) { return l[i] * r[i]; });
}

template <class Real>
ParticleSums CpuBackend<Real>::particle_sums(Regularizer regularizer, int radial_power,
                                             ConstState w) const {
  const std::size_t m = w.m;
  const double* const a = w.values.data();
  const auto sums =
      sum_tiles<4>(m, particle_tile, threads_, [&](std::size_t begin, std::size_t end) {
        double norm[particle_tile];
        dot_planes(a + m, a + m, m, w.d, begin, end, norm);
        for (std::size_t j = 0; j < end - begin; ++j) norm[j] = std::sqrt(norm[j]);
        const double* const tile_a = a + begin;
        const std::size_t count = end - begin;
        const auto path = [&](std::size_t j) { return std::abs(tile_a[j]) * norm[j]; };
        return std::array{sum_terms(0, count, path),
                          sum_terms(0, count, [&](std::size_t j) { return path(j) * path(j); }),
                          sum_terms(0, count,
                                    [&](std::size_t j) {
                                      return regularizer_value(regularizer, tile_a[j], norm[j]);
                                    }),
                          sum_terms(0, count, [&](std::size_t j) {
                            return radial_value(radial_power, tile_a[j], norm[j]);
                          })};
      });
  return {sums[0], sums[1], sums[2], sums[3]};
}

template <class Real>
bool CpuBackend<Real>::all_finite(ConstVector values) const {
  const double* const x = values.data();
  // x - x is 0 for a finite x and NaN otherwise.
  return sum_elements(values.size(), threads_, [=](std::size_t i) { return x[i] - x[i]; }) == 0;
}

template class CpuBackend<float>;
template class CpuBackend<double>;

}  // namespace mckean
