#include "collector/database_url.h"

#include <gtest/gtest.h>

namespace daicho::collector {
namespace {

struct UrlCase {
  const char* url;
  const char* shown;
};

class WithoutPasswordTest : public ::testing::TestWithParam<UrlCase> {};

TEST_P(WithoutPasswordTest, ShowsNone) { EXPECT_EQ(WithoutPassword(GetParam().url), GetParam().shown); }

INSTANTIATE_TEST_SUITE_P(
    Urls, WithoutPasswordTest,
    ::testing::Values(UrlCase{"postgresql://a:secret@h:5/d", "postgresql://a@h:5/d"},
                      UrlCase{"postgresql://a@h:5/d", "postgresql://a@h:5/d"},
                      UrlCase{"postgresql://h:5/d", "postgresql://h:5/d"},
                      UrlCase{"postgresql://h:5,i:6/d?target_session_attrs=primary",
                              "postgresql://h:5,i:6/d?target_session_attrs=primary"},
                      UrlCase{"postgresql://a:sec?ret@h:5/d?sslmode=require", "postgresql://a@h:5/d?sslmode=require"},
                      UrlCase{"postgresql://a:sec@ret@h:5/d", "postgresql://a@h:5/d"},
                      UrlCase{"postgresql://[::1]:5/d?options=a@b", "postgresql://[::1]:5/d?options=a@b"},
                      UrlCase{"postgresql://h:5/d?user=a&password=secret", "postgresql://h:5/d?user=a"},
                      UrlCase{"postgresql://h/d?password=secret&user=a", "postgresql://h/d?user=a"},
                      UrlCase{"postgresql://h/d?password=secret", "postgresql://h/d"},
                      UrlCase{"postgresql://h/d?sslkey=k&sslpassword=secret&sslmode=require",
                              "postgresql://h/d?sslkey=k&sslmode=require"},
                      UrlCase{"postgresql://h/d?passfile=/etc/p", "postgresql://h/d?passfile=/etc/p"},
                      UrlCase{"postgresql://h/d?p%61ssword=secret&user=a", "postgresql://h/d?user=a"},
                      UrlCase{"/var/lib/daicho-collector/ledger.sqlite", "/var/lib/daicho-collector/ledger.sqlite"}));

TEST(IsPlainUrl, IsWhatTomlTakesBetweenQuotes) {
  EXPECT_TRUE(IsPlainUrl("postgresql://a@h/台帳"));
  for (const char* url : {"postgresql://a\x01@h/d", "postgresql://a\xff@h/d", "postgresql://\"@h/d",
                          "postgresql://a\\@h/d", "postgresql://a\n@h/d"}) {
    EXPECT_FALSE(IsPlainUrl(url)) << url;
  }
}

TEST(WarnOfPassword, NamesTheFileAndNotThePassword) {
  ::testing::internal::CaptureStderr();
  WarnOfPassword("postgresql://a:geheim@h/d", "/s/collector.toml");
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("/s/collector.toml"), std::string::npos) << said;
  EXPECT_NE(said.find("pgpass"), std::string::npos) << said;
  EXPECT_EQ(said.find("geheim"), std::string::npos) << said;
}

TEST(WarnOfPassword, SaysNothingWhereThereIsNone) {
  ::testing::internal::CaptureStderr();
  for (const char* url : {"postgresql://a@h/d", "postgresql://h/d?", "sqlite", "postgresql://h/d?sslmode=require"}) {
    WarnOfPassword(url, "f");
  }
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace daicho::collector
