// The back end that this program tests: a test in this folder is compiled once for the CPU, some of
// them once for the CUDA kernels over the block emulator, and, with the toolkit, all once for CUDA,
// where they skip with a reason if there is no device (and fail instead under
// MCKEAN_REQUIRE_GPU=1).
#pragma once

#include <gtest/gtest.h>

#include "kernels/backend.hpp"

#ifdef MCKEAN_TEST_CUDA

#include <cstdlib>
#include <iostream>
#include <stdexcept>

#include "kernels/cuda/cuda_backend.hpp"

namespace mckean {

template <class Real>
using TestBackend = CudaBackend<Real>;

namespace test {

/// Ends the program before the first test where no device opens: ctest reads exit code 77 as
/// skipped.
class RequireDevice : public ::testing::Environment {
 public:
  void SetUp() override {
    try {
      const CudaBackend<double> backend{};
    } catch (const std::exception& error) {
      std::cout << "no CUDA device: " << error.what() << std::endl;
      const char* required = std::getenv("MCKEAN_REQUIRE_GPU");
      std::_Exit(required != nullptr && std::string(required) == "1" ? 1 : 77);
    }
  }
};

inline ::testing::Environment* const require_device =
    ::testing::AddGlobalTestEnvironment(new RequireDevice);

}  // namespace test
}  // namespace mckean

#elif defined(MCKEAN_TEST_EMULATED)

#include "emulation/emulated_backend.hpp"

namespace mckean {

template <class Real>
using TestBackend = emulation::EmulatedBackend<Real>;

}  // namespace mckean

#else

#include "kernels/cpu/cpu_backend.hpp"

#define MCKEAN_TEST_CPU

namespace mckean {

template <class Real>
using TestBackend = CpuBackend<Real>;

}  // namespace mckean

#endif
