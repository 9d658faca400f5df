// Sums over the rows of a matrix that bits select, by the method of the four Russians (Arlazarov,
// Dinic, Kronrod and Faradzhev 1970): for every few rows the sums of all their subsets are
// tabulated once, so that a selection adds one row of the table where it would add several of the
// matrix. Included again for each target.
#if defined(MCKEAN_CPU_MASKED_SUMS_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef MCKEAN_CPU_MASKED_SUMS_HPP
#undef MCKEAN_CPU_MASKED_SUMS_HPP
#else
#define MCKEAN_CPU_MASKED_SUMS_HPP
#endif

#include <cstddef>
#include <cstdint>

#include "kernels/cpu/simd.hpp"
#include "kernels/cpu/sum_panels.hpp"

HWY_BEFORE_NAMESPACE();
namespace mckean::cpu::HWY_NAMESPACE {

/// Rows of W values, in as many vectors as the target needs.
template <class Real, std::size_t W>
struct RowOf {
  using Tag = hn::CappedTag<Real, W>;
  static constexpr std::size_t lanes = HWY_MIN(W, static_cast<std::size_t>(HWY_LANES(Real)));
  static constexpr std::size_t vectors = W / lanes;
  using Vector = hn::Vec<Tag>;
};

/// Rows whose subsets are tabulated together: K, and what is left of a word for the last.
template <std::size_t K>
constexpr std::size_t table_groups = (word_rows + K - 1) / K;
template <std::size_t K>
constexpr std::size_t rows_of_group(std::size_t group) {
  return HWY_MIN(K, word_rows - group * K);
}

/// tables[group][subset] = the sum of the rows of the group whose bits are set in `subset`. Of
/// word_rows rows of the matrix `count` are there; the others are zero.
template <class Real, std::size_t W, std::size_t K>
MCKEAN_INLINE void tabulate(const Real* rows, std::size_t stride, std::size_t count, Real* tables) {
  using Row = RowOf<Real, W>;
  const typename Row::Tag tag;
  for (std::size_t group = 0; group < table_groups<K>; ++group, tables += W << K) {
    for (std::size_t v = 0; v < Row::vectors; ++v) {
      hn::Store(hn::Zero(tag), tag, tables + v * Row::lanes);
    }
    for (std::size_t b = 0; b < rows_of_group<K>(group); ++b) {
      const std::size_t r = group * K + b;
      for (std::size_t v = 0; v < Row::vectors; ++v) {
        const typename Row::Vector row =
            r < count ? hn::LoadU(tag, rows + r * stride + v * Row::lanes) : hn::Zero(tag);
        const Real* from = tables + v * Row::lanes;
        Real* to = tables + (W << b) + v * Row::lanes;
        for (std::size_t subset = 0; subset < std::size_t{1} << b; ++subset) {
          hn::Store(hn::Add(hn::Load(tag, from + subset * W), row), tag, to + subset * W);
        }
      }
    }
  }
}

/// sums[j] += the rows that word j selects.
template <class Real, std::size_t W, std::size_t K>
MCKEAN_INLINE void add_selected(const std::uint64_t* words, std::size_t count, const Real* tables,
                                Real* sums) {
  using Row = RowOf<Real, W>;
  const typename Row::Tag tag;
  for (std::size_t j = 0; j < count; ++j, sums += W) {
    const std::uint64_t word = words[j];
    typename Row::Vector sum[Row::vectors];
#pragma GCC unroll 8
    for (std::size_t v = 0; v < Row::vectors; ++v) sum[v] = hn::Load(tag, sums + v * Row::lanes);
    const auto* const bytes = reinterpret_cast<const char*>(tables);
#pragma GCC unroll 16
    for (std::size_t group = 0; group < table_groups<K>; ++group) {
      // The subset times the size of a row, in one shift.
      constexpr std::size_t size = W * sizeof(Real), mask = ((std::size_t{1} << K) - 1) * size;
      constexpr std::size_t scale = hwy::CeilLog2(size);
      const std::size_t shift = group * K;
      const std::size_t offset =
          (shift < scale ? word << (scale - shift) : word >> (shift - scale)) & mask;
      const auto* row = reinterpret_cast<const Real*>(bytes + (group << K) * size + offset);
#pragma GCC unroll 8
      for (std::size_t v = 0; v < Row::vectors; ++v) {
        sum[v] = hn::Add(sum[v], hn::Load(tag, row + v * Row::lanes));
      }
    }
#pragma GCC unroll 8
    for (std::size_t v = 0; v < Row::vectors; ++v) hn::Store(sum[v], tag, sums + v * Row::lanes);
  }
}

/// totals += sums, and sums = 0.
template <class Real>
MCKEAN_INLINE void flush_sums(std::size_t values, Real* sums, double* totals) {
  using Vec = Simd<Real>;
  for (std::size_t i = 0; i < values; i += Vec::lanes) {
    Vec::add_to(totals + i, Vec::load(sums + i));
    Vec::store(sums + i, hn::Zero(typename Vec::Tag()));
  }
}

template <class Real, std::size_t W, std::size_t K>
HWY_NOINLINE void masked_panel(const MaskedSums<Real>& of) {
  Real* const tables = of.scratch;
  Real* const sums = tables + (table_groups<K> << K) * W;
  const std::size_t values = (of.count * W + 15) / 16 * 16;
  auto* const totals = reinterpret_cast<double*>(sums + values);
  for (std::size_t i = 0; i < values; ++i) sums[i] = 0;
  for (std::size_t i = 0; i < values; ++i) totals[i] = 0;
  for (std::size_t r = 0; r < of.rows; r += word_rows) {
    const std::size_t here = of.rows - r < word_rows ? of.rows - r : word_rows;
    tabulate<Real, W, K>(of.matrix + r * of.stride, of.stride, here, tables);
    add_selected<Real, W, K>(of.words + r / word_rows * of.word_stride, of.count, tables, sums);
    const std::size_t done = r + word_rows;
    if (done % sum_rows == 0 || done >= of.rows) flush_sums(values, sums, totals);
  }
  for (std::size_t c = 0; c < of.components; ++c) {
    double* out = of.out + c * of.out_stride;
    for (std::size_t j = 0; j < of.count; ++j) out[j] += totals[j * W + c];
  }
}

/// The panel by its width: `of.width` is one of sum_panels.hpp.
template <class Real>
void masked_sums(const MaskedSums<Real>& of) {
  const auto take = [&]<std::size_t W>() HWY_ATTR {
    constexpr std::size_t K = W * sizeof(Real) <= 64 ? 6 : 5;
    of.count < few_selections ? masked_panel<Real, W, 4>(of) : masked_panel<Real, W, K>(of);
  };
  switch (of.width) {
    case 4:
      return take.template operator()<4>();
    case 8:
      return take.template operator()<8>();
    case 16:
      return take.template operator()<16>();
    default:
      return take.template operator()<32>();
  }
}

}  // namespace mckean::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
