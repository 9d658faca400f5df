// A back end whose memory the host cannot read, on one machine and one thread: what waits is
// counted, and what does not wait comes late.
#pragma once

#include <string>
#include <vector>

#include "kernels/cpu/cpu_backend.hpp"
#include "properties/traffic.hpp"

namespace mckean::test {

/// CpuBackend<double> behind views of device memory. A reading is ready after it has been asked
/// `delay` times.
class SeparateMemory {
 public:
  using Real = double;
  static constexpr Space space = Space::device;
  template <class T>
  using On = View<T, space>;
  using State = Particles<double, space>;
  using ConstState = Particles<const double, space>;
  using Vector = On<double>;
  using ConstVector = On<const double>;

  class Reading {
   public:
    Reading(ConstVector from, int delay) : values_(host(from)), left_(delay) {}
    bool ready() { return left_-- <= 0; }
    HostView<const double> values() const { return values_.values(); }

   private:
    CpuReading values_;
    int left_;
  };

  explicit SeparateMemory(int delay = 0, int threads = 1) : cpu_(threads), delay_(delay) {}
  const Traffic& traffic() const { return traffic_; }

  template <class T>
  Buffer<T, space> allocate(std::size_t count) const {
    return {static_cast<T*>(::operator new(count * sizeof(T) + 1)), count,
            [](void* p) { ::operator delete(p); }};
  }
  template <class T>
  void copy(HostView<const T> from, On<T> to) const {
    traffic_.uploaded += from.size();
    cpu_.copy<T>(from, host(to));
  }
  template <class T>
  void copy(On<const T> from, HostView<T> to) const {
    ++traffic_.synchronizations;
    traffic_.downloaded += from.size();
    cpu_.copy<T>(host(from), to);
  }
  void copy(HostView<const double> from, Vector to) const { copy<double>(from, to); }
  void copy(ConstVector from, HostView<double> to) const { copy<double>(from, to); }
  void copy(ConstVector from, Vector to) const { cpu_.copy(host(from), host(to)); }
  void read(ConstVector from, HostView<double> to) const { copy<double>(from, to); }
  Reading begin_read(ConstVector from) const {
    ++traffic_.readings;
    return {from, delay_};
  }
  std::string describe() const { return "cpu with a memory of its own"; }

