// Rotated logs come back as they went in, or with a clear error.
#include "agent/sources/linux/decompress.h"

#include <gtest/gtest.h>

#include "tests/agent/accounts/login_files.h"

namespace daicho::agent {
namespace {

constexpr std::size_t kCap = 1u << 20;

struct Format {
  Compression compression;
  std::string (*compress)(std::string_view);
};
const Format kFormats[] = {{Compression::kGzip, Gzip}, {Compression::kXz, Xz}, {Compression::kZstd, Zstd}};

std::string Sample() {
  std::string text;
  for (UnixTime i = 0; i < 500; ++i) text += Login("tanaka", kNow - i);
  return text;
}

TEST(Decompress, GivesBackWhatWasCompressed) {
  for (const auto& [compression, compress] : kFormats) {
    for (const std::string& text : {std::string(), std::string("x"), Sample()}) {
      EXPECT_EQ(Decompress("/log", compression, compress(text), kCap).value(), text);
      EXPECT_EQ(Decompress("/log", compression, compress(text) + compress("more"), kCap).value(), text + "more");
    }
  }
}

TEST(Decompress, CutAtAnyPlaceIsDataLossThatNamesTheFile) {
  for (const auto& [compression, compress] : kFormats) {
    const std::string whole = compress("logins of the ward, again and again and again");
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const auto result = Decompress("/var/log/wtmp.1", compression, std::string_view(whole).substr(0, size), kCap);
      ASSERT_FALSE(result) << size;
      EXPECT_EQ(result.error().code, Code::kDataLoss);
      EXPECT_TRUE(result.error().message.starts_with("/var/log/wtmp.1: "));
    }
  }
}

TEST(Decompress, NoiseIsDataLoss) {
  for (const Format& format : kFormats) {
    EXPECT_EQ(Decompress("/log", format.compression, Sample(), kCap).error().code, Code::kDataLoss);
  }
}

TEST(Decompress, OutputIsCapped) {
  for (const auto& [compression, compress] : kFormats) {
    const std::string bomb = compress(std::string(300'000, '\0'));
    EXPECT_EQ(Decompress("/log", compression, bomb, 299'999).error().code, Code::kResourceExhausted);
    EXPECT_EQ(Decompress("/log", compression, bomb, 300'000).value().size(), 300'000u);
  }
}

TEST(Decompress, OtherFormatsAreNotRead) {
  EXPECT_EQ(CompressionOf("wtmp.1.bz2"), Compression::kUnknown);
  EXPECT_EQ(CompressionOf("wtmp.1"), Compression::kNone);
  EXPECT_EQ(Decompress("/log", Compression::kUnknown, "BZh9", kCap).error().code, Code::kUnimplemented);
}

}  // namespace
}  // namespace daicho::agent
