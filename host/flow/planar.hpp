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
      : backend_(backend),
        moment_(moment),
        scaling_(scaling),
        atoms_(backend, teacher.atoms, 2),
        radial_(teacher.radial.value_or(RadialTeacher{0, 1, 0})) {}

  void velocity(ConstState w, State v, std::uint64_t step) const override {
    velocity_and_risk(w, v, step);
  }
  /// The quadratic form of s sum delta_w - pi*, whose atoms are taken together so that nothing
  /// cancels late.
  double velocity_and_risk(ConstState w, State v, std::uint64_t) const override {
    const double s = output_scale(scaling_, w.m);
    double sum = backend_.planar_field(moment_, w, s, atoms_.view(), -atoms_.weight(), v);
    if (radial_.kappa != 0) {
      backend_.add_radial_field(-radial_.kappa, radial_.power, w, v);
      sum +=
          radial_.constant - 2 * s * radial_.kappa *
                                 backend_.particle_sums(Regularizer::none, radial_.power, w).radial;
    }
    return sum;
  }
  double risk(ConstState w) const override {
    if (scratch_.size() != w.values.size())
      scratch_ = backend_.template allocate<double>(w.values.size());
    return velocity_and_risk(w, {scratch_.view(), w.m, w.d}, 0);
  }
  bool homogeneous() const override { return true; }
  void probe(ConstState w, ConstState tests, State v) const override {
    pairwise_velocity(backend_, {PairKernelKind::arc_cosine, moment_}, output_scale(scaling_, w.m),
                      atoms_, radial_, w, tests, v);
  }
  FieldScale scale() const override {
    return {std::sqrt(2 * moment_), 1, std::numeric_limits<double>::epsilon() / 2, true};
  }
  /// Sorted sums: every particle and every neuron of the teacher is touched once.
  double interactions(std::size_t m) const override {
    return static_cast<double>(m + atoms_.view().m);
  }

 private:
  const B& backend_;
  double moment_;
  Scaling scaling_;
  TeacherAtoms<B> atoms_;
  RadialTeacher radial_;
  mutable Buffer<double, B::space> scratch_;
};

}  // namespace mckean
