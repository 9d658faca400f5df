// .npz archives and .gz files: members by name, what NumPy writes, and every kind of unsound
// archive.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "files/archives.hpp"
#include "host/data/read.hpp"
#include "mckean/error.hpp"
#include "mckean/files.hpp"

namespace mckean {
namespace {

using namespace test;

class Npz : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path write(const std::string& bytes, const std::string& name = "a.npz") {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
    return folder_ / name;
  }
  std::vector<double> read(const std::string& bytes, const std::string& member = "") {
    return read_matrix(with_member(write(bytes), member)).values;
  }
  static std::filesystem::path with_member(std::filesystem::path path, const std::string& member) {
    return member.empty() ? path : path += ":" + member;
  }

  void expect_rejection(const std::filesystem::path& path, const std::string& what) {
    try {
      read_matrix(path);
      ADD_FAILURE() << "nothing was wrong: " << what;
    } catch (const InputError& error) {
      const std::string message = error.what();
      EXPECT_NE(message.find(what), std::string::npos) << message;
      EXPECT_EQ(message.find('\n'), std::string::npos);
      EXPECT_EQ(message.find(file_of(path).string()), 0u) << message;
      EXPECT_NE(message.find(';'), std::string::npos) << "no mend: " << message;
    }
  }
  void expect_rejection(const std::string& bytes, const std::string& member,
                        const std::string& what) {
    expect_rejection(with_member(write(bytes), member), what);
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("mckean-npz-test-" + std::to_string(::getpid()));
};

const std::vector<double> kThree{1, 2, 0.1};
const std::vector<double> kTwo{-1, 5};
const std::string kThreeNpy = npy_bytes("<f8", "(3,)", bytes_of(kThree));
const std::string kTwoNpy = npy_bytes("<f8", "(2,)", bytes_of(kTwo));

ZipMember three(bool deflated = false) { return zip_member("three.npy", kThreeNpy, deflated); }
ZipMember two(bool deflated = false) { return zip_member("two.npy", kTwoNpy, deflated); }

TEST_F(Npz, ReadsMembersByName) {
  for (const bool deflated : {false, true}) {
    for (const bool wide : {false, true}) {
      std::vector<ZipMember> members{three(deflated), two(deflated)};
      for (ZipMember& member : members) member.wide = wide;
      for (const bool wide_end : {false, true}) {
        const std::string bytes = zip_bytes(members, wide_end);
        EXPECT_EQ(read(bytes, "three"), kThree);
        EXPECT_EQ(read(bytes, "three.npy"), kThree);
        EXPECT_EQ(read(bytes, "two"), kTwo);
      }
    }
    EXPECT_EQ(read(zip_bytes({three(deflated)})), kThree);
  }
  const ZipMember nested = zip_member("layer/1:w.npy", kTwoNpy);
  EXPECT_EQ(read(zip_bytes({three(), nested}), "layer/1:w"), kTwo);
  EXPECT_EQ(read(zip_bytes({zip_member("folder/", ""), three()})), kThree)
      << "a folder is no array";
  EXPECT_EQ(read(zip_bytes({three()}, false, "PK\x05\x06 in a comment")), kThree);
}

TEST_F(Npz, ReadsWhatNumPyWrites) {
  // numpy.savez_compressed(file, points=array([[1, 2], [3, 4], [5, 6]], '<i2'), w=[.25, .5, .25])
  const std::string digits =
      "504b03042d000000080000002100997b8f89ffffffffffffffff0a001400706f696e74732e6e707901001000"
      "8c0000000000000052000000000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e9369a4aea3a0"
      "9e965f54529498179f5f94920a12774bcc294e058a17672416a402f91ac63a0a469a3a0ab50a64032e460626"
      "06660616065606360600504b03042d000000080000002100d55bf888ffffffffffffffff05001400772e6e70"
      "790100100098000000000000004e000000000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e93"
      "66a1aea3a09e965f54529498179f5f94920a12774bcc294e058a17672416a402f91ac63a9a3a0ab50a14002e"
      "0630b8600fa11fd8c3f800504b01022d032d000000080000002100997b8f89520000008c0000000a00000000"
      "00000000000000800100000000706f696e74732e6e7079504b01022d032d000000080000002100d55bf8884e"
      "0000009800000005000000000000000000000080018e000000772e6e7079504b050600000000020002006b00"
      "0000130100000000";
  std::string bytes;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  }
  const Matrix points = read_matrix(with_member(write(bytes), "points"));
  EXPECT_EQ(points.rows, 3u);
  EXPECT_EQ(points.values, (std::vector<double>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(read(bytes, "w"), (std::vector<double>{0.25, 0.5, 0.25}));
}

TEST_F(Npz, ListsTheMembersWhereTheNameDoesNotDecide) {
  const std::string bytes = zip_bytes({three(), two()});
  expect_rejection(bytes, "", "holds 2 arrays: three, two");
  expect_rejection(write(bytes) += ":", "holds 2 arrays: three, two");
  expect_rejection(bytes, "four", "no array four among its 2 arrays: three, two");
  std::vector<ZipMember> many;
  for (int i = 0; i < 20; ++i) many.push_back(zip_member(std::string(50, 'a' + i), kTwoNpy));
  expect_rejection(zip_bytes(many), "", std::string(30, 'h') + "..., ...");
  expect_rejection(zip_bytes({}), "", "no arrays");
  expect_rejection(zip_bytes({three(), three()}), "three", "two of its members");
  expect_rejection(folder_ / "none.npz:x", "no such file");
}

TEST_F(Npz, TakesAFileOfThatWholeNameFirst) {
  write(zip_bytes({three()}));
  write(kTwoNpy, "a.npz:three.npy");
  EXPECT_EQ(read_matrix(folder_ / "a.npz:three.npy").values, kTwo);
  EXPECT_EQ(file_of(folder_ / "a.npz:three"), folder_ / "a.npz");
  EXPECT_EQ(file_of(folder_ / "a.npy"), folder_ / "a.npy");
}

TEST_F(Npz, RejectsUnsoundMembers) {
  const auto changed = [&](auto change) {
    ZipMember member = three();
    change(member);
    return zip_bytes({two(), member});
  };
  const auto rejects = [&](auto change, const std::string& what) {
    expect_rejection(changed(change), "three", what);
  };
  rejects([](ZipMember& m) { m.checksum ^= 1; }, "CRC-32");
  rejects([](ZipMember& m) { m.size += 8; }, "the size");
  rejects([](ZipMember& m) { m.method = 12; }, "method 12");
  rejects([](ZipMember& m) { m.flags = 1; }, "encrypted");
  rejects([](ZipMember& m) { m.local_name = "other.npy"; }, "another name");
  rejects([](ZipMember& m) { m.local_name = "th.npy"; }, "what the directory says");
  rejects([](ZipMember& m) { m.data += 'x', m = zip_member(m.name, m.data); }, "too long");
  rejects([](ZipMember& m) { m = zip_member(m.name, m.data.substr(0, m.data.size() - 3)); },
          "truncated");

  const auto deflated = [&](auto change) {
    ZipMember member = three(true);
    change(member);
    return zip_bytes({two(), member});
  };
  const auto rejects_deflated = [&](auto change, const std::string& what) {
    expect_rejection(deflated(change), "three", what);
  };
  rejects_deflated([](ZipMember& m) { m.checksum ^= 1; }, "CRC-32");
  rejects_deflated([](ZipMember& m) { m.size += 8; }, "too long");
  rejects_deflated([](ZipMember& m) { m.size -= 8; }, "truncated");
  rejects_deflated([](ZipMember& m) { m.size = 1 << 30; }, "can hold");
  rejects_deflated(
      [](ZipMember& m) {
        m = zip_member(m.name, npy_bytes("<f8", "(2,)", bytes_of(kThree)), true);
        m.size -= 8;  // what the shape needs, and less than the stream holds
      },
      "more follows");
  rejects_deflated([](ZipMember& m) { m.data.resize(m.data.size() / 2); }, "truncated");
  rejects_deflated([](ZipMember& m) { m.data += 'x'; }, "another size");
  rejects_deflated([](ZipMember& m) { m.data[0] = '\x07'; }, "makes no sense");

  const std::string name("three\0.npy", 10);
  expect_rejection(zip_bytes({zip_member(name, kThreeNpy)}), "", "NUL");
}

TEST_F(Npz, RejectsAMemberThatSharesBytes) {
  // The second entry of the directory points to the first member's header, as its size does not
  // say.
  const std::string good = zip_bytes({three(), zip_member("thre2.npy", kThreeNpy)});
  const std::size_t entry = good.rfind("PK\x01\x02");
  std::string bytes = good;
  bytes.replace(entry + 42, 4, little_endian(0, 4));
  expect_rejection(bytes, "three", "share bytes");
  bytes.replace(entry + 42, 4, little_endian(40, 4));
  expect_rejection(bytes, "three", "share bytes");
}

TEST_F(Npz, RejectsAnUnsoundDirectory) {
  const std::string good = zip_bytes({three()});
  const std::size_t end = good.rfind("PK\x05\x06");
  const auto rejects = [&](std::size_t at, const std::string& with, const std::string& what) {
    std::string bytes = good;
    bytes.replace(end + at, with.size(), with);
    expect_rejection(bytes, "", what);
  };
  rejects(8, little_endian(7, 2) + little_endian(7, 2), "shorter than");
  rejects(12, little_endian(0xFFFFFF, 4), "not within the file");
  rejects(16, little_endian(0xFFFFFFF0, 4), "not within the file");
  rejects(16, little_endian(1, 4), "not one of a zip archive");
  rejects(4, little_endian(1, 2), "several parts");
  rejects(8, little_endian(2, 2), "several parts");
  expect_rejection(good.substr(0, good.size() - 1), "", "not a whole .npz file");
  expect_rejection("", "", "not a whole .npz file");
  expect_rejection(kThreeNpy, "", "not a whole .npz file");
  const std::size_t entry = good.rfind("PK\x01\x02");
  std::string far = good;
  far.replace(entry + 42, 4, little_endian(0xFFFFFF00, 4));
  expect_rejection(far, "", "not within the file");
  std::string wide = good;  // says "in the 64-bit part" and has none
  wide.replace(entry + 42, 4, little_endian(0xFFFFFFFF, 4));
  expect_rejection(wide, "", "ends inside a member");

  const std::string good64 = zip_bytes({three()}, true);
  std::string off = good64;
  off.replace(good64.rfind("PK\x06\x07") + 8, 8, little_endian(~std::uint64_t{0}, 8));
  expect_rejection(off, "", "not within the file");
  off.replace(good64.rfind("PK\x06\x07") + 8, 8, little_endian(3, 8));
  expect_rejection(off, "", "not where it should be");
}

TEST_F(Npz, ReadsGzippedFiles) {
  EXPECT_EQ(read_matrix(write(deflate(kThreeNpy, Deflate::gzip), "a.npy.gz")).values, kThree);
  for (const char* name : {"a.csv.gz", "a.txt.gz", "a.TSV.GZ", "a.dat.gz"}) {
    EXPECT_EQ(read_matrix(write(deflate("1\n2\n0.1\n", Deflate::gzip), name)).values, kThree);
  }
  // Parts one after another are one file, empty ones included.
  std::string parts = deflate(kThreeNpy.substr(0, 70), Deflate::gzip);
  for (int i = 0; i < 1000; ++i) parts += deflate("", Deflate::gzip);
  parts += deflate(kThreeNpy.substr(70), Deflate::gzip);
  EXPECT_EQ(read_matrix(write(parts, "a.npy.gz")).values, kThree);

  std::vector<double> many(400000);
  for (std::size_t i = 0; i < many.size(); ++i) many[i] = static_cast<double>(i * i % 1013);
  const std::string npy = npy_bytes("<f8", "(400000,)", bytes_of(many));
  EXPECT_EQ(read_matrix(write(deflate(npy, Deflate::gzip), "a.npy.gz")).values, many);
  EXPECT_EQ(read(zip_bytes({zip_member("x.npy", npy, true)})), many);
}

TEST_F(Npz, TakesZerosThatFillUpABlock) {
  const std::string good = deflate(kThreeNpy, Deflate::gzip);
  // A block of a tape, and more than is read at once.
  for (const std::size_t zeros : {1, 7, 8, 512, 10240, 600000}) {
    const std::string padding(zeros, '\0');
    EXPECT_EQ(read_matrix(write(good + padding, "a.npy.gz")).values, kThree) << zeros;
    const std::string parts = deflate(kThreeNpy.substr(0, 70), Deflate::gzip) + padding +
                              deflate(kThreeNpy.substr(70), Deflate::gzip);
    EXPECT_EQ(read_matrix(write(parts, "a.npy.gz")).values, kThree) << zeros;
    expect_rejection(write(good + padding + "more than a header", "a.npy.gz"), "makes no sense");
    expect_rejection(write(padding + good, "a.npy.gz"), "makes no sense");
    expect_rejection(write(kThreeNpy + padding, "a.npy"), "too long");
  }
  const std::string archive = zip_bytes({zip_member("x.npy", kThreeNpy)});
  for (const std::size_t zeros : {1, 512, 10240})
    EXPECT_EQ(read(archive + std::string(zeros, '\0')), kThree) << zeros;
  expect_rejection(archive + std::string(512, '\0') + "x", "", "does not end with");
}

TEST_F(Npz, RejectsUnsoundGzippedFiles) {
  const std::string good = deflate(kThreeNpy, Deflate::gzip);
  const auto rejects = [&](const std::string& bytes, const std::string& what) {
    expect_rejection(write(bytes, "a.npy.gz"), what);
  };
  rejects(kThreeNpy, "makes no sense");
  rejects("", "truncated");
  rejects(good.substr(0, good.size() - 9), "truncated");
  rejects(good.substr(0, good.size() - 1), "truncated");
  rejects(good + "x", "truncated");
  rejects(good + "more than a header", "makes no sense");
  rejects(deflate(kThreeNpy + "x", Deflate::gzip), "too long");
  rejects(deflate(kThreeNpy.substr(0, 60), Deflate::gzip), "truncated");
  rejects(deflate(npy_bytes("<f8", "(100000000000,)", ""), Deflate::gzip), "truncated");
  std::string damaged = good;
  damaged[good.size() - 5] ^= 1;
  rejects(damaged, "makes no sense");
  expect_rejection(write(good, "a.json.gz"), "*.npz");
  expect_rejection(write(good, "a.npz.gz"), "*.npz");
}

}  // namespace
}  // namespace mckean
