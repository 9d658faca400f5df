// The CPU back end: OpenMP loops over fixed tiles. Each group of members is defined in the .cpp
// that its comment names.
#pragma once

#include <cstring>
#include <new>
#include <string>

#include "kernels/backend.hpp"

namespace mckean {

template <class FieldReal>
class CpuBackend {
 public:
  using Real = FieldReal;
  static constexpr Space space = Space::host;
  using State = Particles<double, space>;
  using ConstState = Particles<const double, space>;
  using Vector = View<double, space>;
  using ConstVector = View<const double, space>;

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

  // sampled_field.cpp, for the activations known to the library; sampled_field.hpp for a user's
  // own.
  void predict(const AnyActivation&, ConstState w, double scale, Samples<Real, space>,
               Vector f) const;
  double sampled_field(const AnyActivation&, ConstState w, double scale, Samples<Real, space>,
                       State v) const;
  template <Activation A>
  void predict(const A&, ConstState w, double scale, Samples<Real, space>, Vector f) const;
  template <Activation A>
  double sampled_field(const A&, ConstState w, double scale, Samples<Real, space>, State v) const;
  void gather_batch(const BatchDraw&, Samples<Real, space> from, View<Real, space> x,
                    Vector y) const;

  // pairwise_field.cpp
  void add_pairwise_field(const PairKernel&, ConstState w, ConstState atoms, double weight,
                          State v) const;
  double pairwise_energy(const PairKernel&, ConstState left, ConstState right) const;
  // planar_field.cpp
  double planar_field(double moment, ConstState w, double weight, ConstState teacher,
                      double teacher_weight, State v) const;
  // c_transform.cpp
  void c_transform(GroundCost, Points<space> sources, Points<space> targets, ConstVector potential,
                   double epsilon, Vector value, Vector mean_cost) const;
  // state.cpp
  void add_radial_field(double coefficient, int power, ConstState w, State v) const;
  void finish_drift(const FieldSpec&, ConstState w, State v) const;
  void project_out(const HeldView<space>&, ConstState w, State v) const;
  void place(const HeldView<space>&, State w) const;
  void clear_resting(ConstVector w, ConstVector drift, Vector v) const;
  double settle(const FieldSpec&, double h, ConstState before, ConstState drift, State after) const;
  void normalize_directions(State w) const;
  void add_noise(const FieldSpec&, double amplitude, std::uint64_t seed, std::uint64_t step,
                 State w) const;
  void linear_combination(const LinearTerms<space>&, Vector out) const;
  // reductions.cpp
  double dissipation(const FieldSpec&, ConstState drift) const;
  double dot(ConstVector, ConstVector) const;
  ParticleSums particle_sums(Regularizer, int radial_power, ConstState w) const;
  bool all_finite(ConstVector) const;

 private:
  int threads_;
};

}  // namespace mckean

#include "kernels/cpu/sampled_field.hpp"

namespace mckean {
static_assert(Backend<CpuBackend<float>> && Backend<CpuBackend<double>>);
}
