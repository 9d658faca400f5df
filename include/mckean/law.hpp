// The laws of x that samples are drawn from, and the closed forms of the kernel under them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "mckean/choice.hpp"
#include "mckean/formula/activation.hpp"
#include "mckean/formula/population_kernel.hpp"

namespace mckean {

/// The law of x in R^d.
enum class DataLaw { circle, sphere, gaussian, gaussian_scaled, cube };

template <>
inline constexpr auto choices<DataLaw> =
    std::to_array<Choice<DataLaw>>({{"circle", DataLaw::circle, "U(S^1), in dimension 2"},
                                    {"sphere", DataLaw::sphere, "U(S^(d-1))"},
                                    {"gaussian", DataLaw::gaussian, "N(0, I)"},
                                    {"gaussian-scaled", DataLaw::gaussian_scaled, "N(0, I/d)"},
                                    {"cube", DataLaw::cube, "U([-1, 1]^d)"}});

/// n x d samples, row-major: a pure function of its arguments, and sample i of (law, d, seed,
/// stream, i) alone. Streams of one seed are independent (stream < 2^56, n <= 2^32). InputError
/// where d is 0, or not 2 on the circle; Interrupted where that was asked for.
std::vector<double> draw_samples(DataLaw law, std::size_t n, std::size_t d, std::uint64_t seed,
                                 std::uint64_t stream);

/// E |x|^power for power 2 or 4, no others (a contract, which builds for debugging check). Throws
/// nothing; d is not checked.
double norm_moment(DataLaw law, std::size_t d, int power);

/// The kernel E[sigma(b . x) sigma(b' . x)] where it has a closed form: relu (Cho and Saul 2009)
/// and square under the rotation-invariant laws, erf under the Gaussian ones (Williams 1997); the
/// formulas are in formula/population_kernel.hpp. Empty otherwise. InputError where d is 0, or not
/// 2 on the circle.
std::optional<PairKernel> pair_kernel(const AnyActivation& activation, DataLaw law, std::size_t d);

}  // namespace mckean
