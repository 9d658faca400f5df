// The operations of the CUDA back end over the block emulator: what they compute, how often they
// launch, and how often the host waits, on a machine without a GPU.
#pragma once

#include <cstring>
#include <new>
#include <string>
#include <vector>

#include "emulation/emulated_executor.hpp"
#include "kernels/backend.hpp"
#include "kernels/cuda/c_transform_operation.cuh"
#include "kernels/cuda/gather_batch_operation.cuh"
#include "kernels/cuda/nearest_targets_operation.cuh"
#include "kernels/cuda/pairwise_field_operation.cuh"
#include "kernels/cuda/planar_field_operation.cuh"
#include "kernels/cuda/sampled_field_operation.cuh"
#include "kernels/cuda/scalars_operation.cuh"
#include "kernels/cuda/state_operation.cuh"
#include "properties/traffic.hpp"

namespace mckean::emulation {

/// Scalars that are ready after they have been asked for `delay` times.
class EmulatedReading {
 public:
  EmulatedReading(DeviceView<const double> from, int delay)
      : values_(from.data(), from.data() + from.size()), left_(delay) {}
  bool ready() { return left_-- <= 0; }
  HostView<const double> values() const { return {values_.data(), values_.size()}; }

 private:
  std::vector<double> values_;
  int left_;
};

template <class FieldReal>
class EmulatedBackend {
 public:
  using Real = FieldReal;
  static constexpr Space space = Space::device;
  using State = Particles<double, space>;
  using ConstState = Particles<const double, space>;
  using Vector = View<double, space>;
  using ConstVector = View<const double, space>;
  using Indices = View<std::uint32_t, space>;
  using Output = NetworkOutput<space>;

  explicit EmulatedBackend(int delay = 0, Order order = Order::shuffled)
      : order_(order), delay_(delay) {}
  const test::Traffic& traffic() const { return traffic_; }
  std::string describe() const { return "cuda: emulated"; }

  template <class T>
  Buffer<T, space> allocate(std::size_t count) const {
    void* const data = ::operator new(count * sizeof(T));
    std::memset(data, 0xff, count * sizeof(T));
    return {static_cast<T*>(data), count, [](void* p) { ::operator delete(p); }};
  }
  template <class T>
  void copy(HostView<const T> from, View<T, space> to) const {
    traffic_.uploaded += from.size();
    move(from.data(), to.data(), from.size(), to.size());
  }
  template <class T>
  void copy(View<const T, space> from, HostView<T> to) const {
    ++traffic_.synchronizations;
    traffic_.downloaded += from.size();
    move(from.data(), to.data(), from.size(), to.size());
  }
  void copy(HostView<const double> from, Vector to) const { copy<double>(from, to); }
  void copy(ConstVector from, HostView<double> to) const { copy<double>(from, to); }
  void copy(ConstVector from, Vector to) const {
    move(from.data(), to.data(), from.size(), to.size());
  }
  void read(ConstVector from, HostView<double> to) const { copy<double>(from, to); }
  EmulatedReading begin_read(ConstVector from) const {
    ++traffic_.readings;
    return {from, delay_};
  }

  /// Of the library's activations and of functors.
  template <class A>
  void predict(const A& activation, ConstState w, const Output& output,
               Samples<Real, space> samples, Vector f) const {
    with_functor(activation, [&](const auto& sigma) {
      execute([&](auto& on) { cuda::predict<Real>(on, sigma, w, output, samples, f); });
    });
  }
  template <class A>
  void sampled_field(const A& activation, ConstState w, const Output& output,
                     Samples<Real, space> samples, State v, Vector risk) const {
    ++traffic_.fields;
    with_functor(activation, [&](const auto& sigma) {
      execute([&](auto& on) {
        cuda::sampled_field<Real>(on, sigma, w, output, samples, {v, risk});
      });
    });
  }
  void* stream() const { return nullptr; }
  void gather_batch(const BatchDraw& draw, Samples<Real, space> from, View<Real, space> x,
                    Vector y) const {
    execute([&](auto& on) { cuda::gather_batch<Real>(on, draw, from, x, y); });
  }
  void add_pairwise_field(const PairKernel& kernel, ConstState w, ConstState atoms, double weight,
                          State v) const {
    execute([&](auto& on) { cuda::add_pairwise_field<Real>(on, kernel, w, atoms, weight, v); });
  }
  void pairwise_energy(const PairKernel& kernel, ConstState left, ConstState right,
                       Vector energy) const {
    execute([&](auto& on) { cuda::pairwise_energy(on, kernel, left, right, energy); });
  }
  void planar_field(double moment, const WeightedParticles<space>& own,
                    const WeightedParticles<space>& teacher, State v, Vector energy) const {
    ++traffic_.fields;
    execute([&](auto& on) { cuda::planar_field(on, moment, own, teacher, v, energy); });
  }
  void c_transform(const PointPairs<space>& pairs, double epsilon, Vector value,
                   Vector mean_cost) const {
    ++(epsilon == 0 ? traffic_.hard_transforms : traffic_.soft_transforms);
    execute([&](auto& on) { cuda::c_transform(on, pairs, epsilon, value, mean_cost); });
  }
  void nearest_targets(const PointPairs<space>& pairs, std::size_t k, Vector value,
                       Indices index) const {
    ++traffic_.searches;
    execute([&](auto& on) { cuda::nearest_targets(on, pairs, k, value, index); });
  }

