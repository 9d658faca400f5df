// The operations on the whole state over an executor (executor.cuh).
#pragma once

#include <cmath>

#include "kernels/cuda/grid.cuh"
#include "kernels/cuda/state_kernels.cuh"

namespace mckean::cuda {

using DeviceState = Particles<double, Space::device>;
using ConstDeviceState = Particles<const double, Space::device>;

/// One thread for each of `count`.
template <class Executor, class Args>
void run_each(Executor& executor, std::size_t count, const Args& args) {
  executor.run(divide_up(count, Args::threads), 1, args);
}

template <class Executor>
void linear_combination(Executor& executor, const LinearTerms<Space::device>& terms,
                        DeviceView<double> out) {
  run_each(executor, out.size(), CombineArgs{terms, out.data(), out.size()});
}

template <class Executor>
void add_radial_field(Executor& executor, double coefficient, int power, ConstDeviceState w,
                      DeviceState v) {
  MCKEAN_EXPECT(power == 1 || power == 2);
  run_each(executor, w.m,
           RadialArgs{coefficient, power, w.values.data(), v.values.data(), w.m, w.d});
}

template <class Executor>
void finish_drift(Executor& executor, const FieldSpec& spec, ConstDeviceState w, DeviceState v) {
  run_each(executor, w.m,
           DriftArgs{Motion(spec, w.ensemble.total), w.values.data(), v.values.data(), w.m, w.d});
}

template <class Executor>
void project_out(Executor& executor, const HeldView<Space::device>& held, ConstDeviceState w,
                 DeviceState v) {
  run_each(executor, held.particle.size(),
           ProjectArgs{held, w.values.data(), v.values.data(), v.m, v.d});
}

template <class Executor>
void place(Executor& executor, const HeldView<Space::device>& held, DeviceState w) {
  run_each(executor, held.particle.size(), PlaceArgs{held, w.values.data(), w.m, w.d});
}

template <class Executor>
void clear_resting(Executor& executor, DeviceView<const double> w, DeviceView<const double> drift,
                   DeviceView<double> v) {
  run_each(executor, v.size(), ClearArgs{w.data(), drift.data(), v.data(), v.size()});
}

template <class Executor>
void normalize_directions(Executor& executor, DeviceState w) {
  run_each(executor, w.m, NormalizeArgs{w.values.data(), w.m, w.d});
}

/// What drives a noise: its amplitude, and the key of its random numbers.
struct NoiseDraw {
  double amplitude;
  std::uint64_t seed, step;
};

template <class Executor>
void add_noise(Executor& executor, const FieldSpec& spec, const NoiseDraw& draw, DeviceState w) {
  run_each(
      executor, w.m,
      NoiseArgs{std::sqrt(spec.rate_a()) * draw.amplitude,
                std::sqrt(spec.rate_b()) * draw.amplitude, spec.constraint == Constraint::sphere,
                draw.seed, draw.step, w.ensemble.first, w.values.data(), w.m, w.d});
}

}  // namespace mckean::cuda
