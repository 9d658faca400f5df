// Limited-memory BFGS: the direction of descent from the last few steps.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <utility>
#include <vector>

#include "host/flow/gradient_flow.hpp"

namespace mckean {

/// Inner products of the flow, (1/m) sum over particles in the norm of the inverse mobilities, of
/// many pairs of vectors that are read at once. What does not move has no part in them.
template <Backend B>
class InnerProductBatch {
 public:
  using ConstVector = View<const double, B::space>;

  explicit InnerProductBatch(const GradientFlow<B>& flow) : flow_(flow) {}

  /// Its place among the results.
  std::size_t add(ConstVector x, ConstVector y) {
    pairs_.emplace_back(x, y);
    return pairs_.size() - 1;
  }
  std::vector<double> read() {
    const B& backend = flow_.backend();
    const std::size_t count = 2 * pairs_.size();
    if (slots_.size() < count) slots_ = backend.template allocate<double>(count);
    const auto slots = slots_.view().subview(0, count);
    constexpr std::size_t most = InnerProducts<B::space>::capacity / 2;
    for (std::size_t first = 0; first < pairs_.size(); first += most) {
      const std::size_t some = std::min(most, pairs_.size() - first);
      InnerProducts<B::space> list;
      for (std::size_t i = first; i < first + some; ++i) add_parts(list, pairs_[i]);
      backend.inner_products(list, slots.subview(2 * first, 2 * some));
    }
    flow_.sum_over_ranks(slots);
    std::vector<double> parts(count);
    backend.read(View<const double, B::space>(slots), {parts.data(), count});
    std::vector<double> products(pairs_.size());
    for (std::size_t i = 0; i < products.size(); ++i)
      products[i] = combine(flow_, parts[2 * i], parts[2 * i + 1]);
    pairs_.clear();
    return products;
  }
  /// From the products over a and over b.
  static double combine(const GradientFlow<B>& flow, double of_a, double of_b) {
    const FlowFormula& formula = flow.formula();
    double sum = 0;
    if (formula.rate_a > 0) sum += of_a / formula.rate_a;
    if (formula.rate_b > 0) sum += of_b / formula.rate_b;
    return sum / formula.total;
  }

 private:
  using Pair = std::pair<ConstVector, ConstVector>;

  void add_parts(InnerProducts<B::space>& list, const Pair& pair) const {
    const FlowFormula& formula = flow_.formula();
    const std::size_t m = flow_.m();
    const std::size_t rest = pair.first.size() - m;
    formula.rate_a > 0 ? list.add(pair.first.subview(0, m), pair.second.subview(0, m))
                       : list.skip();
    formula.rate_b > 0 ? list.add(pair.first.subview(m, rest), pair.second.subview(m, rest))
                       : list.skip();
  }

  const GradientFlow<B>& flow_;
  std::vector<Pair> pairs_;
  Buffer<double, B::space> slots_;
};

/// The two-loop recursion of Nocedal and Wright, Numerical Optimization, algorithm 7.4, in the
/// inner product of the flow. Its vectors are combinations of the gradient and of the history, so
/// that it runs on their inner products, which are read once for a direction, and the direction is
/// then written in two passes.
template <Backend B>
class Lbfgs {
 public:
  using Vector = View<double, B::space>;
  using ConstVector = View<const double, B::space>;
  static constexpr std::size_t history = 6;

  explicit Lbfgs(const GradientFlow<B>& flow) : flow_(flow), batch_(flow) {}

  void forget() {
    pairs_.clear();
    untested_ = false;
  }
  bool empty() const { return pairs_.empty(); }

  /// Learns that the gradient changed by y over the step s, given as after - before of each;
  /// direction() finds out whether the pair is any good.
  void learn(ConstVector x_after, ConstVector x_before, ConstVector g_after, ConstVector g_before) {
    Pair pair = take_pair();
    subtract(x_after, x_before, pair.s.view());
    subtract(g_after, g_before, pair.y.view());
    pairs_.push_back(std::move(pair));
    untested_ = true;
  }

