// Values of options that no library type stands for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "mckean/choice.hpp"
#include "mckean/law.hpp"
#include "mckean/w2_method.hpp"

namespace mckean::cli {

/// A number of samples, or inf: the law itself.
struct SampleCount {
  std::optional<std::uint64_t> finite;
};

/// A method of W2 at records, or none.
struct RecordedMethod {
  std::optional<W2Method> method = W2Method::automatic;

  friend bool operator==(const RecordedMethod&, const RecordedMethod&) = default;
};

/// Where a cloud of `w2` comes from: a file of points, or a law.
struct CloudSource {
  std::string text;              // as it was written
  bool is_uniform = false;       // the uniform law on the circle, in closed form
  std::optional<DataLaw> law{};  // by samples

  bool is_file() const { return !is_uniform && !law; }
};

/// What of two networks is compared.
enum class Projection { homogeneous };

}  // namespace mckean::cli

namespace mckean {

template <>
inline constexpr auto choices<cli::Projection> = std::to_array<Choice<cli::Projection>>(
    {{"homogeneous", cli::Projection::homogeneous,
      "particles (a, b) as signed measures on the sphere, mass |a||b|"}});

/// The methods of W2, and none behind the first of them.
template <>
inline constexpr auto choices<cli::RecordedMethod> = [] {
  std::array<Choice<cli::RecordedMethod>, choices<W2Method>.size() + 1> rows{};
  rows[1] = {"none", {std::nullopt}, "no distance"};
  for (std::size_t i = 0; i < choices<W2Method>.size(); ++i) {
    const Choice<W2Method>& row = choices<W2Method>[i];
    rows[i == 0 ? 0 : i + 1] = {row.name, {row.value}, row.help};
  }
  return rows;
}();

}  // namespace mckean
