// The field of a rotation-invariant law on the plane for relu, by sorting in O(m log m).
#pragma once

#include "host/flow/population.hpp"

namespace mckean {

/// Population for d = 2 and the arc-cosine kernel; `moment` is E x_1^2.
template <Backend B>
class Planar : public Field<B> {
 public:
  using typename Field<B>::State;
  using typename Field<B>::ConstState;

  Planar(const B& backend, double moment, Scaling scaling, const PopulationTeacher& teacher)
      : Field<B>(backend),
        moment_(moment),
        scaling_(scaling),
        atoms_(backend, teacher.atoms, 2),
        radial_(teacher.radial.value_or(RadialTeacher{0, 1, 0})),
        scalars_(backend.template allocate<double>(ParticleSums::count)) {}

  bool homogeneous() const override { return true; }
  void probe(ConstState w, ConstState tests, State v) const override {
    pairwise_velocity(this->backend(), {PairKernelKind::arc_cosine, moment_},
                      output_scale(scaling_, w.m), atoms_, radial_, w, tests, v);
  }
  FieldScale scale() const override {
    return {std::sqrt(2 * moment_), 1, std::numeric_limits<double>::epsilon() / 2, true};
  }
  /// Sorted sums: every particle and every neuron of the teacher is touched once.
  double interactions(std::size_t m) const override {
    return static_cast<double>(m + atoms_.view().m);
  }

 private:
  /// The quadratic form of s sum delta_w - pi*, whose atoms are taken together so that nothing
  /// cancels late.
  void write_velocity(ConstState w, State v, std::uint64_t,
                      View<double, B::space> risk) const override {
    const B& backend = this->backend();
    const double s = output_scale(scaling_, w.m);
    backend.planar_field(moment_, {w, s}, {atoms_.view(), -atoms_.weight()}, v, risk);
    if (radial_.kappa == 0) return;
    backend.add_radial_field(-radial_.kappa, radial_.power, w, v);
    if (risk.empty()) return;
    ScalarTerms<B::space> sum;
    sum.constant = radial_.constant;
    sum.add(-(2 * s * radial_.kappa), radial_sum(backend, radial_.power, w, scalars_.view()));
    sum.add(1, risk);
    backend.combine_scalars(sum, risk);
  }
  void write_risk(ConstState w, View<double, B::space> risk) const override {
    if (scratch_.size() != w.values.size())
      scratch_ = this->backend().template allocate<double>(w.values.size());
    write_velocity(w, {scratch_.view(), w.m, w.d}, 0, risk);
  }

  double moment_;
  Scaling scaling_;
  TeacherAtoms<B> atoms_;
  RadialTeacher radial_;
  mutable Buffer<double, B::space> scalars_;
  mutable Buffer<double, B::space> scratch_;
};

}  // namespace mckean
