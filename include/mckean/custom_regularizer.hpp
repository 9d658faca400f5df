// A regulariser of a user's own: r(a, |b|) with its gradient, known to the library by functions on
// arrays.
#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <memory>
#include <utility>

#include "mckean/field_spec.hpp"
#include "mckean/formula/radial.hpp"

namespace mckean {

/// A copyable functor, marked MCKEAN_HD: value(a, n) = r of a particle (a, b) with n = |b|, and
/// gradient(a, n) = {dr/da, (dr/dn)/n}, whose second member multiplies b; at n = 0 a subgradient.
/// On the sphere n = 1. r is to be as smooth as adaptive steps ask for: kinks are not looked for.
template <class R>
concept RegularizerFunctor = requires(const R r, double x) {
  { r.value(x, x) } -> std::convertible_to<double>;
  { r.gradient(x, x) } -> std::convertible_to<RadialGradient>;
};

/// m particles in dimension d as 1 + d planes of m values, on the host or on a device.
struct RegularizedParticles {
  const double* w = nullptr;
  std::size_t m = 0;
  std::size_t d = 0;
  bool sphere = false;  // b counts as b/|b|
  double lambda = 0;

  MCKEAN_HD double norm(std::size_t j) const {
    double squared = 0;
    for (std::size_t k = 1; k <= d; ++k) squared += w[k * m + j] * w[k * m + j];
    return sphere && squared != 0 ? 1.0 : std::sqrt(squared);
  }
  /// r(w_j).
  template <class R>
  MCKEAN_HD double value(const R& r, std::size_t j) const {
    return r.value(w[j], norm(j));
  }
  /// v_j += lambda grad r(w_j); on the sphere the part along b is normal to it and falls away.
  template <class R>
  MCKEAN_HD void add_gradient(const R& r, std::size_t j, double* v) const {
    const RadialGradient gradient = r.gradient(w[j], norm(j));
    v[j] += lambda * gradient.a;
    for (std::size_t k = 1; k <= d && !sphere; ++k)
      v[k * m + j] += lambda * gradient.b_factor * w[k * m + j];
  }
};

/// What a back end is told of a functor. The functions of the host take particles begin to end - 1;
/// those of a device (<mckean/cuda.cuh>) all of them, on a stream, a cudaStream_t.
struct CustomRegularizer {
  const void* functor = nullptr;
  void (*values)(const void* functor, const RegularizedParticles&, std::size_t begin,
                 std::size_t end, double* r) = nullptr;
  void (*add_gradient)(const void* functor, const RegularizedParticles&, std::size_t begin,
                       std::size_t end, double* v) = nullptr;
  void (*values_on_device)(const void* functor, const RegularizedParticles&, void* stream,
                           double* r) = nullptr;
  void (*add_gradient_on_device)(const void* functor, const RegularizedParticles&, void* stream,
                                 double* v) = nullptr;
};

namespace detail {

template <RegularizerFunctor R>
struct OwnedRegularizer : CustomRegularizer {
  explicit OwnedRegularizer(R own) : stored(std::move(own)) {
    functor = &stored;
    values = [](const void* own_r, const RegularizedParticles& w, std::size_t begin,
                std::size_t end, double* r) {
      for (std::size_t j = begin; j < end; ++j) r[j] = w.value(*static_cast<const R*>(own_r), j);
    };
    add_gradient = [](const void* own_r, const RegularizedParticles& w, std::size_t begin,
                      std::size_t end, double* v) {
      for (std::size_t j = begin; j < end; ++j) w.add_gradient(*static_cast<const R*>(own_r), j, v);
    };
  }
  OwnedRegularizer(const OwnedRegularizer&) = delete;
  OwnedRegularizer& operator=(const OwnedRegularizer&) = delete;

  R stored;
};

}  // namespace detail

/// The regulariser of a model: one of the library's, or a functor of a user's own, which is copied.
class ModelRegularizer {
 public:
  ModelRegularizer(Regularizer known = Regularizer::none) : kind_(known) {}
  template <RegularizerFunctor R>
  ModelRegularizer(R own)
      : ModelRegularizer(std::make_shared<detail::OwnedRegularizer<R>>(std::move(own))) {}
  explicit ModelRegularizer(std::shared_ptr<const CustomRegularizer> own)
      : kind_(Regularizer::custom), own_(std::move(own)) {}

  Regularizer kind() const { return kind_; }
  /// Null where the regulariser is the library's.
  const CustomRegularizer* own() const { return own_.get(); }

 private:
  Regularizer kind_;
  std::shared_ptr<const CustomRegularizer> own_;
};

}  // namespace mckean
