// Which streams of samples of one seed are drawn for what: steps of flows count from 0.
#pragma once

#include "mckean/problem.hpp"

namespace mckean {

inline constexpr std::uint64_t training_stream = std::uint64_t{1} << 55;
inline constexpr std::uint64_t held_out_stream = std::uint64_t{3} << 54;
/// Samples set aside of a law without a closed form.
inline constexpr std::size_t held_out_samples = 20000;

/// n samples of a stream.
DataSet draw_data(const DrawSamples& draw, std::size_t n, std::size_t d, std::uint64_t stream);

}  // namespace mckean
