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
  std::uint64_t hard_transforms = 0, soft_transforms = 0;
  std::uint64_t searches = 0;                  // for nearest targets
  std::uint64_t uploaded = 0, downloaded = 0;  // values, from and to the host
};

/// What was asked for between two moments.
inline Traffic operator-(const Traffic& after, const Traffic& before) {
  return {after.synchronizations - before.synchronizations,
          after.readings - before.readings,
          after.launches - before.launches,
          after.inner_products - before.inner_products,
          after.fields - before.fields,
          after.combinations - before.combinations,
          after.hard_transforms - before.hard_transforms,
          after.soft_transforms - before.soft_transforms,
          after.searches - before.searches,
          after.uploaded - before.uploaded,
          after.downloaded - before.downloaded};
}

}  // namespace mckean::test
