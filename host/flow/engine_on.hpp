// The engine of a Flow on one back end.
#pragma once

#include <optional>
#include <stdexcept>
#include <utility>

#include "host/data/interruptible.hpp"
#include "host/flow/fingerprint.hpp"
#include "host/flow/flow_engine.hpp"
#include "host/flow/integrate.hpp"
#include "host/flow/make_field.hpp"
#include "host/transport/backend_passes.hpp"

namespace mckean::detail {

template <Backend B>
class EngineOn final : public FlowEngine {
 public:
  EngineOn(const B& backend, FlowSetup setup)
      : backend_(backend),
        problem_(std::move(setup.problem)),
        model_(std::move(setup.model)),
        options_(std::move(setup.options)),
        fields_(backend_, problem_, model_.activation, model_.scaling),
        field_(spread(fields_.make(options_.batch))),
        own_test_(fields_.is_own_test(options_.batch)),
        test_(make_test(setup.start.m)),
        flow_(backend_, *field_, model_.spec(), setup.start.m, setup.start.d,
              ensemble_of(setup.start.m)),
        passes_(backend_) {
    const Array start = copy_to_device(setup.start.values);
    if (!is_finite<B>(flow_, at(start)))
      throw InputError("start: the particles are not finite: give finite ones");
    stepper_.emplace(flow_, options_.integrator, at(start));
  }

  void step(double until) override {
    if (has_ended()) return;
    stepper_->resume();
    if (!stepper_->begun() && (ends(stepper_->begin()) || ends(stepper_->stop_rule()))) return;
    if (stepper_->is_at(until)) return;
    if (ends(stepper_->step(until)) || ends(stepper_->look(false))) return;
    ends(stepper_->stop_rule());
  }

  void run(const std::vector<double>& record_times, const IntegrateCallbacks& callbacks,
           bool with_test) override {
    if (has_ended()) return;
    stepper_->resume();
    IntegrateCallbacks all;
    all.on_step = callbacks.on_step;
    all.on_record = [&](Record& record, const FetchParticles& fetch) {
      if (own_test_ && !record.interrupted) record.test_risk = record.risk;
      if (!callbacks.on_record) return;
      const Handing handing(records_);
      callbacks.on_record(record, fetch);
    };
    const Field<B>* const test = with_test ? test_.get() : nullptr;
    Integration<B>(*stepper_, Recorder<B>(flow_, record_times, all, test), all).run();
  }

  Record observe() override {
    catch_up();
    const double t = stepper_->t();
    Record row;
    if (has_ended() && stepper_->reached().values.data() != state().values.data()) {
      row = measure_state(stepper_->reached(), t);
    } else {
      const StateScalars scalars = stepper_->integrator().scalars();
      row = make_row(flow_, t,
                     stepper_->audits() ? stepper_->energy() : flow_.formula().energy(scalars),
                     scalars.sums);
      row.dissipation = flow_.formula().dissipation(scalars);
      if (stepper_->audits()) {
        row.energy_residual =
            stepper_->relative_residual(stepper_->energy().objective, stepper_->dissipated());
      }
    }
    count_in(row, stepper_->update().reached);
    if (own_test_) row.test_risk = row.risk;
    if (test_) row.test_risk = test_->risk(stepper_->reached());
    return row;
  }

  Record measure(const ParticleArray& particles) const override {
    if (particles.m != flow_.m() || particles.d != flow_.d())
      throw InputError("measure: the particles are not of the number and dimension of the flow");
    check_shape(particles, "measure");
    const Array w = copy_to_device(particles.values);
    return measure_state(at(w), 0);
  }

  ParticleArray particles() const override {
    const HeldInterruptions held;
    ParticleArray all = make_particles(flow_.m(), flow_.d());
    backend_.copy(stepper_->reached().values,
                  HostView<double>(all.values.data(), all.values.size()));
    return all;
  }
  const IntegrationResult& result() const override { return stepper_->result(); }

  std::vector<std::uint64_t> save() override {
    if (records_) throw std::logic_error("Flow::save: not in a record, but after a step");
    catch_up();
    if (has_ended()) throw std::logic_error("Flow::save: the flow has ended and goes on nowhere");
    FlowArchive archive;
    exchange(archive, *stepper_);
    return archive.take_sealed_words();
  }

  void restore(std::vector<std::uint64_t> words) override {
    FlowArchive archive = FlowArchive::open(std::move(words));
    const std::uint64_t counted = flow_.evaluations();
    try {
      Stepper<B> restored(flow_, options_.integrator, state());
      exchange(archive, restored);
      archive.finish();
      stepper_.emplace(std::move(restored));
    } catch (...) {
      flow_.forget_evaluations_after(counted);
      throw;
    }
  }

