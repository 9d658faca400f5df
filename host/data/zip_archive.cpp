// Reading zip archives (PKWARE's APPNOTE): the directory at the end, 64-bit fields where they are
// needed, and the header before a member's bytes.
#include "host/data/zip_archive.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "host/data/inflate.hpp"

namespace mckean {
namespace {

constexpr std::uint32_t kLocalHeader = 0x04034B50;
constexpr std::uint32_t kEntry = 0x02014B50;
constexpr std::uint32_t kEnd = 0x06054B50;
constexpr std::uint32_t kEnd64 = 0x06064B50;
constexpr std::uint32_t kEnd64Locator = 0x07064B50;
constexpr std::size_t kLocalHeaderSize = 30;
constexpr std::size_t kEntrySize = 46;
constexpr std::size_t kEndSize = 22;
constexpr std::size_t kEnd64Size = 56;
constexpr std::size_t kLocatorSize = 20;
constexpr std::size_t kMostComment = 0xFFFF;
constexpr std::uint64_t kMostDirectory = std::uint64_t{1} << 28;
constexpr std::uint64_t kIn64 = 0xFFFFFFFF;  // says that the field stands in the 64-bit part
constexpr unsigned kStored = 0;
constexpr unsigned kDeflated = 8;
constexpr unsigned kEncrypted = 1;

using Bytes = std::vector<unsigned char>;

/// Little-endian numbers one after another; `short_` once there were too few bytes.
class Fields {
 public:
  Fields(const unsigned char* start, std::size_t size) : at_(start), left_(size) {}
  explicit Fields(const Bytes& bytes) : Fields(bytes.data(), bytes.size()) {}

