// The CUDA back end as the rest of the program sees it: no CUDA type in sight, so that g++ compiles
// its users.
#pragma once

#include <memory>
#include <string>

#include "kernels/backend.hpp"

namespace mckean {

/// Stream, memory pool and device properties; cuda_context.cuh.
class CudaContext;

/// Scalars on their way to the host. values() waits for their copy and for nothing after it.
class CudaReading {
 public:
  CudaReading(std::shared_ptr<CudaContext> context, DeviceView<const double> from);
  CudaReading(CudaReading&&) noexcept;
  CudaReading& operator=(CudaReading&&) noexcept;
  ~CudaReading();

  bool ready() const;
  HostView<const double> values() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

template <class FieldReal>
class CudaBackend {
 public:
  using Real = FieldReal;
  static constexpr Space space = Space::device;
  using State = Particles<double, space>;
  using ConstState = Particles<const double, space>;
  using Vector = View<double, space>;
  using ConstVector = View<const double, space>;
  using Indices = View<std::uint32_t, space>;
  using Output = NetworkOutput<space>;

  /// Opens device `ordinal`; throws std::runtime_error with the reason where there is none.
  explicit CudaBackend(int ordinal = 0);
  std::string describe() const;
  /// The cudaStream_t that orders all operations: what a user's own kernels are launched on.
  void* stream() const;

  // memory.cu
  template <class T>
  Buffer<T, space> allocate(std::size_t count) const {
    return {static_cast<T*>(allocate_bytes(count * sizeof(T))), count,
            [context = context_](void* data) { release(*context, data); }};
  }
  template <class T>
  void copy(HostView<const T> from, View<T, space> to) const {
    MCKEAN_EXPECT(from.size() == to.size());
    upload(from.data(), to.data(), from.size() * sizeof(T));
  }
  template <class T>
  void copy(View<const T, space> from, HostView<T> to) const {
    MCKEAN_EXPECT(from.size() == to.size());
    download(from.data(), to.data(), from.size() * sizeof(T));
  }
  template <class T>
  void copy(View<const T, space> from, View<T, space> to) const {
    MCKEAN_EXPECT(from.size() == to.size());
    move(from.data(), to.data(), from.size() * sizeof(T));
  }
  void copy(HostView<const double> from, Vector to) const { copy<double>(from, to); }
  void copy(ConstVector from, HostView<double> to) const { copy<double>(from, to); }
  void copy(ConstVector from, Vector to) const { copy<double>(from, to); }
  void read(ConstVector from, HostView<double> to) const;
  CudaReading begin_read(ConstVector from) const { return {context_, from}; }

  // sampled_field.cu; for a user's own activation include kernels/cuda/sampled_field_launch.cuh in
  // a .cu
  void predict(const AnyActivation&, ConstState w, const Output&, Samples<Real, space>,
               Vector f) const;
  void sampled_field(const AnyActivation&, ConstState w, const Output&, Samples<Real, space>,
                     State v, Vector risk) const;
  template <Activation A>
  void predict(const A&, ConstState w, const Output&, Samples<Real, space>, Vector f) const;
  template <Activation A>
  void sampled_field(const A&, ConstState w, const Output&, Samples<Real, space>, State v,
                     Vector risk) const;
  void gather_batch(const BatchDraw&, Samples<Real, space> from, View<Real, space> x,
                    Vector y) const;

  // pairwise_field.cu
  void add_pairwise_field(const PairKernel&, ConstState w, ConstState atoms, double weight,
                          State v) const;
  void pairwise_energy(const PairKernel&, ConstState left, ConstState right, Vector energy) const;
  // planar_field.cu
  void planar_field(double moment, const WeightedParticles<space>& own,
                    const WeightedParticles<space>& teacher, State v, Vector energy) const;
  // c_transform.cu
  void c_transform(const PointPairs<space>&, double epsilon, Vector value, Vector mean_cost) const;
  // nearest_targets.cu
  void nearest_targets(const PointPairs<space>&, std::size_t k, Vector value, Indices index) const;
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
  // scalars.cu
  void inner_products(const InnerProducts<space>&, Vector out) const;
  void squared_norms(const LinearTerms<space>&, std::size_t m, std::size_t d, Vector norms) const;
  void particle_sums(Regularizer, int radial_power, ConstState w, Vector sums) const;
  void check_finite(ConstVector, Vector out) const;
  void settle(const FieldSpec&, double h, ConstState before, ConstState drift, State after,
              Vector squared_distance) const;
  void combine_scalars(const ScalarTerms<space>&, Vector out) const;
  void audit_step(const AuditRules&, const AuditStep&, const AuditSlots<space>&,
                  Vector audit) const;
  void copy_if(ConstVector flag, ConstVector from, Vector to) const;

 private:
  void* allocate_bytes(std::size_t bytes) const;
  static void release(CudaContext&, void* data);
  // In the order of the stream; upload returns when `from` may be reused, download with the data.
  void upload(const void* from, void* to, std::size_t bytes) const;
  void download(const void* from, void* to, std::size_t bytes) const;
  void move(const void* from, void* to, std::size_t bytes) const;

  std::shared_ptr<CudaContext> context_;
};

static_assert(Backend<CudaBackend<float>> && Backend<CudaBackend<double>>);

}  // namespace mckean
