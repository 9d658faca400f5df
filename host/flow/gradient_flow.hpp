// The flow dw/dt of a field under a constraint, a regulariser and frozen parameters, with its
// energies.
#pragma once

#include <array>
#include <cstdint>

#include "host/flow/field.hpp"
#include "host/flow/own_regularizer.hpp"

namespace mckean {

/// A back end, a field and the specification of the motion, for m particles in dimension d: those
/// here of an ensemble that the ranks of the field share. Back end and field outlive the flow.
/// States are on the constraint: retract() brings them there. What is computed goes to slots in the
/// memory of the back end; only what returns a number waits.
template <Backend B>
class GradientFlow {
 public:
  using State = Particles<double, B::space>;
  using ConstState = Particles<const double, B::space>;
  using Slots = View<double, B::space>;
  using ConstSlots = View<const double, B::space>;

  GradientFlow(const B& backend, const Field<B>& field, const FieldSpec& spec, std::size_t m,
               std::size_t d)
      : GradientFlow(backend, field, spec, m, d, Ensemble{m, 0}) {}
  GradientFlow(const B& backend, const Field<B>& field, const FieldSpec& spec, std::size_t m,
               std::size_t d, Ensemble ensemble)
      : backend_(backend),
        field_(field),
        spec_(spec),
        m_(m),
        d_(d),
        ensemble_(ensemble),
        formula_(spec, field.scale(), ensemble.total),
        own_regularizer_(backend, spec, m) {
    MCKEAN_EXPECT(field.ranks() != nullptr || m == ensemble.total);
  }

  const B& backend() const { return backend_; }
  const Field<B>& field() const { return field_; }
  const FieldSpec& spec() const { return spec_; }
  const FlowFormula& formula() const { return formula_; }
  /// Whether other ranks have particles of the ensemble.
  bool spread() const { return field_.ranks() != nullptr; }
  /// The particles here, and those of the ensemble.
  std::size_t m() const { return m_; }
  std::size_t total() const { return ensemble_.total; }
  std::size_t d() const { return d_; }
  std::size_t size() const { return m_ * (1 + d_); }
  bool deterministic() const { return field_.deterministic(); }
  /// Drifts computed so far for the flow itself.
  std::uint64_t evaluations() const { return evaluations_; }
  /// Those after the first `count` were for something else, a record.
  void forget_evaluations_after(std::uint64_t count) { evaluations_ = count; }

  State state(View<double, B::space> values) const { return {values, m_, d_, ensemble_}; }
  ConstState state(View<const double, B::space> values) const {
    return {values, m_, d_, ensemble_};
  }

  /// b <- b/|b| on the sphere.
  void retract(State w) const {
    if (spec_.constraint == Constraint::sphere) backend_.normalize_directions(w);
  }

  /// out = dw/dt; on the sphere tangent at w. risk = R over the samples of `step`, where there is a
  /// slot.
  void drift(ConstState w, State out, std::uint64_t step, Slots risk = {}) {
    ++evaluations_;
    field_.velocity(w, out, step, risk);
    finish_drift(w, out);
  }
  /// The drift over all the data, or over the law; not counted.
  void full_drift(ConstState w, State out) const {
    field_.full_velocity(w, out);
    finish_drift(w, out);
  }

  /// Appends |x_a|^2 and |x_b|^2 of what moves.
  void add_squares(InnerProducts<B::space>& list, ConstSlots x) const {
    const ConstState parts = state(x);
    spec_.rate_a() == 0 ? list.skip() : list.add(parts.a());
    spec_.rate_b() == 0 ? list.skip() : list.add(x.subview(m_, m_ * d_));
  }
  /// Appends the squares of StateScalars.
  void add_state_squares(InnerProducts<B::space>& list, ConstState w, ConstState drift) const {
    list.add(w.a());
    list.add(w.values.subview(m_, m_ * d_));
    add_squares(list, drift.values);
  }
  /// sums = ParticleSums, here.
  void sum_particles(ConstState w, Slots sums) const {
    backend_.particle_sums(spec_.regularizer, 1, w, sums);
    if (own_regularizer_.exists())
      own_regularizer_.sum(w, sums.subview(ParticleSums::regularizer_slot, 1));
  }
  /// Sums over particles here become those over the ensemble.
  void sum_over_ranks(Slots sums) const {
    if (field_.ranks() != nullptr) field_.ranks()->add(sums);
  }
  /// All of StateScalars but R, which has its slot too.
  void measure(ConstState w, ConstState drift, Slots at) const {
    sum_particles(w, at.subview(StateScalars::sums_slot, ParticleSums::count));
    InnerProducts<B::space> squares;
    add_state_squares(squares, w, drift);
    const std::size_t first = StateScalars::squares_slot;
    backend_.inner_products(squares, at.subview(first, StateScalars::count - first));
    sum_over_ranks(at.subview(1, StateScalars::count - 1));
  }

  // What follows waits.

  StateScalars read(ConstSlots at) const {
    double values[StateScalars::count] = {};
    backend_.read(at, {values, StateScalars::count});
    return StateScalars::load(values);
  }
  Energy energy(ConstState w) const {
    auto slots = backend_.template allocate<double>(StateScalars::count);
    const Slots at = slots.view();
    field_.risk(w, at.subview(StateScalars::risk_slot, 1));
    const Slots sums = at.subview(StateScalars::sums_slot, ParticleSums::count);
    if (formula_.regularized) {
      sum_particles(w, sums);
      sum_over_ranks(sums);
    }
    return formula_.energy(read(at));
  }
  /// int v . M v dpi (int |v^|^2 dpi for mobilities 1) from a drift.
  double dissipation(ConstState drift) const {
    const std::array<double, 2> squared = squares(drift.values);
    return formula_.dissipation(squared[0], squared[1]);
  }
  /// sqrt((1/m) sum_j |x_j|^2) over what moves: the norm of a displacement in L2(pi).
  double norm(ConstSlots x) const {
    const std::array<double, 2> squared = squares(x);
    return formula_.norm(squared[0], squared[1]);
  }
  /// sum_j x_a^2 and sum_j |x_b|^2 of a displacement.
  std::array<double, 2> squares(ConstSlots x) const {
    InnerProducts<B::space> list;
    add_squares(list, x);
    auto slots = backend_.template allocate<double>(2);
    const Slots at = slots.view();
    backend_.inner_products(list, at);
    sum_over_ranks(at);
    std::array<double, 2> values;
    backend_.read(at, {values.data(), values.size()});
    return values;
  }

 private:
  void finish_drift(ConstState w, State v) const {
    if (own_regularizer_.exists()) own_regularizer_.add_gradient_to(w, v);
    backend_.finish_drift(spec_, w, v);
  }

  const B& backend_;
  const Field<B>& field_;
  FieldSpec spec_;
  std::size_t m_;
  std::size_t d_;
  Ensemble ensemble_;
  FlowFormula formula_;
  OwnRegularizer<B> own_regularizer_;
  std::uint64_t evaluations_ = 0;
};

}  // namespace mckean
