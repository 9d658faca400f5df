// The CPU back end: loops on threads over fixed tiles. Each group of members is defined in the .cpp
// that its comment names.
#pragma once

#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "kernels/backend.hpp"
#include "kernels/cpu/half_planes.hpp"

namespace mckean {

/// What begin_read() gives: on the host all is there at once.
class CpuReading {
 public:
  explicit CpuReading(HostView<const double> from) : values_(from.begin(), from.end()) {}
  bool ready() const { return true; }
  HostView<const double> values() const { return {values_.data(), values_.size()}; }

 private:
  std::vector<double> values_;
};

template <class FieldReal>
class CpuBackend {
 public:
  using Real = FieldReal;
  static constexpr Space space = Space::host;
  using State = Particles<double, space>;
  using ConstState = Particles<const double, space>;
  using Vector = View<double, space>;
  using ConstVector = View<const double, space>;
  using Indices = View<std::uint32_t, space>;
  using Output = NetworkOutput<space>;
  using Arrangement = cpu::HalfPlanes;

  /// `threads` >= 1, or 0 for as many as the machine has.
  explicit CpuBackend(int threads = 0);
  int threads() const { return threads_; }
  std::string describe() const;

  /// Uninitialised memory, aligned to 64 bytes.
  template <class T>
  Buffer<T, space> allocate(std::size_t count) const {
    constexpr std::align_val_t alignment{64};
    void* data = ::operator new(count * sizeof(T) + 1, alignment);
    return {static_cast<T*>(data), count, [](void* p) { ::operator delete(p, alignment); }};
  }
  template <class T>
  void copy(View<const T, space> from, View<T, space> to) const {
    MCKEAN_EXPECT(from.size() == to.size());
    if (from.data() != to.data() && !from.empty())
      std::memcpy(to.data(), from.data(), from.size() * sizeof(T));
  }
  void copy(ConstVector from, Vector to) const { copy<double>(from, to); }
  void read(ConstVector from, Vector to) const { copy<double>(from, to); }
  CpuReading begin_read(ConstVector from) const { return CpuReading(from); }

  // sampled_field.cpp, for the activations known to the library; sampled_field.hpp for a user's
  // own.
  void predict(const AnyActivation&, ConstState w, const Output&, Samples<Real, space>,
               Vector f) const;
  void sampled_field(const AnyActivation&, ConstState w, const Output&, Samples<Real, space>,
                     State v, Vector risk) const;
  template <Activation A>
  void predict(const A&, ConstState w, const Output&, Samples<Real, space>, Vector f) const;
  template <Activation A>
  void sampled_field(const A&, ConstState w, const Output&, Samples<Real, space>, State v,
                     Vector risk) const;
  /// Half-planes for samples of the line or the plane and an activation without an offset.
  std::unique_ptr<const Arrangement> arrange(const PiecewiseLinear&, Samples<Real, space>) const;
  void predict(const Arrangement&, const PiecewiseLinear&, ConstState w, const Output&,
               Vector f) const;
  void sampled_field(const Arrangement&, const PiecewiseLinear&, ConstState w, const Output&,
                     ConstVector y, State v, Vector risk) const;
  void gather_batch(const BatchDraw&, Samples<Real, space> from, View<Real, space> x,
                    Vector y) const;

  // pairwise_field.cpp
  void add_pairwise_field(const PairKernel&, ConstState w, ConstState atoms, double weight,
                          State v) const;
  void pairwise_energy(const PairKernel&, ConstState left, ConstState right, Vector energy) const;
  // planar_field.cpp
  void planar_field(double moment, const WeightedParticles<space>& own,
                    const WeightedParticles<space>& teacher, State v, Vector energy) const;
  // c_transform.cpp
  void c_transform(const PointPairs<space>&, double epsilon, Vector value, Vector mean_cost) const;
  // nearest_targets.cpp
  void nearest_targets(const PointPairs<space>&, std::size_t k, Vector value, Indices index) const;
  // state.cpp
  void add_radial_field(double coefficient, int power, ConstState w, State v) const;
  void finish_drift(const FieldSpec&, ConstState w, State v) const;
  void project_out(const HeldView<space>&, ConstState w, State v) const;
  void place(const HeldView<space>&, State w) const;
  void clear_resting(ConstVector w, ConstVector drift, Vector v) const;
  void settle(const FieldSpec&, double h, ConstState before, ConstState drift, State after,
              Vector squared_distance) const;
  void normalize_directions(State w) const;
  void add_noise(const FieldSpec&, double amplitude, std::uint64_t seed, std::uint64_t step,
                 State w) const;
  void linear_combination(const LinearTerms<space>&, Vector out) const;
  void squared_norms(const LinearTerms<space>&, std::size_t m, std::size_t d, Vector norms) const;
  // scalars.cpp
  void inner_products(const InnerProducts<space>&, Vector out) const;
  void particle_sums(Regularizer, int radial_power, ConstState w, Vector sums) const;
  void check_finite(ConstVector, Vector out) const;
  void combine_scalars(const ScalarTerms<space>&, Vector out) const;
  void audit_step(const AuditRules&, const AuditStep&, const AuditSlots<space>&,
                  Vector audit) const;
  void copy_if(ConstVector flag, ConstVector from, Vector to) const;

 private:
  int threads_;
};

}  // namespace mckean

#include "kernels/cpu/sampled_field.hpp"

namespace mckean {
static_assert(ArrangesSamples<CpuBackend<float>> && ArrangesSamples<CpuBackend<double>>);
}
