// Reading from any source of bytes: limits, damage and interruptions.
#include "host/data/byte_source.hpp"

#include <algorithm>
#include <utility>

#include "mckean/error.hpp"
#include "mckean/interruption.hpp"

namespace mckean {

ByteSource::ByteSource(std::string name, std::uint64_t most, bool size_is_known)
    : name_(std::move(name)), most_(most), size_is_known_(size_is_known) {}

std::size_t ByteSource::read_some(void* to, std::size_t bytes) {
  constexpr std::size_t kStep = std::size_t{1} << 22;  // far below a second of any disk
  char* const start = static_cast<char*>(to);
  std::size_t done = 0;
  while (done < bytes) {
    check_interruption();
    const std::size_t count = take(start + done, std::min(bytes - done, kStep));
    if (count == 0) break;
    if (count > most_left()) {
      reject("is damaged: it holds more than it says; write it again");
    }
    done += count;
    position_ += count;
  }
  return done;
}

void ByteSource::read(void* to, std::size_t bytes) {
  if (read_some(to, bytes) < bytes) {
    reject("is truncated: it ends after " + std::to_string(position_) +
           " bytes; write it again completely");
  }
}

void ByteSource::expect_end() {
  char more = 0;
  if (take(&more, 1) != 0) {
    reject("is too long: more follows after " + std::to_string(position_) +
           " bytes; write it again");
  }
}

void ByteSource::reject(const std::string& what) const { throw InputError(name_ + ": " + what); }

std::string printable(std::string_view text, std::size_t most) {
  std::string shown;
  for (const char c : text.substr(0, most)) {
    const auto byte = static_cast<unsigned char>(c);
    shown += byte >= ' ' && byte != 0x7F ? c : '?';
  }
  return text.size() > most ? shown + "..." : shown;
}

}  // namespace mckean
