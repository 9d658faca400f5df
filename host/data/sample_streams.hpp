// Samples of one stream of a law.
#pragma once

#include "mckean/formula/philox.hpp"
#include "mckean/problem.hpp"

namespace mckean {

/// Samples set aside of a law without a closed form.
inline constexpr std::size_t held_out_samples = 20000;

/// n samples of a stream.
DataSet draw_data(const DrawSamples& draw, std::size_t n, std::size_t d, std::uint64_t stream);

}  // namespace mckean
