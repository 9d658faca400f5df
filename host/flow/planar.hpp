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
      : Field<B>(backend), moment_(moment), scaling_(scaling), teacher_(backend, teacher, 2) {}

  bool homogeneous() const override { return true; }
  void probe(ConstState w, ConstState tests, State v) const override {
    pairwise_velocity(this->backend(), {PairKernelKind::arc_cosine, moment_}, teacher_,
                      {w, output_scale(scaling_, w.m)}, tests, v);
  }
  FieldScale scale() const override {
    return {std::sqrt(2 * moment_), 1, std::numeric_limits<double>::epsilon() / 2, true};
  }
  /// Sorted sums: every particle and every neuron of the teacher is touched once.
  double interactions(std::size_t m) const override {
    return static_cast<double>(m + teacher_.atoms().m);
  }

 private:
  /// The quadratic form of s sum delta_w - pi*, whose atoms are taken together so that nothing
  /// cancels late.
  void write_velocity(ConstState w, State v, std::uint64_t,
                      View<double, B::space> risk) const override {
    const B& backend = this->backend();
    const double s = output_scale(scaling_, w.m);
    backend.planar_field(moment_, {w, s}, {teacher_.atoms(), -teacher_.weight()}, v, risk);
    const RadialTeacher& radial = teacher_.radial();
    if (radial.kappa == 0) return;
    backend.add_radial_field(-radial.kappa, radial.power, w, v);
    if (risk.empty()) return;
    auto scalars = backend.template allocate<double>(ParticleSums::count);
    ScalarTerms<B::space> sum;
    sum.constant = radial.constant;
    sum.add(-(2 * s * radial.kappa), radial_sum(backend, radial.power, w, scalars.view()));
    sum.add(1, risk);
    backend.combine_scalars(sum, risk);
  }
  void write_risk(ConstState w, View<double, B::space> risk) const override {
    auto velocity = this->backend().template allocate<double>(w.values.size());
    write_velocity(w, {velocity.view(), w.m, w.d}, 0, risk);
  }

  double moment_;
  Scaling scaling_;
  TeacherMeasure<B> teacher_;
};

}  // namespace mckean
