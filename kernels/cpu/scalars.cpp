// Scalars: sums over particles and over flat arrays, in fp64 and in an order fixed by the size
// alone, and what is computed from them.
#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/cpu/cpu_backend.hpp"
#include "kernels/cpu/tiles.hpp"
#include "mckean/formula/radial.hpp"
#include "mckean/formula/regularizer.hpp"

namespace mckean {

using cpu::dot_planes;
using cpu::element_tile;
using cpu::particle_tile;
using cpu::sum_elements;
using cpu::sum_terms;
using cpu::sum_tiles;

/// Tile by tile over all pairs, so that a vector that is in several of them is read once.
template <class Real>
void CpuBackend<Real>::inner_products(const InnerProducts<space>& products, Vector out) const {
  constexpr std::size_t capacity = InnerProducts<space>::capacity;
  const auto count = static_cast<std::size_t>(products.count);
  MCKEAN_EXPECT(out.size() == count);
  std::size_t largest = 0;
  for (std::size_t i = 0; i < count; ++i) largest = std::max(largest, products.size[i]);
  const std::size_t tiles = (largest + element_tile - 1) / element_tile;
  std::vector<std::array<double, capacity>> partial(tiles);
  cpu::for_each_tile(largest, element_tile, threads_, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = 0; i < count; ++i) {
      const double* const l = products.left[i];
      const double* const r = products.right[i];
      partial[begin / element_tile][i] = sum_terms(begin, std::min(end, products.size[i]),
                                                   [=](std::size_t j) { return l[j] * r[j]; });
    }
  });
  std::vector<std::array<double, 1>> column;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t own = (products.size[i] + element_tile - 1) / element_tile;
    column.assign(std::max<std::size_t>(own, 1), {0});
    for (std::size_t t = 0; t < own; ++t) column[t][0] = partial[t][i];
    out[i] = cpu::add_pairwise(std::move(column))[0];
  }
}

template <class Real>
void CpuBackend<Real>::particle_sums(Regularizer regularizer, int radial_power, ConstState w,
                                     Vector out) const {
  MCKEAN_EXPECT(out.size() == ParticleSums::count);
  const std::size_t m = w.m;
  const double* const a = w.values.data();
  const auto sums =
      sum_tiles<4>(m, particle_tile, threads_, [&](std::size_t begin, std::size_t end) {
        double norm[particle_tile];
        dot_planes(a + m, a + m, {m, w.d, begin, end}, norm);
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
  std::copy(sums.begin(), sums.end(), out.begin());
}

template <class Real>
void CpuBackend<Real>::check_finite(ConstVector values, Vector out) const {
  const double* const x = values.data();
  // x - x is 0 for a finite x and NaN otherwise.
  out[0] = sum_elements(values.size(), threads_, [=](std::size_t i) { return x[i] - x[i]; });
}

template <class Real>
void CpuBackend<Real>::combine_scalars(const ScalarTerms<space>& terms, Vector out) const {
  out[0] = terms.sum();
}

template <class Real>
void CpuBackend<Real>::audit_step(const AuditRules& rules, const AuditStep& step,
                                  const AuditSlots<space>& slots, Vector audit) const {
  MCKEAN_EXPECT(audit.size() == AuditState::count);
  AuditState state = AuditState::load(audit.data());
  state.add(rules, step, slots.before.data(), slots.after.data(), slots.stages.data(),
            slots.finite[0]);
  state.store(audit.data());
}

template <class Real>
void CpuBackend<Real>::copy_if(ConstVector flag, ConstVector from, Vector to) const {
  if (flag[0] != 0) copy(from, to);
}

template class CpuBackend<float>;
template class CpuBackend<double>;

}  // namespace mckean
