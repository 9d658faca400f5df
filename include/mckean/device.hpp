// Where a flow is computed, and in which precision.
#pragma once

#include <string>
#include <vector>

namespace mckean {

/// automatic: CUDA device 0 where there is one, else the CPU.
struct DeviceChoice {
  enum class Kind { automatic, cpu, cuda };
  Kind kind = Kind::automatic;
  int ordinal = 0;  // of a CUDA device
};

/// Precision of the field; states and sums are double.
enum class Precision { float32, float64 };

/// "NVIDIA H200 (sm_90, 139.8 GiB)" for each device; empty without the back end, a driver or a
/// device.
std::vector<std::string> describe_cuda_devices();

/// Whether the library was built with the CUDA back end.
bool built_with_cuda();

}  // namespace mckean
