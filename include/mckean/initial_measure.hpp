// Where the particles of a flow start.
#pragma once

#include <cstddef>
#include <cstdint>

#include "mckean/choice.hpp"
#include "mckean/particle_array.hpp"

namespace mckean {

/// The law of b.
enum class InitLaw { uniform, gaussian, cos2, cos1, file };

/// How particles are taken from a law; quantile: theta_j = F^{-1}((j - 1/2)/m), j = 1..m.
enum class InitSampling { iid, quantile };

/// The law of a.
enum class Amplitude { zero, one, sign, gaussian };

template <>
inline constexpr auto choices<InitLaw> = std::to_array<Choice<InitLaw>>(
    {{"uniform", InitLaw::uniform, "U(S^(d-1))"},
     {"gaussian", InitLaw::gaussian, "N(0, I/d)"},
     {"cos2", InitLaw::cos2, "angles of density (1 + .8 cos(2 theta))/(2 pi), d = 2"},
     {"cos1", InitLaw::cos1, "angles of density (1 + .8 cos(theta))/(2 pi), d = 2"},
     {"file", InitLaw::file, "the particles of a file"}});
template <>
inline constexpr auto choices<InitSampling> = std::to_array<Choice<InitSampling>>(
    {{"iid", InitSampling::iid, "random draws"},
     {"quantile", InitSampling::quantile, "quantiles of the angle, d = 2"}});
template <>
inline constexpr auto choices<Amplitude> =
    std::to_array<Choice<Amplitude>>({{"zero", Amplitude::zero, "0"},
                                      {"one", Amplitude::one, "1"},
                                      {"sign", Amplitude::sign, "+-1 with equal odds"},
                                      {"gaussian", Amplitude::gaussian, "N(0, 1)"}});

/// draw_initial() says what is allowed.
struct InitialMeasure {
  InitLaw law = InitLaw::uniform;
  InitSampling sampling = InitSampling::iid;
  Amplitude amplitude = Amplitude::one;
  double scale_a = 1;  // multiplies a
  double scale_b = 1;  // multiplies b
  bool paired =
      false;  // particles 2i and 2i + 1 (from 0) share b and have amplitudes a and -a: f = 0
};

/// m particles in dimension d: a pure function of its arguments. InputError where m or d is 0, a
/// scale is not finite, an odd m is paired, cos1 or cos2 is not in dimension 2, quantiles are asked
/// of gaussian or outside dimension 2, and for the law `file`, whose particles are read (from_rows)
/// and not drawn. Interrupted where that was asked for.
ParticleArray draw_initial(const InitialMeasure& measure, std::size_t m, std::size_t d,
                           std::uint64_t seed);

}  // namespace mckean
