// What a run has asked of a back end that counts.
#pragma once

#include <cstdint>

namespace mckean::test {

struct Traffic {
  std::uint64_t synchronizations = 0;  // reads and copies to the host
  std::uint64_t readings = 0;          // begin_read()
  std::uint64_t launches = 0;          // kernels, fills and sorts of an emulated device
  std::uint64_t inner_products = 0;
  std::uint64_t fields = 0;
  std::uint64_t combinations = 0;  // linear combinations that are written
};

/// What was asked for between two moments.
inline Traffic operator-(const Traffic& after, const Traffic& before) {
  return {after.synchronizations - before.synchronizations,
          after.readings - before.readings,
          after.launches - before.launches,
          after.inner_products - before.inner_products,
          after.fields - before.fields,
          after.combinations - before.combinations};
}

}  // namespace mckean::test