  void add_radial_field(double coefficient, int power, ConstState w, State v) const {
    execute([&](auto& on) { cuda::add_radial_field(on, coefficient, power, w, v); });
  }
  void finish_drift(const FieldSpec& spec, ConstState w, State v) const {
    execute([&](auto& on) { cuda::finish_drift(on, spec, w, v); });
  }
  void project_out(const HeldView<space>& held, ConstState w, State v) const {
    execute([&](auto& on) { cuda::project_out(on, held, w, v); });
  }
  void place(const HeldView<space>& held, State w) const {
    execute([&](auto& on) { cuda::place(on, held, w); });
  }
  void clear_resting(ConstVector w, ConstVector drift, Vector v) const {
    execute([&](auto& on) { cuda::clear_resting(on, w, drift, v); });
  }
  void normalize_directions(State w) const {
    execute([&](auto& on) { cuda::normalize_directions(on, w); });
  }
  void add_noise(const FieldSpec& spec, double amplitude, std::uint64_t seed, std::uint64_t step,
                 State w) const {
    execute([&](auto& on) { cuda::add_noise(on, spec, {amplitude, seed, step}, w); });
  }
  void linear_combination(const LinearTerms<space>& terms, Vector out) const {
    ++traffic_.combinations;
    execute([&](auto& on) { cuda::linear_combination(on, terms, out); });
  }

  void inner_products(const InnerProducts<space>& products, Vector out) const {
    ++traffic_.inner_products;
    execute([&](auto& on) { cuda::inner_products(on, products, out); });
  }
  void squared_norms(const LinearTerms<space>& terms, std::size_t m, std::size_t d,
                     Vector norms) const {
    execute([&](auto& on) { cuda::squared_norms(on, terms, m, d, norms); });
  }
  void particle_sums(Regularizer kind, int radial_power, ConstState w, Vector sums) const {
    execute([&](auto& on) { cuda::particle_sums(on, kind, radial_power, w, sums); });
  }
  void check_finite(ConstVector values, Vector out) const {
    execute([&](auto& on) { cuda::check_finite(on, values, out); });
  }
  void settle(const FieldSpec& spec, double h, ConstState before, ConstState drift, State after,
              Vector squared_distance) const {
    execute([&](auto& on) { cuda::settle(on, spec, {h, before, drift, after}, squared_distance); });
  }
  void combine_scalars(const ScalarTerms<space>& terms, Vector out) const {
    execute([&](auto& on) { cuda::combine_scalars(on, terms, out); });
  }
  void audit_step(const AuditRules& rules, const AuditStep& step, const AuditSlots<space>& slots,
                  Vector audit) const {
    execute([&](auto& on) { cuda::audit_step(on, rules, step, slots, audit); });
  }
  void copy_if(ConstVector flag, ConstVector from, Vector to) const {
    execute([&](auto& on) { cuda::copy_if(on, flag, from, to); });
  }

 private:
  /// use(functor).
  template <class Use>
  static void with_functor(const AnyActivation& activation, const Use& use) {
    cuda::with_functor(activation, use);
  }
  template <Activation A, class Use>
  static void with_functor(const A& activation, const Use& use) {
    use(activation);
  }
  template <class Operation>
  void execute(const Operation& operation) const {
    EmulatedExecutor executor(order_);
    operation(executor);
    traffic_.launches += executor.launches();
  }
  template <class T>
  static void move(const T* from, T* to, std::size_t count, [[maybe_unused]] std::size_t room) {
    MCKEAN_EXPECT(count == room);
    if (count > 0 && from != to) std::memcpy(to, from, count * sizeof(T));
  }

  Order order_;
  int delay_;
  mutable test::Traffic traffic_;
};

static_assert(Backend<EmulatedBackend<float>> && Backend<EmulatedBackend<double>>);

}  // namespace mckean::emulation