  /// p = -H g; <g, p>, given |g|^2.
  double direction(ConstVector g, double squared_g, Vector p) {
    const Products products = read_products(g);
    const std::size_t n = pairs_.size();
    const auto rho = [&](std::size_t i) { return 1 / sy(i, i); };
    double scale = 1;
    if (n > 0) scale = sy(n - 1, n - 1) / yy(n - 1, n - 1);
    std::array<double, history + 1> alpha{}, of_s{};
    for (std::size_t i = n; i-- > 0;) {
      double product = -products.sg[i];
      for (std::size_t j = n - 1; j > i; --j) product -= alpha[j] * sy(i, j);
      alpha[i] = rho(i) * product;
    }
    double slope = -scale * squared_g;
    LinearTerms<B::space> terms;
    terms.add(-scale, g);
    for (std::size_t i = 0; i < n; ++i) {
      double product = -products.yg[i];
      for (std::size_t j = 0; j < n; ++j) product -= alpha[j] * yy(i, j);
      product *= scale;
      for (std::size_t j = 0; j < i; ++j) product += of_s[j] * sy(j, i);
      of_s[i] = alpha[i] - rho(i) * product;
      slope += of_s[i] * products.sg[i] - scale * alpha[i] * products.yg[i];
      terms.add(-scale * alpha[i], std::as_const(pairs_[i].y).view());
    }
    flow_.backend().linear_combination(terms, p);
    LinearTerms<B::space> steps;
    steps.add(1, p);
    for (std::size_t i = 0; i < n; ++i) steps.add(of_s[i], std::as_const(pairs_[i].s).view());
    if (n > 0) flow_.backend().linear_combination(steps, p);
    return slope;
  }

 private:
  struct Pair {
    Buffer<double, B::space> s;
    Buffer<double, B::space> y;
    std::size_t row = 0;  // of the tables of inner products
  };
  /// Of g with what is kept.
  struct Products {
    std::array<double, history + 1> sg{}, yg{};
  };
  using Table = std::array<std::array<double, history + 1>, history + 1>;

  double sy(std::size_t i, std::size_t j) const { return sy_[pairs_[i].row][pairs_[j].row]; }
  double yy(std::size_t i, std::size_t j) const { return yy_[pairs_[i].row][pairs_[j].row]; }

  /// One read: the products of g, and those of the newest pair, which goes where it has no positive
  /// curvature.
  Products read_products(ConstVector g) {
    const std::size_t n = pairs_.size();
    if (n == 0) return {};
    for (const Pair& pair : pairs_) {
      batch_.add(pair.s.view(), g);
      batch_.add(pair.y.view(), g);
    }
    if (untested_) {
      const Pair& last = std::as_const(pairs_).back();
      for (const Pair& pair : pairs_) {
        batch_.add(pair.s.view(), last.y.view());
        batch_.add(pair.y.view(), last.y.view());
      }
      batch_.add(last.s.view(), last.s.view());
    }
    const std::vector<double> values = batch_.read();
    Products products;
    for (std::size_t i = 0; i < n; ++i) {
      products.sg[i] = values[2 * i];
      products.yg[i] = values[2 * i + 1];
    }
    if (std::exchange(untested_, false)) keep_newest(values.data() + 2 * n);
    return products;
  }
  /// Its products with all s and y, one after the other, and |s|^2.
  void keep_newest(const double* values) {
    const std::size_t n = pairs_.size();
    const std::size_t row = pairs_.back().row;
    const double own_sy = values[2 * n - 2], own_yy = values[2 * n - 1], own_ss = values[2 * n];
    if (!(own_sy > 1e-10 * std::sqrt(own_ss * own_yy))) {
      spare_ = std::move(pairs_.back());
      pairs_.pop_back();
      return;
    }
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t other = pairs_[i].row;
      sy_[other][row] = values[2 * i];
      yy_[other][row] = yy_[row][other] = values[2 * i + 1];
    }
  }

  Pair take_pair() {
    if (spare_.s.size() > 0) return std::exchange(spare_, Pair{});
    if (pairs_.size() < history) {
      const std::size_t size = flow_.size();
      return {flow_.backend().template allocate<double>(size),
              flow_.backend().template allocate<double>(size), free_row()};
    }
    Pair oldest = std::move(pairs_.front());
    pairs_.pop_front();
    return oldest;
  }
  std::size_t free_row() const {
    std::size_t row = 0;
    while (std::any_of(pairs_.begin(), pairs_.end(),
                       [row](const Pair& pair) { return pair.row == row; }))
      ++row;
    return row;
  }
  void subtract(ConstVector x, ConstVector y, Vector out) const {
    LinearTerms<B::space> terms;
    terms.add(1, x);
    terms.add(-1, y);
    flow_.backend().linear_combination(terms, out);
  }

  const GradientFlow<B>& flow_;
  InnerProductBatch<B> batch_;
  std::deque<Pair> pairs_;
  Pair spare_;
  bool untested_ = false;  // the newest pair
  Table sy_{}, yy_{};      // <s_i, y_j> for i not newer than j, and <y_i, y_j>
};

}  // namespace mckean
