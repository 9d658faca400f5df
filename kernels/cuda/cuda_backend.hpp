// The CUDA back end as the rest of the program sees it: no CUDA type in sight, so that g++ compiles
// its users.
#pragma once

#include <memory>
#include <string>

#include "kernels/backend.hpp"

namespace mckean {

/// Stream, scratch memory and device properties; cuda_context.cuh.
struct CudaContext;

template <class FieldReal>
class CudaBackend {
 public:
  using Real = FieldReal;
  static constexpr Space space = Space::device;
  using State = Particles<double, space>;
  using ConstState = Particles<const double, space>;
  using Vector = View<double, space>;
  using ConstVector = View<const double, space>;

  /// Opens device `ordinal`; throws std::runtime_error with the reason where there is none.
  explicit CudaBackend(int ordinal = 0);
  std::string describe() const;

  // memory.cu
  template <class T>
  Buffer<T, space> allocate(std::size_t count) const {
    return {static_cast<T*>(allocate_bytes(count * sizeof(T))), count, release};
  }
  template <class T>
  void copy(HostView<const T> from, View<T, space> to) const {
    MCKEAN_EXPECT(from.size() == to.size());
    transfer(from.data(), to.data(), from.size() * sizeof(T), true);
  }
  template <class T>
  void copy(View<const T, space> from, HostView<T> to) const {
    MCKEAN_EXPECT(from.size() == to.size());
    transfer(from.data(), to.data(), from.size() * sizeof(T), true);
  }
  template <class T>
  void copy(View<const T, space> from, View<T, space> to) const {
    MCKEAN_EXPECT(from.size() == to.size());
    if (from.data() != to.data()) transfer(from.data(), to.data(), from.size() * sizeof(T), false);
  }
  void copy(HostView<const double> from, Vector to) const { copy<double>(from, to); }
  void copy(ConstVector from, HostView<double> to) const { copy<double>(from, to); }
  void copy(ConstVector from, Vector to) const { copy<double>(from, to); }

  // sampled_field.cu; for a user's own activation include kernels/cuda/sampled_field_launch.cuh in
  // a .cu
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

  // pairwise_field.cu
  void add_pairwise_field(const PairKernel&, ConstState w, ConstState atoms, double weight,
                          State v) const;
  double pairwise_energy(const PairKernel&, ConstState left, ConstState right) const;
  // planar_field.cu
  double planar_field(double moment, ConstState w, double weight, ConstState teacher,
                      double teacher_weight, State v) const;
  // c_transform.cu
  void c_transform(GroundCost, Points<space> sources, Points<space> targets, ConstVector potential,
                   double epsilon, Vector value, Vector mean_cost) const;
  // state.cu
  void add_radial_field(double coefficient, int power, ConstState w, State v) const;
  void finish_drift(const FieldSpec&, ConstState w, State v) const;
  void project_out(const HeldView<space>&, ConstState w, State v) const;
  void place(const HeldView<space>&, State w) const;
  void clear_resting(ConstVector w, ConstVector drift, Vector v) const;
  void normalize_directions(State w) const;
  void add_noise(const FieldSpec&, double amplitude, std::uint64_t seed, std::uint64_t step,
                 State w) const;
  void linear_combination(const LinearTerms<space>&, Vector out) const;
  // reductions.cu
  double dissipation(const FieldSpec&, ConstState drift) const;
  double dot(ConstVector, ConstVector) const;
  double settle(const FieldSpec&, double h, ConstState before, ConstState drift, State after) const;
  ParticleSums particle_sums(Regularizer, int radial_power, ConstState w) const;
  bool all_finite(ConstVector) const;

 private:
  void* allocate_bytes(std::size_t bytes) const;
  static void release(void* data);
  /// On the stream; waits for it where the host has a part in the copy.
  void transfer(const void* from, void* to, std::size_t bytes, bool with_host) const;

  std::shared_ptr<CudaContext> context_;
};

static_assert(Backend<CudaBackend<float>> && Backend<CudaBackend<double>>);

}  // namespace mckean
