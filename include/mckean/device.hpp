// On which device, and in which precision, a flow is computed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mckean/choice.hpp"

namespace mckean {

/// automatic: CUDA device 0 where there is one that this library has code for, else the CPU. What a
/// device is chosen for throws InputError where it is not here, or has no code.
struct DeviceChoice {
  enum class Kind { automatic, cpu, cuda };
  Kind kind = Kind::automatic;
  int ordinal = 0;  // of a CUDA device, from 0; not read of the other kinds

  friend bool operator==(const DeviceChoice&, const DeviceChoice&) = default;
};

/// Precision of the field; states and sums are double.
enum class Precision { float32, float64 };

/// "NVIDIA H200 (sm_90, 139.8 GiB)" for each CUDA device, with ", not built for" where this library
/// has no code for it; empty without the back end, a driver or a device.
std::vector<std::string> describe_cuda_devices();

/// Whether the library was built with the CUDA back end.
bool built_with_cuda();

namespace detail {

inline std::optional<DeviceChoice> cuda_device(double number) {
  const bool valid = number >= 0 && number < 1024 && number == static_cast<int>(number);
  if (!valid) return {};
  return DeviceChoice{DeviceChoice::Kind::cuda, static_cast<int>(number)};
}
inline std::optional<double> cuda_ordinal(const DeviceChoice& device) {
  if (device.kind != DeviceChoice::Kind::cuda) return {};
  return device.ordinal;
}

}  // namespace detail

template <>
inline constexpr auto choices<DeviceChoice> = std::to_array<Choice<DeviceChoice>>(
    {{"auto",
      {DeviceChoice::Kind::automatic, 0},
      "the first CUDA device where this program has code for it, else the CPU"},
     {"cpu", {DeviceChoice::Kind::cpu, 0}, ""},
     {"cuda", {DeviceChoice::Kind::cuda, 0}, "the first CUDA device"},
     {"cuda:N", {}, "number N, from 0", detail::cuda_device, detail::cuda_ordinal}});
template <>
inline constexpr auto choices<Precision> = std::to_array<Choice<Precision>>(
    {{"float", Precision::float32, ""}, {"double", Precision::float64, ""}});

}  // namespace mckean