  /// Of the library's activations and of functors.
  template <class A>
  void predict(const A& a, ConstState w, const NetworkOutput<space>& f, Samples<Real, space> s,
               Vector out) const {
    cpu_.predict(a, host(w), HostOutput(f), host(s), host(out));
  }
  template <class A>
  void sampled_field(const A& a, ConstState w, const NetworkOutput<space>& f,
                     Samples<Real, space> s, State v, Vector risk) const {
    ++traffic_.fields;
    cpu_.sampled_field(a, host(w), HostOutput(f), host(s), host(v), host(risk));
  }
  void* stream() const { return nullptr; }
  void gather_batch(const BatchDraw& draw, Samples<Real, space> s, On<Real> x, Vector y) const {
    cpu_.gather_batch(draw, host(s), host(x), host(y));
  }
  void add_pairwise_field(const PairKernel& k, ConstState w, ConstState atoms, double weight,
                          State v) const {
    cpu_.add_pairwise_field(k, host(w), host(atoms), weight, host(v));
  }
  void pairwise_energy(const PairKernel& k, ConstState l, ConstState r, Vector out) const {
    cpu_.pairwise_energy(k, host(l), host(r), host(out));
  }
  void planar_field(double moment, const WeightedParticles<space>& own,
                    const WeightedParticles<space>& teacher, State v, Vector out) const {
    ++traffic_.fields;
    cpu_.planar_field(moment, {host(own.particles), own.weight},
                      {host(teacher.particles), teacher.weight}, host(v), host(out));
  }
  void c_transform(const PointPairs<space>& pairs, double epsilon, Vector value,
                   Vector mean) const {
    ++(epsilon == 0 ? traffic_.hard_transforms : traffic_.soft_transforms);
    cpu_.c_transform(host(pairs), epsilon, host(value), host(mean));
  }
  void nearest_targets(const PointPairs<space>& pairs, std::size_t k, Vector value,
                       On<std::uint32_t> index) const {
    ++traffic_.searches;
    cpu_.nearest_targets(host(pairs), k, host(value), host(index));
  }
  void add_radial_field(double c, int power, ConstState w, State v) const {
    cpu_.add_radial_field(c, power, host(w), host(v));
  }
  void finish_drift(const FieldSpec& spec, ConstState w, State v) const {
    cpu_.finish_drift(spec, host(w), host(v));
  }
  void project_out(HeldView<space> held, ConstState w, State v) const {
    cpu_.project_out(host(held), host(w), host(v));
  }
  void place(HeldView<space> held, State w) const { cpu_.place(host(held), host(w)); }
  void clear_resting(ConstVector w, ConstVector f, Vector v) const {
    cpu_.clear_resting(host(w), host(f), host(v));
  }
  void settle(const FieldSpec& spec, double h, ConstState before, ConstState drift, State after,
              Vector out) const {
    cpu_.settle(spec, h, host(before), host(drift), host(after), host(out));
  }
  void normalize_directions(State w) const { cpu_.normalize_directions(host(w)); }
  void add_noise(const FieldSpec& spec, double amplitude, std::uint64_t seed, std::uint64_t step,
                 State w) const {
    cpu_.add_noise(spec, amplitude, seed, step, host(w));
  }
  void linear_combination(const LinearTerms<space>& t, Vector out) const {
    ++traffic_.combinations;
    cpu_.linear_combination(host(t), host(out));
  }
  void squared_norms(const LinearTerms<space>& t, std::size_t m, std::size_t d, Vector out) const {
    cpu_.squared_norms(host(t), m, d, host(out));
  }
  void inner_products(const InnerProducts<space>& list, Vector out) const {
    ++traffic_.inner_products;
    InnerProducts<Space::host> copy;
    for (int i = 0; i < list.count; ++i)
      copy.add({list.left[i], list.size[i]}, {list.right[i], list.size[i]});
    cpu_.inner_products(copy, host(out));
  }
  void particle_sums(Regularizer kind, int power, ConstState w, Vector out) const {
    cpu_.particle_sums(kind, power, host(w), host(out));
  }
  void check_finite(ConstVector x, Vector out) const { cpu_.check_finite(host(x), host(out)); }
  void combine_scalars(const ScalarTerms<space>& t, Vector out) const { host(out)[0] = t.sum(); }
  void audit_step(const AuditRules& rules, const AuditStep& step, const AuditSlots<space>& s,
                  Vector audit) const {
    cpu_.audit_step(rules, step, {host(s.before), host(s.after), host(s.stages), host(s.finite)},
                    host(audit));
  }
  void copy_if(ConstVector flag, ConstVector from, Vector to) const {
    cpu_.copy_if(host(flag), host(from), host(to));
  }

 private:
  /// The output and its ranks as the CPU sees them.
  class HostOutput : Communicator<Space::host> {
   public:
    explicit HostOutput(const NetworkOutput<space>& output) : output_(output) {}
    operator NetworkOutput<Space::host>() const {
      return {output_.scale, output_.ranks != nullptr ? this : nullptr};
    }
    void add(HostView<double> values) const override {
      output_.ranks->add(Vector(values.data(), values.size()));
    }

   private:
    const NetworkOutput<space>& output_;
  };

  template <class T>
  static HostView<T> host(On<T> view) {
    return {view.data(), view.size()};
  }
  template <class T>
  static Particles<T, Space::host> host(Particles<T, space> w) {
    return {host(w.values), w.m, w.d, w.ensemble};
  }
  static Samples<Real, Space::host> host(Samples<Real, space> s) {
    return {host(s.x), host(s.y), s.n, s.d};
  }
  static Points<Space::host> host(Points<space> p) { return {host(p.planes), p.n, p.d}; }
  static PointPairs<Space::host> host(const PointPairs<space>& pairs) {
    return {pairs.cost, host(pairs.sources), host(pairs.targets), host(pairs.potential)};
  }
  static HeldView<Space::host> host(HeldView<space> h) {
    return {host(h.particle), host(h.begin), host(h.rows), host(h.level)};
  }
  static LinearTerms<Space::host> host(const LinearTerms<space>& terms) {
    LinearTerms<Space::host> copy;
    for (int i = 0; i < terms.count; ++i) {
      copy.coefficient[i] = terms.coefficient[i];
      copy.vector[i] = terms.vector[i];
    }
    copy.count = terms.count;
    return copy;
  }

  CpuBackend<double> cpu_;
  int delay_;
  mutable Traffic traffic_;
};

static_assert(Backend<SeparateMemory>);

}  // namespace mckean::test
