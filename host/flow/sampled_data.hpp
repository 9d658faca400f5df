// The field of n samples (x_i, y_i) that stay the same.
#pragma once

#include <cmath>
#include <vector>

#include "host/data/interruptible.hpp"
#include "host/flow/arranged_samples.hpp"
#include "host/flow/field.hpp"

namespace mckean {

/// Host samples taken to the memory and the precision of a back end.
template <Backend B>
class SampleBuffers {
 public:
  using Real = typename B::Real;

  /// x: n x d, row-major; y: n values.
  SampleBuffers(const B& backend, HostView<const double> x, HostView<const double> y, std::size_t d)
      : SampleBuffers(backend, y.size(), d) {
    assign(backend, x, y);
  }
  /// n samples yet to be written.
  SampleBuffers(const B& backend, std::size_t n, std::size_t d)
      : x_(backend.template allocate<Real>(n * d)),
        y_(backend.template allocate<double>(n)),
        d_(d) {}

  void assign(const B& backend, HostView<const double> x, HostView<const double> y) {
    MCKEAN_EXPECT(x.size() == x_.size() && y.size() == y_.size());
    copy_converted(backend, x, x_.view());
    copy_converted(backend, y, y_.view());
  }

  View<Real, B::space> x() { return x_.view(); }
  View<double, B::space> y() { return y_.view(); }
  View<const double, B::space> y() const { return y_.view(); }
  Samples<Real, B::space> view() const { return {x_.view(), y_.view(), y_.size(), d_}; }
  std::size_t size() const { return y_.size(); }

 private:
  template <class T>
  static void copy_converted(const B& backend, HostView<const double> from, View<T, B::space> to) {
    std::vector<T> part;
    for_each_range(from.size(), [&](std::size_t begin, std::size_t end) {
      part.assign(from.data() + begin, from.data() + end);
      backend.template copy<T>(HostView<const T>(part.data(), part.size()),
                               to.subview(begin, end - begin));
    });
  }

  Buffer<Real, B::space> x_;
  Buffer<double, B::space> y_;
  std::size_t d_;
};

/// Samples on the host: x is n x d, row-major, y has n values.
struct HostSamples {
  HostView<const double> x;
  HostView<const double> y;
  std::size_t d = 0;
};

template <Backend B, class A = AnyActivation>
class SampledData : public Field<B> {
 public:
  using typename Field<B>::State;
  using typename Field<B>::ConstState;
  using typename Field<B>::Slot;

  /// x: n x d, row-major; y: n values. `backend` and the memory of x outlive the field.
  SampledData(const B& backend, const A& activation, Scaling scaling, HostView<const double> x,
              HostView<const double> y, std::size_t d)
      : Field<B>(backend),
        activation_(activation),
        scaling_(scaling),
        samples_(backend, x, y, d),
        arranged_(backend, activation, piecewise_linear(activation), samples_.view()),
        x_(x),
        scale_{root_mean_square(x, y.size()),   root_mean_square(y, y.size()), field_unit<B>, false,
               grows_quadratically(activation), size_at_zero(activation)} {}

  double interactions(std::size_t m) const override {
    return static_cast<double>(m) * static_cast<double>(samples_.size());
  }

  FieldScale scale() const override { return scale_; }
  std::optional<Hinges> hinges() const override {
    const std::optional<PiecewiseLinear> linear = piecewise_linear(activation_);
    if (!linear || linear->below == linear->above) return {};
    return Hinges{*linear, x_, samples_.size(), samples_.view().d};
  }
  void residual(ConstState w, HostView<double> e) const override {
    const Buffer<double, B::space> found = errors(w);
    this->backend().copy(found.view(), e);
  }
  void spread(const Communicator<B::space>* ranks) override { this->set_ranks(ranks); }

  Samples<typename B::Real, B::space> samples() const { return samples_.view(); }

 private:
  void write_velocity(ConstState w, State v, std::uint64_t, Slot risk) const override {
    arranged_.field(this->backend(), w, output(w), {v, risk});
  }
  void write_risk(ConstState w, Slot risk) const override {
    const Buffer<double, B::space> found = errors(w);
    InnerProducts<B::space> squares;
    squares.add(found.view());
    this->backend().inner_products(squares, risk);
    ScalarTerms<B::space> mean;
    mean.add(1, risk);
    mean.divisor = static_cast<double>(samples_.size());
    this->backend().combine_scalars(mean, risk);
  }
  NetworkOutput<B::space> output(ConstState w) const {
    return {output_scale(scaling_, w.ensemble.total), this->ranks()};
  }

  static std::optional<PiecewiseLinear> piecewise_linear(const PiecewiseLinear& a) { return a; }
  static std::optional<PiecewiseLinear> piecewise_linear(const AnyActivation& a) {
    if (a.kind != ActivationKind::piecewise_linear) return {};
    return a.linear;
  }
  template <class Other>
  static std::optional<PiecewiseLinear> piecewise_linear(const Other&) {
    return {};
  }
  static bool grows_quadratically(const AnyActivation& a) {
    return a.kind == ActivationKind::square;
  }
  template <class Other>
  static bool grows_quadratically(const Other&) {
    return std::is_same_v<Other, Square>;
  }
  static double size_at_zero(const A& a) {
    if constexpr (std::is_same_v<A, AnyActivation>) {
      return visit_any(a, [](const auto& sigma) { return std::abs(sigma.value(0.0)); });
    } else {
      return std::abs(a.value(0.0));
    }
  }
  static double root_mean_square(HostView<const double> values, std::size_t count) {
    double sum = 0;
    for_each_range(values.size(), [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) sum += values[i] * values[i];
    });
    return std::sqrt(sum / static_cast<double>(count));
  }

  /// f - y.
  Buffer<double, B::space> errors(ConstState w) const {
    auto values = this->backend().template allocate<double>(samples_.size());
    arranged_.predict(this->backend(), w, output(w), values.view());
    LinearTerms<B::space> error;
    error.add(1, std::as_const(values).view());
    error.add(-1, samples_.y());
    this->backend().linear_combination(error, values.view());
    return values;
  }

  A activation_;
  Scaling scaling_;
  SampleBuffers<B> samples_;
  ArrangedSamples<B, A> arranged_;
  HostView<const double> x_;
  FieldScale scale_;
};

}  // namespace mckean
