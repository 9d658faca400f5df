// What the launch helper of the CUDA back end refuses.
#include "kernels/cuda/grid.cuh"

#include <gtest/gtest.h>

#include <stdexcept>

namespace mckean::cuda {
namespace {

TEST(Grid, IsWhatWasAskedForOrAnError) {
  const Grid most = checked_grid(0x7fffffff, 0xffff);
  EXPECT_EQ(most.x, 0x7fffffffu);
  EXPECT_EQ(most.y, 0xffffu);
  EXPECT_TRUE(checked_grid(0, 3).empty());
  EXPECT_THROW(checked_grid(0x80000000, 1), std::length_error);
  EXPECT_THROW(checked_grid(1, 0x10000), std::length_error);
  EXPECT_THROW(checked_grid((std::size_t{1} << 32) + 1, 1), std::length_error);
}

TEST(Grid, IndicesOf32Bits) {
  EXPECT_NO_THROW(check_index(0xffffffff));
  EXPECT_THROW(check_index(std::size_t{1} << 32), std::length_error);
}

}  // namespace
}  // namespace mckean::cuda