  std::uint64_t number(std::size_t width) {
    if (left_ < width) {
      is_short_ = true;
      return 0;
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < width; ++i) value |= std::uint64_t{at_[i]} << (8 * i);
    skip(width);
    return value;
  }
  unsigned two() { return static_cast<unsigned>(number(2)); }
  std::uint32_t four() { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t eight() { return number(8); }

  std::string_view text(std::size_t size) {
    if (left_ < size) {
      is_short_ = true;
      return {};
    }
    const std::string_view here(reinterpret_cast<const char*>(at_), size);
    skip(size);
    return here;
  }
  Fields part(std::size_t size) {
    const std::string_view bytes = text(size);
    return {reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()};
  }
  std::size_t left() const { return left_; }
  bool is_short() const { return is_short_; }

 private:
  void skip(std::size_t size) {
    at_ += size;
    left_ -= size;
  }

  const unsigned char* at_;
  std::size_t left_;
  bool is_short_ = false;
};

Bytes read_part(const InputFile& file, std::uint64_t offset, std::uint64_t size) {
  Bytes bytes(static_cast<std::size_t>(size));
  file.read_at(offset, bytes.data(), bytes.size());
  return bytes;
}

struct Directory {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::uint64_t count = 0;
  std::uint64_t end = 0;  // where the records after it begin
  bool is_whole = true;   // not one disk of several
};

/// Where the last record begins: before a comment and zeros that reach to the end of the file. At
/// the file's size where there is none.
std::uint64_t find_end(const InputFile& file) {
  const std::uint64_t size = std::min<std::uint64_t>(file.size(), kEndSize + kMostComment);
  const std::uint64_t start = file.size() - size;
  const Bytes tail = read_part(file, start, size);
  for (std::size_t at = tail.size() < kEndSize ? 0 : tail.size() - kEndSize + 1; at-- > 0;) {
    Fields fields(tail.data() + at, tail.size() - at);
    if (fields.four() != kEnd) continue;
    fields.text(kEndSize - 6);
    fields.text(fields.two());
    const std::string_view padding = fields.text(fields.left());
    if (!fields.is_short() && padding.find_first_not_of('\0') == std::string_view::npos)
      return start + at;
  }
  return file.size();
}

Directory read_end(const InputFile& file, std::uint64_t end) {
  const Bytes bytes = read_part(file, end, kEndSize);
  Fields fields(bytes);
  fields.four();
  Directory directory;
  directory.is_whole = fields.four() == 0;
  const unsigned on_this_disk = fields.two();
  directory.count = fields.two();
  directory.size = fields.four();
  directory.offset = fields.four();
  directory.end = end;
  directory.is_whole = directory.is_whole && directory.count == on_this_disk;
  return directory;
}

/// The 64-bit record that a locator before the last record may point to.
void read_end64(const InputFile& file, Directory& directory) {
  if (directory.end < kLocatorSize + kEnd64Size) return;
  const Bytes locator = read_part(file, directory.end - kLocatorSize, kLocatorSize);
  Fields where(locator);
  if (where.four() != kEnd64Locator) return;
  where.four();
  const std::uint64_t at = where.eight();
  if (at > directory.end - kLocatorSize - kEnd64Size) {
    file.reject("is damaged: its directory is not within the file; write it again");
  }
  const Bytes bytes = read_part(file, at, kEnd64Size);
  Fields fields(bytes);
  if (fields.four() != kEnd64) {
    file.reject("is damaged: its directory is not where it should be; write it again");
  }
  fields.eight();
  fields.four();
  directory.is_whole = fields.eight() == 0;
  const std::uint64_t on_this_disk = fields.eight();
  directory.count = fields.eight();
  directory.size = fields.eight();
  directory.offset = fields.eight();
  directory.end = at;
  directory.is_whole = directory.is_whole && directory.count == on_this_disk;
}

/// Takes those of the values from the 64-bit part of an entry that did not fit in 32 bits; false
/// where the part lacks one.
bool widen(Fields extra, std::uint64_t* values[3]) {
  bool complete = true;
  const auto is_wide = [](const std::uint64_t* value) { return *value == kIn64; };
  if (std::none_of(values, values + 3, is_wide)) return true;
  while (extra.left() >= 4) {
    const unsigned kind = extra.two();
    Fields part = extra.part(extra.two());
    if (kind != 1) continue;
    for (int i = 0; i < 3; ++i) {
      if (is_wide(values[i])) *values[i] = part.eight();
    }
    complete = !part.is_short();
    return complete && !extra.is_short();
  }
  return false;
}

}  // namespace

ZipArchive::ZipArchive(std::shared_ptr<const InputFile> file) : file_(std::move(file)) {
  const std::uint64_t end = find_end(*file_);
  if (end == file_->size()) {
    file_->reject(
        "is not a whole .npz file (it does not end with the directory of a zip archive)"
        "; write it with numpy.savez");
  }
  Directory directory = read_end(*file_, end);
  read_end64(*file_, directory);
  if (!directory.is_whole) fail("is one of several parts");
  if (directory.size > directory.end || directory.offset > directory.end - directory.size) {
    fail("its directory is not within the file");
  }
  if (directory.size > kMostDirectory) fail("its directory is beyond reason");
  directory_ = directory.offset;
  read_directory(directory.offset, directory.size, directory.count);
}

void ZipArchive::read_directory(std::uint64_t offset, std::uint64_t size, std::uint64_t count) {
  if (count > size / kEntrySize) fail("its directory is shorter than its number of members needs");
  const Bytes bytes = read_part(*file_, offset, size);
  Fields fields(bytes);
  for (std::uint64_t i = 0; i < count; ++i) {
    Member member;
    if (fields.four() != kEntry) fail("its directory is not one of a zip archive");
    fields.four();  // versions
    member.flags = fields.two();
    member.method = fields.two();
    fields.four();  // time and date
    member.checksum = fields.four();
    member.stored = fields.four();
    member.size = fields.four();
    const std::size_t name_size = fields.two();
    const std::size_t extra_size = fields.two();
    const std::size_t comment_size = fields.two();
    const unsigned disk = fields.two();
    fields.two();
    fields.four();  // attributes
    member.offset = fields.four();
    member.name = fields.text(name_size);
    const Fields extra = fields.part(extra_size);
    fields.text(comment_size);
    std::uint64_t* wide[3] = {&member.size, &member.stored, &member.offset};
    if (fields.is_short() || !widen(extra, wide)) fail("its directory ends inside a member");
    if (disk != 0 && disk != 0xFFFF) fail("is one of several parts");
    if (member.name.find('\0') != std::string::npos) fail("the name of a member holds a NUL");
    if (!member.name.ends_with('/')) members_.push_back(std::move(member));
  }
}

const ZipArchive::Member& ZipArchive::find(const std::string& name) const {
  if (members_.empty())
    file_->reject("holds no arrays; write it again with numpy.savez(path, x=x)");
  if (name.empty() && members_.size() == 1) return members_.front();
  const Member* found = nullptr;
  for (const std::string& wanted : {name, name + ".npy"}) {
    for (const Member& member : members_) {
      if (member.name != wanted) continue;
      if (found != nullptr) fail("two of its members are called " + printable(wanted, 40));
      found = &member;
    }
    if (found != nullptr) return *found;
  }
  std::string list;
  constexpr std::size_t kListed = 8;
  for (std::size_t i = 0; i < std::min(kListed, members_.size()); ++i) {
    std::string_view shown = members_[i].name;
    if (shown.ends_with(".npy")) shown.remove_suffix(4);
    list += (i == 0 ? "" : ", ") + printable(shown, 30);
  }
  if (members_.size() > kListed) list += ", ...";
  const std::string count =
      std::to_string(members_.size()) + (members_.size() == 1 ? " array" : " arrays");
  file_->reject((name.empty() ? "holds " : "has no array " + printable(name, 40) + " among its ") +
                count + ": " + list + "; name one of them as FILE.npz:NAME");
}

/// The bytes of a member: behind its own header, before the directory and no other member's.
Section ZipArchive::locate(const Member& member) const {
  const std::string name = printable(member.name, 40);
  if (member.offset > directory_ || directory_ - member.offset < kLocalHeaderSize) {
    fail("the member " + name + " is not within the file");
  }
  const Bytes bytes = read_part(*file_, member.offset, kLocalHeaderSize);
  Fields fields(bytes);
  const bool is_header = fields.four() == kLocalHeader;
  fields.two();  // version
  const unsigned flags = fields.two();
  const unsigned method = fields.two();
  fields.text(16);  // time, date, CRC-32 and sizes: those of the directory count
  const std::uint64_t name_size = fields.two();
  const std::uint64_t extra_size = fields.two();
  const std::uint64_t room = directory_ - member.offset - kLocalHeaderSize;
  if (!is_header || method != member.method || ((flags ^ member.flags) & kEncrypted) != 0 ||
      name_size + extra_size > room || name_size != member.name.size()) {
    fail("the header of the member " + name + " is not what the directory says");
  }
  const Bytes own_name = read_part(*file_, member.offset + kLocalHeaderSize, name_size);
  if (!std::equal(own_name.begin(), own_name.end(), member.name.begin(),
                  [](unsigned char a, char b) { return a == static_cast<unsigned char>(b); })) {
    fail("the header of the member " + name + " has another name");
  }
  if (member.stored > room - name_size - extra_size) {
    fail("the member " + name + " is not within the file");
  }
  const std::uint64_t start = member.offset + kLocalHeaderSize + name_size + extra_size;
  for (const Member& other : members_) {
    if (&other == &member) continue;
    const bool before =
        other.offset < member.offset && other.stored <= member.offset - other.offset &&
        kLocalHeaderSize + other.name.size() <= member.offset - other.offset - other.stored;
    if (!before && other.offset < start + member.stored) {
      fail("the members " + name + " and " + printable(other.name, 40) + " share bytes");
    }
  }
  return {file_, start, member.stored};
}

std::unique_ptr<ByteSource> ZipArchive::open(const std::string& name) const {
  const Member& member = find(name);
  const std::string shown = file_->name() + ":" + printable(member.name, 60);
  if ((member.flags & kEncrypted) != 0) {
    file_->reject("is encrypted; write it again with numpy.savez");
  }
  if (member.method != kStored && member.method != kDeflated) {
    file_->reject("is compressed by method " + std::to_string(member.method) +
                  ", which is not read; write it with numpy.savez or numpy.savez_compressed");
  }
  const Section section = locate(member);
  if (member.method == kDeflated) {
    return std::make_unique<InflateSource>(shown, section, Inflated{member.size, member.checksum});
  }
  if (member.size != member.stored)
    fail("the size of " + printable(member.name, 40) + " is not it");
  return std::make_unique<FileSource>(shown, section, member.checksum);
}

void ZipArchive::fail(const std::string& why) const {
  file_->reject("is not a sound .npz file: " + why + "; write it again with numpy.savez");
}

}  // namespace mckean
