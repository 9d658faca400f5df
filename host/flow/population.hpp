// The field of a whole law (n = infinity) against a teacher, in closed form.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "host/flow/field.hpp"
#include "mckean/law.hpp"
#include "mckean/particle_array.hpp"
#include "mckean/teacher.hpp"

namespace mckean {

/// f*(x) = int a sigma(b . x) dpi*: atoms of equal weight, or (atoms empty) the uniform law on the
/// sphere.
struct PopulationTeacher {
  ParticleArray atoms;
  std::optional<RadialTeacher> radial;
};

/// `teacher` under an activation and a law; throws InputError where there is no closed form.
PopulationTeacher population_teacher(const Teacher& teacher, const AnyActivation& activation,
                                     DataLaw law);

/// The teacher with its atoms in the memory of a back end.
template <Backend B>
class TeacherMeasure {
 public:
  TeacherMeasure(const B& backend, const PopulationTeacher& teacher, std::size_t d)
      : radial_(teacher.radial.value_or(RadialTeacher{0, 1, 0})),
        m_(teacher.atoms.m),
        d_(d),
        values_(backend.template allocate<double>(m_ * (1 + d_))) {
    const std::vector<double>& atoms = teacher.atoms.values;
    if (m_ > 0) backend.copy(HostView<const double>(atoms.data(), atoms.size()), values_.view());
  }
  /// Its kappa is 0 where there is no such part.
  const RadialTeacher& radial() const { return radial_; }
  Particles<const double, B::space> atoms() const { return {values_.view(), m_, d_}; }
  /// 1/M, 0 without atoms.
  double weight() const { return m_ == 0 ? 0.0 : 1.0 / static_cast<double>(m_); }

 private:
  RadialTeacher radial_;
  std::size_t m_;
  std::size_t d_;
  Buffer<double, B::space> values_;
};

/// v of `tests` in the field of `network` less that of `teacher`: all pairs.
template <Backend B>
void pairwise_velocity(const B& backend, PairKernel kernel, const TeacherMeasure<B>& teacher,
                       const WeightedParticles<B::space>& network,
                       Particles<const double, B::space> tests, Particles<double, B::space> v) {
  backend.linear_combination({}, v.values);
  backend.add_pairwise_field(kernel, tests, network.particles, network.weight, v);
  if (teacher.weight() > 0)
    backend.add_pairwise_field(kernel, tests, teacher.atoms(), -teacher.weight(), v);
  const RadialTeacher& radial = teacher.radial();
  if (radial.kappa != 0) backend.add_radial_field(-radial.kappa, radial.power, tests, v);
}

/// The slot of sum_j a_j |b_j|^power, with the other ParticleSums at the end of `scalars`.
template <Backend B>
View<const double, B::space> radial_sum(const B& backend, int power,
                                        Particles<const double, B::space> w,
                                        View<double, B::space> scalars) {
  const auto sums =
      scalars.subview(scalars.size() - ParticleSums::count, std::size_t{ParticleSums::count});
  backend.particle_sums(Regularizer::none, power, w, sums);
  return sums.subview(ParticleSums::count - 1, 1);
}

/// v_j = s sum_l grad_w k(w_j, w_l) - int grad_w k(w_j, w*) dpi*(w*), over all pairs, in any
/// dimension.
template <Backend B>
class Population : public Field<B> {
 public:
  using typename Field<B>::State;
  using typename Field<B>::ConstState;

  Population(const B& backend, PairKernel kernel, Scaling scaling, const PopulationTeacher& teacher,
             std::size_t d)
      : Field<B>(backend), kernel_(kernel), scaling_(scaling), teacher_(backend, teacher, d) {
    const double weight = teacher_.weight();
    teacher_energy_ = teacher_.radial().constant;
    if (weight > 0) {
      auto slot = backend.template allocate<double>(1);
      backend.pairwise_energy(kernel, teacher_.atoms(), teacher_.atoms(), slot.view());
      double energy = 0;
      backend.read(std::as_const(slot).view(), {&energy, 1});
      teacher_energy_ += weight * weight * energy;
    }
  }

  bool homogeneous() const override { return kernel_.kind == PairKernelKind::arc_cosine; }
  void probe(ConstState w, ConstState tests, State v) const override {
    pairwise_velocity(this->backend(), kernel_, teacher_, {w, output_scale(scaling_, w.m)}, tests,
                      v);
  }
  double interactions(std::size_t m) const override {
    return static_cast<double>(m) * static_cast<double>(m + teacher_.atoms().m);
  }
  /// Inputs as a rotation-invariant law with E x_1^2 of the kernel would have them.
  FieldScale scale() const override {
    return {std::sqrt(kernel_.moment * static_cast<double>(teacher_.atoms().d)),
            std::sqrt(std::max(teacher_energy_, 0.0)), field_unit<B>, true,
            kernel_.kind == PairKernelKind::square};
  }

 private:
  using Scalar = View<double, B::space>;
  static constexpr std::size_t scalar_count = 2 + ParticleSums::count;

  /// psi is linear in a, so that E (f - y) f = s sum_j a_j v_a,j of the velocity at hand; what is
  /// left of R, E (y - f) y, takes the pairs with the teacher only.
  void write_velocity(ConstState w, State v, std::uint64_t, Scalar risk) const override {
    probe(w, w, v);
    if (risk.empty()) return;
    // In float the quadratic form itself is more exact than the velocity.
    if constexpr (!std::is_same_v<typename B::Real, double>) return write_risk(w, risk);
    Buffer<double, B::space> scalars = allocate_scalars();
    InnerProducts<B::space> product;
    product.add(w.a(), v.a());
    this->backend().inner_products(product, scalars.view().subview(0, 1));
    add_teacher(w, output_scale(scaling_, w.m), 1, scalars.view(), risk);
  }
  /// s^2 sum sum k(w_j, w_l) - 2 s sum_j int k(w_j, w*) dpi* + int int k dpi* dpi*, the last
  /// computed once.
  void write_risk(ConstState w, Scalar risk) const override {
    const double s = output_scale(scaling_, w.m);
    Buffer<double, B::space> scalars = allocate_scalars();
    this->backend().pairwise_energy(kernel_, w, w, scalars.view().subview(0, 1));
    add_teacher(w, s * s, 2, scalars.view(), risk);
  }
  Buffer<double, B::space> allocate_scalars() const {
    return this->backend().template allocate<double>(scalar_count);
  }
  /// risk = int int k dpi* dpi* + of_own * scalars[0] - times * s sum_j int k(w_j, w*) dpi*.
  void add_teacher(ConstState w, double of_own, double times, Scalar scalars, Scalar risk) const {
    const Scalar of_pairs = scalars.subview(1, 1);
    const double s = output_scale(scaling_, w.m);
    ScalarTerms<B::space> sum;
    sum.constant = teacher_energy_;
    sum.add(of_own, scalars.subview(0, 1));
    if (teacher_.weight() > 0) {
      this->backend().pairwise_energy(kernel_, w, teacher_.atoms(), of_pairs);
      sum.add(-(times * s * teacher_.weight()), of_pairs);
    }
    const RadialTeacher& radial = teacher_.radial();
    if (radial.kappa != 0) {
      sum.add(-(times * s * radial.kappa), radial_sum(this->backend(), radial.power, w, scalars));
    }
    this->backend().combine_scalars(sum, risk);
  }

  PairKernel kernel_;
  Scaling scaling_;
  TeacherMeasure<B> teacher_;
  double teacher_energy_;
};

}  // namespace mckean
