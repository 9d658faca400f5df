// Limited-memory BFGS: the direction of descent from the last few steps.
#pragma once

#include <cmath>
#include <deque>
#include <functional>
#include <utility>

#include "kernels/backend.hpp"

namespace mckean {

/// The two-loop recursion of Nocedal and Wright, Numerical Optimization, algorithm 7.4, in a given
/// inner product.
template <Backend B>
class Lbfgs {
 public:
  using Vector = View<double, B::space>;
  using ConstVector = View<const double, B::space>;
  using InnerProduct = std::function<double(ConstVector, ConstVector)>;
  static constexpr std::size_t history = 6;

  Lbfgs(const B& backend, std::size_t size, InnerProduct inner)
      : backend_(backend), size_(size), inner_(std::move(inner)) {}

  void forget() { pairs_.clear(); }
  bool empty() const { return pairs_.empty(); }

  /// Learns that the gradient changed by y over the step s, given as after - before of each.
  void learn(ConstVector x_after, ConstVector x_before, ConstVector g_after, ConstVector g_before) {
    Pair pair = take_pair();
    subtract(x_after, x_before, pair.s.view());
    subtract(g_after, g_before, pair.y.view());
    const double sy = inner_(std::as_const(pair.s).view(), std::as_const(pair.y).view());
    const double yy = inner_(std::as_const(pair.y).view(), std::as_const(pair.y).view());
    const double ss = inner_(std::as_const(pair.s).view(), std::as_const(pair.s).view());
    if (!(sy > 1e-10 * std::sqrt(ss * yy))) {
      spare_ = std::move(pair);
      return;
    }
    pair.rho = 1 / sy;
    scale_ = sy / yy;
    pairs_.push_back(std::move(pair));
  }

  /// p = -H g.
  void direction(ConstVector g, Vector p) {
    linear(-1, g, 0, g, p);
    double alpha[history];
    for (std::size_t i = pairs_.size(); i-- > 0;) {
      alpha[i] = pairs_[i].rho * inner_(std::as_const(pairs_[i].s).view(), p);
      linear(1, p, -alpha[i], std::as_const(pairs_[i].y).view(), p);
    }
    if (!pairs_.empty()) linear(scale_, p, 0, p, p);
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      const double beta = pairs_[i].rho * inner_(std::as_const(pairs_[i].y).view(), p);
      linear(1, p, alpha[i] - beta, std::as_const(pairs_[i].s).view(), p);
    }
  }

 private:
  struct Pair {
    Buffer<double, B::space> s;
    Buffer<double, B::space> y;
    double rho = 0;
  };

  Pair take_pair() {
    if (spare_.s.size() > 0) return std::exchange(spare_, Pair{});
    if (pairs_.size() < history) {
      return {backend_.template allocate<double>(size_), backend_.template allocate<double>(size_),
              0};
    }
    Pair oldest = std::move(pairs_.front());
    pairs_.pop_front();
    return oldest;
  }
  void linear(double c1, ConstVector x1, double c2, ConstVector x2, Vector out) const {
    LinearTerms<B::space> terms;
    terms.add(c1, x1);
    if (c2 != 0) terms.add(c2, x2);
    backend_.linear_combination(terms, out);
  }
  void subtract(ConstVector x, ConstVector y, Vector out) const { linear(1, x, -1, y, out); }

  const B& backend_;
  std::size_t size_;
  InnerProduct inner_;
  std::deque<Pair> pairs_;
  Pair spare_;
  double scale_ = 1;
};

}  // namespace mckean
