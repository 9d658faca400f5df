// Decompression of deflate streams: .gz files and members of .npz archives.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/data/byte_source.hpp"
#include "host/data/input_file.hpp"

namespace mckean {

/// No deflated bytes hold more than this: 258 bytes take two bits at least.
std::uint64_t most_inflated(std::uint64_t deflated_bytes);

/// What a member of an archive says of itself.
struct Inflated {
  std::uint64_t size = 0;
  std::uint32_t checksum = 0;
};

/// The content of a deflated section. Without `inflated` the section is a .gz file, of one or
/// several parts, with or without zeros behind them; with it, it is a bare deflate stream of that
/// size and CRC-32.
class InflateSource : public ByteSource {
 public:
  InflateSource(std::string name, Section section, std::optional<Inflated> inflated = {});
  ~InflateSource() override;

 private:
  std::size_t take(void* to, std::size_t bytes) override;
  void refill();
  bool skip_padding();
  void finish_part();

  struct Stream;
  std::unique_ptr<Stream> stream_;
  Section section_;
  std::optional<Inflated> inflated_;
  std::vector<unsigned char> block_;
  std::uint64_t size_ = 0;
  std::uint32_t sum_ = 0;
  bool ended_ = false;
};

}  // namespace mckean