  std::string device() const override { return backend_.describe(); }
  const IntegratorSpec& integrator() const override { return stepper_->spec(); }
  double interactions() const override { return field_->interactions(flow_.m()); }
  const PairPasses& passes() const override { return passes_; }

 private:
  /// That a record is being handed out, as long as it lives.
  class Handing {
   public:
    explicit Handing(bool& flag) : flag_(flag) { flag_ = true; }
    ~Handing() { flag_ = false; }

   private:
    bool& flag_;
  };
  using Array = Buffer<double, B::space>;
  using ConstState = Particles<const double, B::space>;
  static constexpr std::uint64_t format = 0x6d636b65616e0004;  // "mckean", version 4

  /// The field over all ranks.
  std::unique_ptr<Field<B>> spread(std::unique_ptr<Field<B>> field) const {
    if (options_.ranks.communicator == nullptr) return field;
    if constexpr (B::space == Space::host) {
      field->spread(options_.ranks.communicator);
    } else {
      throw InputError("ranks: they share particles on the CPU: choose the device cpu");
    }
    return field;
  }
  /// Ranks have no test risk by a law in closed form, which takes all pairs of particles.
  std::unique_ptr<Field<B>> make_test(std::size_t m) const {
    const bool alone = options_.ranks.communicator == nullptr;
    if (own_test_ || !(alone || problem_.test)) return nullptr;
    return spread(fields_.make_test(m));
  }
  Ensemble ensemble_of(std::size_t m) const {
    if (options_.ranks.communicator == nullptr) return {m, 0};
    return options_.ranks.ensemble;
  }
  bool has_ended() const {
    const Outcome outcome = stepper_->result().outcome;
    return outcome != Outcome::finished && outcome != Outcome::interrupted;
  }
  /// Takes over what was found.
  bool ends(Found found) {
    if (found == Found::risk) stepper_->end(Outcome::converged, reached_risk);
    if (found == Found::gradient) stepper_->end(Outcome::converged, reached_gradient);
    return found != Found::nothing;
  }
  /// All that the steps so far have done is known.
  void catch_up() {
    if (has_ended() || ends(stepper_->begin())) return;
    ends(stepper_->look(true));
  }
  ConstState state() { return stepper_->integrator().state(); }
  ConstState at(const Array& values) const { return flow_.state(values.view()); }

  Array copy_to_device(const std::vector<double>& values) const {
    Array copy = backend_.template allocate<double>(values.size());
    for_each_range(values.size(), [&](std::size_t begin, std::size_t end) {
      backend_.copy(as_view(values).subview(begin, end - begin),
                    copy.view().subview(begin, end - begin));
    });
    return copy;
  }

  Record measure_state(ConstState w, double t) const {
    const Energy energy = flow_.energy(w);
    Array drift = backend_.template allocate<double>(flow_.size());
    flow_.full_drift(w, flow_.state(drift.view()));
    Array sums = backend_.template allocate<double>(ParticleSums::count);
    flow_.sum_particles(w, sums.view());
    flow_.sum_over_ranks(sums.view());
    double values[ParticleSums::count];
    backend_.read(std::as_const(sums).view(), {values, ParticleSums::count});
    Record row = make_row(flow_, t, energy, {values[0], values[1], values[2], values[3]});
    row.dissipation = flow_.dissipation(at(drift));
    return row;
  }

  std::uint64_t fingerprint(const IntegratorSpec& spec) {
    if (!fingerprint_) fingerprint_ = fingerprint_of(problem_, model_, spec, options_.batch);
    return *fingerprint_;
  }
  void exchange(FlowArchive& archive, Stepper<B>& stepper) {
    const Ensemble all = ensemble_of(flow_.m());
    const std::uint64_t expected[] = {format,
                                      flow_.m(),
                                      flow_.d(),
                                      all.total,
                                      all.first,
                                      fingerprint(stepper.spec()),
                                      static_cast<std::uint64_t>(sizeof(typename B::Real))};
    for (const std::uint64_t word : expected) {
      std::uint64_t found = word;
      archive(found);
      if (found != word) FlowArchive::refuse();
    }
    stepper.exchange(archive);
  }

  B backend_;
  Problem problem_;
  Model model_;
  FlowOptions options_;
  FieldMaker<B> fields_;
  std::unique_ptr<Field<B>> field_;
  bool own_test_;
  std::unique_ptr<Field<B>> test_;
  GradientFlow<B> flow_;
  BackendPasses<B> passes_;
  std::optional<Stepper<B>> stepper_;
  std::optional<std::uint64_t> fingerprint_;  // once it was asked for
  bool records_ = false;                      // a record is being handed out
};

template <class B>
std::unique_ptr<FlowEngine> make_engine(const B& backend, FlowSetup setup) {
  return std::make_unique<EngineOn<B>>(backend, std::move(setup));
}

}  // namespace mckean::detail
