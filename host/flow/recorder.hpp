// The rows of a run: which times they stand for, what is in them, and where they go.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "host/flow/stepper.hpp"

namespace mckean {

/// A row at t, from the sums over particles there.
template <Backend B>
Record make_row(const GradientFlow<B>& flow, double t, const Energy& energy,
                const ParticleSums& sums) {
  Record row;
  row.t = t;
  row.objective = energy.objective;
  row.risk = energy.risk;
  row.path_norm = flow.formula().output_scale * sums.path;
  row.n_eff = sums.path_squared > 0 ? sums.path * sums.path / sums.path_squared : 0;
  return row;
}

/// Counters at the end of a row.
inline void count_in(Record& row, const Progress& reached) {
  row.step = reached.step;
  row.rejected = reached.rejected;
  row.evaluations = reached.evaluations;
}

template <Backend B>
class Recorder {
 public:
  using ConstState = Particles<const double, B::space>;

  /// `times` increase; `test_field`, where there is one, gives the test risk of each row.
  Recorder(const GradientFlow<B>& flow, const std::vector<double>& times,
           const IntegrateCallbacks& callbacks, const Field<B>* test_field)
      : flow_(flow), times_(times), callbacks_(callbacks), test_field_(test_field) {}

  bool empty() const { return times_.empty(); }
  double end() const { return times_.empty() ? 0 : times_.back(); }
  /// The time of the last row.
  std::optional<double> last() const { return last_; }
  /// Whether that was the start.
  bool is_start() const { return last_ == 0; }

  /// Takes the next time, where it is at most t.
  std::optional<double> take_until(double t) {
    if (next_ == times_.size() || times_[next_] > t) return {};
    return times_[next_++];
  }
  /// Takes all times up to the one of a fixed step; whether there were any.
  bool take_passed(double t) {
    const std::size_t before = next_;
    while (next_ < times_.size() && times_[next_] * (1 - time_rounding) <= t) ++next_;
    return next_ > before;
  }

  /// Completes the row of the state w and hands it out, as the last one.
  void publish(Record& row, ConstState w, const Progress& reached) {
    count_in(row, reached);
    if (test_field_ != nullptr && !row.interrupted) row.test_risk = test_field_->risk(w);
    std::optional<ParticleArray> fetched;
    const auto fetch = [&]() -> const ParticleArray& {
      if (!fetched) {
        fetched.emplace(flow_.m(), flow_.d());
        flow_.backend().copy(w.values,
                             HostView<double>(fetched->values.data(), fetched->values.size()));
      }
      return *fetched;
    };
    if (callbacks_.on_record) callbacks_.on_record(row, fetch);
    last_ = row.t;
  }

 private:
  const GradientFlow<B>& flow_;
  std::vector<double> times_;
  const IntegrateCallbacks& callbacks_;
  const Field<B>* test_field_;
  std::size_t next_ = 0;
  std::optional<double> last_;
};

}  // namespace mckean
