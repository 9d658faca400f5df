// Host arrays taken to a back end's memory and fetched again, and the sizes and settings that state
// tests run over.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "kernels/backend.hpp"
#include "reference/state.hpp"

namespace mckean::test {

using reference::random_state;
using reference::random_values;

/// A copy of a host array in the memory of a back end.
template <class B>
class OnBackend {
 public:
  OnBackend(const B& backend, const std::vector<double>& values)
      : backend_(backend), buffer_(backend.template allocate<double>(values.size())) {
    backend.copy(HostView<const double>(values.data(), values.size()), buffer_.view());
  }
  OnBackend(const B& backend, const reference::PlaneState& state)
      : OnBackend(backend, state.values) {
    m_ = state.m;
    d_ = state.d;
  }

  View<const double, B::space> vector() const { return buffer_.view(); }
  View<double, B::space> vector() { return buffer_.view(); }
  Particles<const double, B::space> state() const { return {buffer_.view(), m_, d_}; }
  Particles<double, B::space> state() { return {buffer_.view(), m_, d_}; }

  std::vector<double> fetch() const {
    std::vector<double> values(buffer_.size());
    backend_.copy(buffer_.view(), HostView<double>(values.data(), values.size()));
    return values;
  }
  reference::PlaneState fetch_state() const {
    reference::PlaneState state(m_, d_);
    state.values = fetch();
    return state;
  }

 private:
  const B& backend_;
  Buffer<double, B::space> buffer_;
  std::size_t m_ = 0;
  std::size_t d_ = 0;
};

/// What write(slots) leaves in `count` slots of a back end.
template <class B, class Write>
std::vector<double> scalars(const B& backend, std::size_t count, const Write& write) {
  OnBackend<B> slots(backend, std::vector<double>(count, 17));  // must be overwritten
  write(slots.vector());
  std::vector<double> values(count);
  backend.read(std::as_const(slots).vector(), {values.data(), count});
  return values;
}
template <class B, class Write>
double scalar(const B& backend, const Write& write) {
  return scalars(backend, 1, write)[0];
}

template <class B>
double dot(const B& backend, View<const double, B::space> x, View<const double, B::space> y) {
  return scalar(backend, [&](auto slot) {
    InnerProducts<B::space> list;
    list.add(x, y);
    backend.inner_products(list, slot);
  });
}
template <class B>
bool all_finite(const B& backend, View<const double, B::space> x) {
  return scalar(backend, [&](auto slot) { backend.check_finite(x, slot); }) == 0;
}
template <class B>
ParticleSums particle_sums(const B& backend, Regularizer kind, int power,
                           Particles<const double, B::space> w) {
  const auto sums = scalars(backend, ParticleSums::count,
                            [&](auto slots) { backend.particle_sums(kind, power, w, slots); });
  return {sums[0], sums[1], sums[2], sums[3]};
}
template <class B>
double dissipation(const B& backend, const FieldSpec& spec,
                   Particles<const double, B::space> drift) {
  const auto b = drift.values.subview(drift.m, drift.m * drift.d);
  return FlowFormula(spec, {}, drift.m)
      .dissipation(dot(backend, drift.a(), drift.a()), dot(backend, b, b));
}

/// A size of many blocks of threads; an emulator takes fewer.
#ifdef MCKEAN_TEST_EMULATED
constexpr std::size_t many = 777;
#else
constexpr std::size_t many = 10007;
#endif

/// use(m, d) over particle counts and dimensions around the widths of vectors, warps and tiles.
template <class Use>
void for_each_size(const Use& use) {
  for (const std::size_t m :
       {std::size_t{1}, std::size_t{2}, std::size_t{31}, std::size_t{33}, many / 10, many}) {
    for (const std::size_t d : {1, 2, 3, 17, 65}) use(m, d);
  }
}

/// Every scaling, train, constraint and regulariser, with mobilities 1, unequal, and 0 for b.
inline std::vector<FieldSpec> all_specs() {
  std::vector<FieldSpec> specs;
  for (const Scaling scaling : {Scaling::mean_field, Scaling::standard, Scaling::ntk}) {
    for (const Train train : {Train::both, Train::inner, Train::outer}) {
      for (const Constraint constraint : {Constraint::none, Constraint::sphere}) {
        for (const Regularizer kind : {Regularizer::none, Regularizer::path, Regularizer::l2}) {
          specs.push_back({scaling, train, constraint, kind, .3, 1, 1});
          specs.push_back({scaling, train, constraint, kind, .7, 2.5, .4});
        }
      }
    }
    specs.push_back({scaling, Train::both, Constraint::none, Regularizer::l2, .7, 1.5, 0});
  }
  return specs;
}

}  // namespace mckean::test
