// What happens to the whole state, particle by particle: drift, retraction, noise, linear
// combinations.
#include <cmath>

#include "kernels/cpu/cpu_backend.hpp"
#include "kernels/cpu/tiles.hpp"
#include "mckean/formula/motion.hpp"
#include "mckean/formula/radial.hpp"
#include "mckean/formula/settling.hpp"

namespace mckean {
namespace {

using cpu::dot_planes;
using cpu::element_tile;
using cpu::for_each_tile;
using cpu::particle_tile;
using cpu::sum_terms;
using cpu::sum_tiles;

/// Elements begin to end - 1 of the sum of the terms.
template <int Count>
void combine(const LinearTerms<Space::host>& terms, std::size_t begin, std::size_t end,
             double* out) {
  for (std::size_t i = begin; i < end; ++i) {
    double sum = 0;
    for (int t = 0; t < Count; ++t) sum += terms.coefficient[t] * terms.vector[t][i];
    out[i - begin] = sum;
  }
}

using Combine = void (*)(const LinearTerms<Space::host>&, std::size_t, std::size_t, double*);
constexpr Combine combine_of_count[] = {combine<0>, combine<1>, combine<2>, combine<3>, combine<4>,
                                        combine<5>, combine<6>, combine<7>, combine<8>};
static_assert(std::size(combine_of_count) == LinearTerms<Space::host>::capacity + 1);

}  // namespace

template <class Real>
void CpuBackend<Real>::linear_combination(const LinearTerms<space>& terms, Vector out) const {
  const Combine apply = combine_of_count[terms.count];
  for_each_tile(out.size(), element_tile, threads_, [&](std::size_t begin, std::size_t end) {
    apply(terms, begin, end, out.data() + begin);
  });
}

template <class Real>
void CpuBackend<Real>::squared_norms(const LinearTerms<space>& terms, std::size_t m, std::size_t d,
                                     Vector norms) const {
  MCKEAN_EXPECT(norms.size() == 2);
  const Combine apply = combine_of_count[terms.count];
  const auto squared = [&](std::size_t first, std::size_t size) {
    return sum_tiles<1>(size, element_tile, threads_, [&](std::size_t begin, std::size_t end) {
      double sum[element_tile];
      apply(terms, first + begin, first + end, sum);
      return std::array{sum_terms(0, end - begin, [&](std::size_t i) { return sum[i] * sum[i]; })};
    })[0];
  };
  norms[0] = squared(0, m);
  norms[1] = squared(m, m * d);
}

template <class Real>
void CpuBackend<Real>::add_radial_field(double coefficient, int power, ConstState w,
                                        State v) const {
  MCKEAN_EXPECT(power == 1 || power == 2);
  const std::size_t m = w.m;
  const double* const b = w.values.data() + m;
  for_each_tile(m, particle_tile, threads_, [&](std::size_t begin, std::size_t end) {
    double squared[particle_tile];
    double factor[particle_tile];
    dot_planes(b, b, {m, w.d, begin, end}, squared);
    for (std::size_t j = begin; j < end; ++j) {
      const double norm = std::sqrt(squared[j - begin]);
      const RadialGradient gradient = radial_gradient(power, w.values.data()[j], norm);
      v.values.data()[j] += coefficient * gradient.a;
      factor[j - begin] = coefficient * gradient.b_factor;
    }
    for (std::size_t k = 0; k < w.d; ++k) {
      const double* b_k = w.b(k).data() + begin;
      double* v_k = v.b(k).data() + begin;
      for (std::size_t j = 0; j < end - begin; ++j) v_k[j] += factor[j] * b_k[j];
    }
  });
}

template <class Real>
void CpuBackend<Real>::finish_drift(const FieldSpec& spec, ConstState w, State v) const {
  const std::size_t m = w.m;
  const Motion motion(spec, w.ensemble.total);
  const bool reads_b = motion.sphere || motion.regularizer != Regularizer::none;
  const bool stretches = motion.stretches();
  const double* const b = w.values.data() + m;
  for_each_tile(m, particle_tile, threads_, [&](std::size_t begin, std::size_t end) {
    double squared[particle_tile] = {};
    double shift[particle_tile] = {};
    double stretch[particle_tile];
    if (reads_b) {
      dot_planes(b, b, {m, w.d, begin, end}, squared);
      if (motion.sphere) dot_planes(b, v.values.data() + m, {m, w.d, begin, end}, shift);
    }
    if (stretches)
      dot_planes(v.values.data() + m, v.values.data() + m, {m, w.d, begin, end}, stretch);
    for (std::size_t j = begin; j < end; ++j) {
      const double a = w.values.data()[j];
      stretch[j - begin] =
          stretches ? motion.stretch(a, squared[j - begin], stretch[j - begin]) : 1.0;
      double& v_a = v.values.data()[j];
      v_a = motion.drift_a(a, squared[j - begin], v_a);
      shift[j - begin] = motion.shift(a, squared[j - begin], shift[j - begin]);
    }
    for (std::size_t k = 0; k < w.d; ++k) {
      const double* b_k = w.b(k).data() + begin;
      double* v_k = v.b(k).data() + begin;
      if (reads_b) {
        for (std::size_t j = 0; j < end - begin; ++j)
          v_k[j] = motion.drift_b(shift[j], stretch[j], b_k[j], v_k[j]);
      } else {
        for (std::size_t j = 0; j < end - begin; ++j) v_k[j] = motion.drift_b(0, 1, 0, v_k[j]);
      }
    }
  });
}

template <class Real>
void CpuBackend<Real>::project_out(const HeldView<space>& held, ConstState w, State v) const {
  const double* const b = w.values.data() + w.m;
  double* const v_b = v.values.data() + v.m;
  for_each_tile(held.particle.size(), particle_tile, threads_,
                [&](std::size_t first, std::size_t last) {
                  for (std::size_t i = first; i < last; ++i) {
                    const std::size_t j = held.particle.data()[i];
                    held.at(i, v.m, v.d).take_out(b + j, v_b + j);
                  }
                });
}

template <class Real>
void CpuBackend<Real>::place(const HeldView<space>& held, State w) const {
  double* const b = w.values.data() + w.m;
  for_each_tile(held.particle.size(), particle_tile, threads_,
                [&](std::size_t first, std::size_t last) {
                  for (std::size_t i = first; i < last; ++i)
                    held.at(i, w.m, w.d).place(b + held.particle.data()[i]);
                });
}

template <class Real>
void CpuBackend<Real>::clear_resting(ConstVector w, ConstVector drift, Vector v) const {
  for_each_tile(v.size(), element_tile, threads_, [&](std::size_t begin, std::size_t end) {
    const double* const position = w.data();
    const double* const speed = drift.data();
    double* const out = v.data();
    for (std::size_t i = begin; i < end; ++i)
      out[i] = position[i] == 0 && speed[i] == 0 ? 0 : out[i];
  });
}

template <class Real>
void CpuBackend<Real>::settle(const FieldSpec& spec, double h, ConstState before, ConstState drift,
                              State after, Vector squared_distance) const {
  const std::size_t m = after.m;
  const Settling settling{Motion(spec, after.ensemble.total), h};
  const auto sums =
      sum_tiles<1>(m, particle_tile, threads_, [&](std::size_t begin, std::size_t end) {
        double b0_b[particle_tile], b_b[particle_tile], b_f[particle_tile], f_f[particle_tile];
        const double* const b0 = before.values.data() + m;
        const double* const f = drift.values.data() + m;
        double* const b = after.values.data() + m;
        dot_planes(b0, b, {m, after.d, begin, end}, b0_b);
        dot_planes(b, b, {m, after.d, begin, end}, b_b);
        dot_planes(b, f, {m, after.d, begin, end}, b_f);
        dot_planes(f, f, {m, after.d, begin, end}, f_f);
        double squared = 0;
        for (std::size_t j = begin; j < end; ++j) {
          const std::size_t t = j - begin;
          double& a = after.values.data()[j];
          const double norm = settling.motion.sphere ? 1.0 : std::sqrt(b_b[t]);
          const bool settles =
              settling.amplitude(before.values.data()[j], a, drift.values.data()[j], norm);
          const bool vanishes = settling.direction(b0_b[t], b_b[t], b_f[t], f_f[t], a);
          if (settles) {
            squared += a * a;
            a = 0;
          }
          if (vanishes) {
            squared += b_b[t];
            for (std::size_t k = 0; k < after.d; ++k) b[k * m + j] = 0;
          }
        }
        return std::array{squared};
      });
  squared_distance[0] = sums[0];
}

template <class Real>
void CpuBackend<Real>::normalize_directions(State w) const {
  const std::size_t m = w.m;
  const double* const b = w.values.data() + m;
  for_each_tile(m, particle_tile, threads_, [&](std::size_t begin, std::size_t end) {
    double divisor[particle_tile];
    dot_planes(b, b, {m, w.d, begin, end}, divisor);
    for (std::size_t j = 0; j < end - begin; ++j) divisor[j] = normalizing_divisor(divisor[j]);
    for (std::size_t k = 0; k < w.d; ++k) {
      double* b_k = w.b(k).data() + begin;
      for (std::size_t j = 0; j < end - begin; ++j) b_k[j] /= divisor[j];
    }
  });
}

template <class Real>
void CpuBackend<Real>::add_noise(const FieldSpec& spec, double amplitude, std::uint64_t seed,
                                 std::uint64_t step, State w) const {
  const bool sphere = spec.constraint == Constraint::sphere;
  const double scale_a = std::sqrt(spec.rate_a()) * amplitude;
  const double scale_b = std::sqrt(spec.rate_b()) * amplitude;
  const std::size_t m = w.m;
  const std::size_t d = scale_b == 0 ? 0 : w.d;
  for_each_tile(m, particle_tile, threads_, [&](std::size_t begin, std::size_t end) {
    std::vector<double> noise(d + 2);
    for (std::size_t j = begin; j < end; ++j) {
      for (std::size_t c = 0; c <= d; c += 2) {
        const RandomPair pair = noise_pair(seed, step, w.ensemble.first + j, c / 2);
        noise[c] = pair.first;
        noise[c + 1] = pair.second;
      }
      if (scale_a != 0) w.values.data()[j] += scale_a * noise[0];
      double* const b = w.values.data() + m + j;  // component k at b[k * m]
      double squared = 0;
      double product = 0;
      for (std::size_t k = 0; sphere && k < d; ++k) {
        squared += b[k * m] * b[k * m];
        product += b[k * m] * noise[1 + k];
      }
      const double shift = tangent_shift(squared, product);
      for (std::size_t k = 0; k < d; ++k) b[k * m] += scale_b * (noise[1 + k] + shift * b[k * m]);
    }
  });
}

template class CpuBackend<float>;
template class CpuBackend<double>;

}  // namespace mckean
