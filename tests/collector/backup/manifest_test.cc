#include "collector/backup/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace daicho::collector {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

Manifest Sample() {
  return {.daicho = "0.1.0",
          .made_at = "2026-04-01T00:00:00Z",
          .store = "sqlite",
          .counts = {.schema = 4, .devices = 2, .section_rows = 30, .journal_entries = 5},
          .members = {{.path = "ledger.sqlite", .bytes = 4096, .sha256 = std::string(64, 'a')},
                      {.path = "ca/ca-key.pem", .bytes = 0, .sha256 = std::string(64, '0')}}};
}

TEST(Manifest, IsReadAsItWasWritten) {
  const auto read = ParseManifest(FormatManifest(Sample()), "m");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, Sample());
}

struct Change {
  const char* name;
  const char* from;
  const char* to;
  const char* message;
};

class WrongManifest : public ::testing::TestWithParam<Change> {};

TEST_P(WrongManifest, IsRefusedWithThePlace) {
  std::string text = FormatManifest(Sample());
  const std::string from = GetParam().from;
  text.replace(text.find(from), from.size(), GetParam().to);
  const auto read = ParseManifest(text, "m");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::kDataLoss);
  EXPECT_THAT(read.error().message, StartsWith("m:"));
  EXPECT_THAT(read.error().message, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(All, WrongManifest,
                         ::testing::Values(Change{"NewerFormat", "format = 1", "format = 2", "newer"},
                                           Change{"NoFormat", "format = 1\n", "", "format"},
                                           Change{"ClimbingName", "ca/ca-key.pem", "../../root/.ssh", "path"},
                                           Change{"AbsoluteName", "ca/ca-key.pem", "/etc/passwd", "path"},
                                           Change{"SameNameTwice", "ca/ca-key.pem", "ledger.sqlite", "twice"},
                                           Change{"NoDigest", "sha256 = \"a", "sha256 = \"A", "sha256"},
                                           Change{"NegativeSize", "bytes = 4096", "bytes = -1", "bytes"},
                                           Change{"NoToml", "store = ", "store ", "m:"}),
                         [](const auto& of_case) { return std::string(of_case.param.name); });

TEST(IsMemberName, StaysBelowItsFolder) {
  for (const char* good : {"ledger.sqlite", "ca/ca-key.pem", "admin/profile.toml"}) EXPECT_TRUE(IsMemberName(good));
  for (const char* bad :
       {"", "/", "/a", "a/", "a//b", "..", "../a", "a/../b", ".", "a/./b", ".hidden", "a b", "a\nb"}) {
    EXPECT_FALSE(IsMemberName(bad)) << bad;
  }
}

}  // namespace
}  // namespace daicho::collector
