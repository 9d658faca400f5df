// The field of a whole law (n = infinity) against a teacher, in closed form.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <type_traits>

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

/// The teacher's atoms in the memory of a back end.
template <Backend B>
class TeacherAtoms {
 public:
  TeacherAtoms(const B& backend, const ParticleArray& atoms, std::size_t d)
      : m_(atoms.m), d_(d), values_(backend.template allocate<double>(m_ * (1 + d_))) {
    if (m_ > 0)
      backend.copy(HostView<const double>(atoms.values.data(), atoms.values.size()),
                   values_.view());
  }
  Particles<const double, B::space> view() const { return {values_.view(), m_, d_}; }
  /// 1/M, 0 without atoms.
  double weight() const { return m_ == 0 ? 0.0 : 1.0 / static_cast<double>(m_); }

 private:
  std::size_t m_;
  std::size_t d_;
  Buffer<double, B::space> values_;
};

/// v of `tests` in the field s sum_l delta_w_l - pi*: all pairs.
template <Backend B>
void pairwise_velocity(const B& backend, PairKernel kernel, double s, const TeacherAtoms<B>& atoms,
                       const RadialTeacher& radial, Particles<const double, B::space> w,
                       Particles<const double, B::space> tests, Particles<double, B::space> v) {
  backend.linear_combination({}, v.values);
  backend.add_pairwise_field(kernel, tests, w, s, v);
  if (atoms.weight() > 0)
    backend.add_pairwise_field(kernel, tests, atoms.view(), -atoms.weight(), v);
  if (radial.kappa != 0) backend.add_radial_field(-radial.kappa, radial.power, tests, v);
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
      : backend_(backend),
        kernel_(kernel),
        scaling_(scaling),
        atoms_(backend, teacher.atoms, d),
        radial_(teacher.radial.value_or(RadialTeacher{0, 1, 0})) {
    const double weight = atoms_.weight();
    teacher_energy_ = radial_.constant;
    if (weight > 0)
      teacher_energy_ +=
          weight * weight * backend.pairwise_energy(kernel, atoms_.view(), atoms_.view());
  }

  void velocity(ConstState w, State v, std::uint64_t) const override { probe(w, w, v); }
  bool homogeneous() const override { return kernel_.kind == PairKernelKind::arc_cosine; }
  void probe(ConstState w, ConstState tests, State v) const override {
    pairwise_velocity(backend_, kernel_, output_scale(scaling_, w.m), atoms_, radial_, w, tests, v);
  }
  /// psi is linear in a, so that E (f - y) f = s sum_j a_j v_a,j of the velocity at hand; what is
  /// left of R, E (y - f) y, takes the pairs with the teacher only.
  double velocity_and_risk(ConstState w, State v, std::uint64_t step) const override {
    velocity(w, v, step);
    // In float the quadratic form itself is more exact than the velocity.
    if constexpr (!std::is_same_v<typename B::Real, double>) return risk(w);
    const double s = output_scale(scaling_, w.m);
    double sum = s * backend_.dot(w.a(), View<const double, B::space>(v.a())) + teacher_energy_;
    if (atoms_.weight() > 0)
      sum -= s * atoms_.weight() * backend_.pairwise_energy(kernel_, w, atoms_.view());
    if (radial_.kappa != 0) {
      sum -= s * radial_.kappa * backend_.particle_sums(Regularizer::none, radial_.power, w).radial;
    }
    return sum;
  }
  /// s^2 sum sum k(w_j, w_l) - 2 s sum_j int k(w_j, w*) dpi* + int int k dpi* dpi*, the last
  /// computed once.
  double risk(ConstState w) const override {
    const double s = output_scale(scaling_, w.m);
    double sum = s * s * backend_.pairwise_energy(kernel_, w, w) + teacher_energy_;
    if (atoms_.weight() > 0)
      sum -= 2 * s * atoms_.weight() * backend_.pairwise_energy(kernel_, w, atoms_.view());
    if (radial_.kappa != 0) {
      sum -= 2 * s * radial_.kappa *
             backend_.particle_sums(Regularizer::none, radial_.power, w).radial;
    }
    return sum;
  }
  double interactions(std::size_t m) const override {
    return static_cast<double>(m) * static_cast<double>(m + atoms_.view().m);
  }
  /// Inputs as a rotation-invariant law with E x_1^2 of the kernel would have them.
  FieldScale scale() const override {
    return {std::sqrt(kernel_.moment * static_cast<double>(atoms_.view().d)),
            std::sqrt(std::max(teacher_energy_, 0.0)), field_unit<B>, true,
            kernel_.kind == PairKernelKind::square};
  }

 private:
  const B& backend_;
  PairKernel kernel_;
  Scaling scaling_;
  TeacherAtoms<B> atoms_;
  RadialTeacher radial_;
  double teacher_energy_;
};

}  // namespace mckean
