// Inflating through zlib, block by block.
#include "host/data/inflate.hpp"

#include <zlib.h>

#include <algorithm>
#include <new>
#include <stdexcept>
#include <utility>

#include "mckean/interruption.hpp"

namespace mckean {
namespace {

constexpr std::size_t kBlock = std::size_t{1} << 18;
constexpr int kBareDeflate = -MAX_WBITS;
constexpr int kGzip = MAX_WBITS + 16;

}  // namespace

std::uint64_t most_inflated(std::uint64_t deflated_bytes) {
  constexpr std::uint64_t kRatio = 258 * 8 / 2;
  return deflated_bytes > UINT64_MAX / kRatio ? UINT64_MAX : deflated_bytes * kRatio;
}

struct InflateSource::Stream {
  explicit Stream(int window_bits) {
    const int code = ::inflateInit2(&z, window_bits);
    if (code == Z_MEM_ERROR) throw std::bad_alloc();
    if (code != Z_OK) throw std::logic_error("zlib does not start: another version of it is here");
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { ::inflateEnd(&z); }
  z_stream z{};
};

InflateSource::InflateSource(std::string name, Section section, std::optional<Inflated> inflated)
    : ByteSource(std::move(name), inflated ? inflated->size : most_inflated(section.size),
                 inflated.has_value()),
      stream_(std::make_unique<Stream>(inflated ? kBareDeflate : kGzip)),
      section_(std::move(section)),
      inflated_(inflated),
      block_(kBlock) {
  if (inflated && inflated->size > most_inflated(section_.size)) {
    reject("is damaged: it claims " + std::to_string(inflated->size) + " bytes, more than its " +
           std::to_string(section_.size) + " deflated ones can hold; write it again");
  }
}

InflateSource::~InflateSource() = default;

void InflateSource::refill() {
  z_stream& z = stream_->z;
  if (z.avail_in > 0 || section_.size == 0) return;
  check_interruption();
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(kBlock, section_.size));
  section_.file->read_at(section_.offset, block_.data(), count);
  section_.offset += count;
  section_.size -= count;
  z.next_in = block_.data();
  z.avail_in = static_cast<uInt>(count);
}

/// Whether something follows a part of a .gz file beside the zeros that fill up a block of a tape
/// or a disk.
bool InflateSource::skip_padding() {
  z_stream& z = stream_->z;
  for (refill(); z.avail_in > 0; refill()) {
    if (*z.next_in != 0) return true;
    ++z.next_in;
    --z.avail_in;
  }
  return false;
}

/// At the end of a deflate stream: the end of all, or of one part of a .gz file.
void InflateSource::finish_part() {
  refill();
  const bool more = inflated_ ? stream_->z.avail_in > 0 : skip_padding();
  if (!inflated_ && more) {
    if (::inflateReset(&stream_->z) != Z_OK) throw std::logic_error("zlib does not reset");
    return;
  }
  ended_ = true;
  if (!inflated_) return;
  if (more || size_ != inflated_->size) {
    reject("is damaged: it is of another size than its archive says; write it again");
  }
  if (sum_ != inflated_->checksum) {
    reject("is damaged: its CRC-32 is not the one stored beside it; write it again");
  }
}

std::size_t InflateSource::take(void* to, std::size_t bytes) {
  z_stream& z = stream_->z;
  const auto wanted = static_cast<uInt>(std::min(bytes, std::size_t{1} << 30));
  z.next_out = static_cast<unsigned char*>(to);
  z.avail_out = wanted;
  uInt count = 0;
  while (!ended_ && count == 0) {
    refill();
    const bool starved = z.avail_in == 0;
    const int code = ::inflate(&z, Z_NO_FLUSH);
    count = wanted - z.avail_out;
    size_ += count;
    if (inflated_) sum_ = static_cast<std::uint32_t>(::crc32_z(sum_, z.next_out - count, count));
    if (code == Z_STREAM_END) {
      finish_part();
    } else if (code == Z_BUF_ERROR && starved) {
      reject("is truncated: its compressed data ends early; write it again completely");
    } else if (code == Z_MEM_ERROR) {
      throw std::bad_alloc();
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      reject("is damaged: its compressed data makes no sense (" +
             std::string(z.msg != nullptr ? z.msg : "it needs a dictionary") + "); write it again");
    }
  }
  return count;
}

}  // namespace mckean
