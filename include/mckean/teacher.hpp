// The target functions f* a network learns: two-layer networks themselves, of finitely many neurons
// or of a continuous law.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "mckean/choice.hpp"
#include "mckean/formula/activation.hpp"
#include "mckean/law.hpp"
#include "mckean/matrix.hpp"
#include "mckean/particle_array.hpp"

namespace mckean {

/// The teachers that a user may name; see the makers below.
enum class TeacherLaw { uniform_circle, uniform_sphere, neurons, circle_neuron, file };

template <>
inline constexpr auto choices<TeacherLaw> = std::to_array<Choice<TeacherLaw>>(
    {{"uniform-circle", TeacherLaw::uniform_circle, "a* = 1, b* ~ U(S^1), in dimension 2"},
     {"uniform-sphere", TeacherLaw::uniform_sphere, "a* = 1, b* ~ U(S^(d-1))"},
     {"neurons", TeacherLaw::neurons, "M random ones, a* = 1, b* ~ U(S^(d-1))"},
     {"circle-neuron", TeacherLaw::circle_neuron, "M on the circle b1^2 + b2^2 = 1, a* = 1"},
     {"file", TeacherLaw::file, "the rows of a file"}});

/// What a teacher uniform on the sphere leaves in the population risk:
/// int k(w, w*) dpi*(w*) = kappa a |b|^power, and constant = E f*(x)^2.
struct RadialTeacher {
  double kappa = 0;
  int power = 1;
  double constant = 0;
};

/// f* = E a* sigma(b* . x) over a measure of neurons. Made by the functions below.
struct Teacher {
  enum class Kind { atoms, uniform_sphere };

  Kind kind = Kind::atoms;
  ParticleArray atoms;  // (a*_k, b*_k), k = 1..M, where kind is atoms
  std::size_t d = 0;

  /// f*(x_i), i = 1..n, for n x d row-major x. atoms: (1/M) sum_k a*_k sigma(b*_k . x).
  /// uniform_sphere: E sigma(b . x) over b ~ U(S^{d-1}), in closed form for relu, leaky-relu, abs
  /// and square, otherwise by quadrature to a relative 1e-13. The same bits for any number of
  /// `threads` (0: all processors). InputError where x has not n d values; Interrupted where that
  /// was asked for.
  std::vector<double> evaluate(const AnyActivation& activation, const std::vector<double>& x,
                               std::size_t n, int threads = 0) const;

  /// The radial form, where kind is uniform_sphere and pair_kernel(activation, law, d) exists.
  /// InputError where d does not fit the law.
  std::optional<RadialTeacher> radial(const AnyActivation& activation, DataLaw law) const;
};

/// a* = 1 and b* ~ U(S^{d-1}). InputError where d = 0.
Teacher make_uniform_sphere_teacher(std::size_t d);

/// M neurons with a* = 1 and b* drawn from U(S^{d-1}): a pure function of its arguments. InputError
/// where M or d is 0; Interrupted where that was asked for.
Teacher make_neurons(std::size_t count, std::size_t d, std::uint64_t seed);

/// The circle b_1^2 + b_2^2 = 1 in R^d, d >= 2, as a regular polygon of `count` atoms with a* = 1.
/// InputError where d < 2 or there are no atoms.
Teacher make_circle_neuron(std::size_t d, std::size_t count);

/// The neurons of count x (1 + d) rows (a*, b*). InputError as from_rows() has it.
Teacher make_file_teacher(const Matrix& rows);

}  // namespace mckean
