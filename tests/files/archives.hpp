// Bytes of .npy, .npz and .gz files, written out so that a test can also write them wrongly.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

namespace mckean::test {

/// The low `width` bytes of a number, little endian.
inline std::string little_endian(std::uint64_t value, int width) {
  std::string bytes;
  for (int i = 0; i < width; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xFF);
  return bytes;
}

template <class T>
std::string bytes_of(const std::vector<T>& values) {
  std::string bytes(values.size() * sizeof(T), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

/// A .npy file of version 1 with C order.
inline std::string npy_bytes(const std::string& type, const std::string& shape,
                             const std::string& data) {
  const std::string text =
      "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }\n";
  return std::string("\x93NUMPY\x01\x00", 8) + little_endian(text.size(), 2) + text + data;
}

enum class Deflate { gzip, bare };

inline std::string deflate(const std::string& bytes, Deflate format) {
  z_stream z{};
  const int window = format == Deflate::gzip ? MAX_WBITS + 16 : -MAX_WBITS;
  if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("zlib does not start");
  }
  std::string out(deflateBound(&z, bytes.size()) + 64, '\0');
  z.next_in = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));
  z.avail_in = static_cast<uInt>(bytes.size());
  z.next_out = reinterpret_cast<unsigned char*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  const int code = ::deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  deflateEnd(&z);
  if (code != Z_STREAM_END) throw std::runtime_error("zlib does not end");
  return out;
}

/// A member of an archive, and what its headers say of it.
struct ZipMember {
  std::string name;
  std::string data;  // as it stands in the archive
  unsigned method = 0;
  std::uint64_t size = 0;  // when inflated
  std::uint32_t checksum = 0;
  unsigned flags = 0;
  bool wide = false;  // sizes and offset in the 64-bit part of both headers
  std::string local_name = name;
};

inline ZipMember zip_member(const std::string& name, const std::string& bytes,
                            bool deflated = false) {
  const auto* start = reinterpret_cast<const unsigned char*>(bytes.data());
  return {.name = name,
          .data = deflated ? deflate(bytes, Deflate::bare) : bytes,
          .method = deflated ? 8u : 0u,
          .size = bytes.size(),
          .checksum = static_cast<std::uint32_t>(crc32_z(0, start, bytes.size()))};
}

/// The archive of the members one after another; `wide_end`: with the 64-bit record at its end.
inline std::string zip_bytes(const std::vector<ZipMember>& members, bool wide_end = false,
                             const std::string& comment = "") {
  constexpr std::uint64_t kWide = 0xFFFFFFFF;
  std::string archive;
  std::string directory;
  for (const ZipMember& member : members) {
    const std::uint64_t offset = archive.size();
    const std::uint64_t stored = member.data.size();
    const std::string sizes = little_endian(member.wide ? kWide : stored, 4) +
                              little_endian(member.wide ? kWide : member.size, 4);
    const std::string version = little_endian(45, 2);
    const std::string what = little_endian(member.flags, 2) + little_endian(member.method, 2) +
                             little_endian(0, 4) + little_endian(member.checksum, 4) + sizes;
    const std::string both = little_endian(member.size, 8) + little_endian(stored, 8);
    const std::string own_extra =
        member.wide ? little_endian(1, 2) + little_endian(16, 2) + both : "";
    // Another part comes first, as NumPy's time stamps would.
    const std::string extra = member.wide ? little_endian(0x7777, 2) + little_endian(3, 2) + "abc" +
                                                little_endian(1, 2) + little_endian(24, 2) + both +
                                                little_endian(offset, 8)
                                          : "";
    archive += "PK\x03\x04" + version + what + little_endian(member.local_name.size(), 2) +
               little_endian(own_extra.size(), 2) + member.local_name + own_extra + member.data;
    directory += "PK\x01\x02" + version + version + what + little_endian(member.name.size(), 2) +
                 little_endian(extra.size(), 2) + little_endian(0, 2) + little_endian(0, 2) +
                 little_endian(0, 2) + little_endian(0, 4) +
                 little_endian(member.wide ? kWide : offset, 4) + member.name + extra;
  }
  const std::uint64_t start = archive.size();
  archive += directory;
  if (wide_end) {
    const std::uint64_t record = archive.size();
    archive += "PK\x06\x06" + little_endian(44, 8) + little_endian(45, 2) + little_endian(45, 2) +
               little_endian(0, 8) + little_endian(members.size(), 8) +
               little_endian(members.size(), 8) + little_endian(directory.size(), 8) +
               little_endian(start, 8);
    archive += "PK\x06\x07" + little_endian(0, 4) + little_endian(record, 8) + little_endian(1, 4);
  }
  const std::uint64_t count = wide_end ? 0xFFFF : members.size();
  return archive + "PK\x05\x06" + little_endian(0, 4) + little_endian(count, 2) +
         little_endian(count, 2) + little_endian(wide_end ? kWide : directory.size(), 4) +
         little_endian(wide_end ? kWide : start, 4) + little_endian(comment.size(), 2) + comment;
}

}  // namespace mckean::test
