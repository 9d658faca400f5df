// The sampled field of any activation that a model has, with the loops of the target in use.
#include "kernels/cpu/cpu_backend.hpp"
#include "kernels/cpu/custom_arrays.hpp"
#include "kernels/cpu/sampled_loops.hpp"

namespace mckean {
namespace {

/// use(loops) with those for `activation`.
template <class Real, class Use>
decltype(auto) with_loops(const AnyActivation& activation, const Use& use) {
  if (activation.kind != ActivationKind::custom) return use(cpu::loops_for<Real>(activation));
  const auto arrays = cpu::custom_arrays<Real>(*activation.custom);
  return use(cpu::smooth_loops<Real>(arrays));
}

}  // namespace

template <class FieldReal>
void CpuBackend<FieldReal>::predict(const AnyActivation& activation, ConstState w,
                                    const Output& output, Samples<Real, space> samples,
                                    Vector f) const {
  MCKEAN_EXPECT(f.size() == samples.n);
  with_loops<Real>(activation, [&](const auto& loops) {
    cpu::run_predict(loops, threads_, {w, output, samples}, f.data());
  });
}

template <class FieldReal>
void CpuBackend<FieldReal>::sampled_field(const AnyActivation& activation, ConstState w,
                                          const Output& output, Samples<Real, space> samples,
                                          State v, Vector risk) const {
  MCKEAN_EXPECT(samples.n > 0 && v.m == w.m && v.d == w.d && samples.d == w.d);
  const double square = with_loops<Real>(activation, [&](const auto& loops) {
    return cpu::run_sampled_field(loops, threads_, {w, output, samples}, v.values.data());
  });
  if (!risk.empty()) risk[0] = square;
}

template <class FieldReal>
std::unique_ptr<const cpu::HalfPlanes> CpuBackend<FieldReal>::arrange(
    const PiecewiseLinear& linear, Samples<Real, space> samples) const {
  const bool on_plane = samples.d <= 2 && samples.n < cpu::HalfPlanes::most_samples;
  if (!on_plane || samples.n == 0 || linear.offset != 0) return nullptr;
  return std::make_unique<const cpu::HalfPlanes>(samples);
}

template <class FieldReal>
void CpuBackend<FieldReal>::predict(const cpu::HalfPlanes& planes, const PiecewiseLinear& linear,
                                    ConstState w, const Output& output, Vector f) const {
  MCKEAN_EXPECT(f.size() == planes.size());
  planes.predict(linear, w, output, threads_, f.data());
}

template <class FieldReal>
void CpuBackend<FieldReal>::sampled_field(const cpu::HalfPlanes& planes,
                                          const PiecewiseLinear& linear, ConstState w,
                                          const Output& output, ConstVector y, State v,
                                          Vector risk) const {
  MCKEAN_EXPECT(y.size() == planes.size() && v.m == w.m && v.d == w.d);
  const double square = planes.field(linear, w, output, y.data(), threads_, v.values.data());
  if (!risk.empty()) risk[0] = square;
}

#define MCKEAN_INSTANTIATE(Real)                                                                  \
  template void CpuBackend<Real>::predict(const AnyActivation&, ConstState, const Output&,        \
                                          Samples<Real, Space::host>, Vector) const;              \
  template void CpuBackend<Real>::sampled_field(const AnyActivation&, ConstState, const Output&,  \
                                                Samples<Real, Space::host>, State, Vector) const; \
  template std::unique_ptr<const cpu::HalfPlanes> CpuBackend<Real>::arrange(                      \
      const PiecewiseLinear&, Samples<Real, Space::host>) const;                                  \
  template void CpuBackend<Real>::predict(const cpu::HalfPlanes&, const PiecewiseLinear&,         \
                                          ConstState, const Output&, Vector) const;               \
  template void CpuBackend<Real>::sampled_field(const cpu::HalfPlanes&, const PiecewiseLinear&,   \
                                                ConstState, const Output&, ConstVector, State,    \
                                                Vector) const;
MCKEAN_INSTANTIATE(float)
MCKEAN_INSTANTIATE(double)
#undef MCKEAN_INSTANTIATE

}  // namespace mckean
