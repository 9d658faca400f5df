// Bytes of UTF-8.
#pragma once

namespace mckean::cli {

/// Whether a byte goes on with a character that another one began.
inline bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace mckean::cli
