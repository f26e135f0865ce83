#include <gtest/gtest.h>

#include "collector/store/postgres/url.h"

namespace daicho::collector {
namespace {

struct UrlCase {
  const char* url;
  const char* shown;
};

class PostgresUrl : public ::testing::TestWithParam<UrlCase> {};

TEST_P(PostgresUrl, IsShownWithoutItsPassword) {
  EXPECT_TRUE(CheckPostgresUrl(GetParam().url));
  EXPECT_EQ(WithoutPassword(GetParam().url), GetParam().shown);
  EXPECT_EQ(PasswordWarning(GetParam().url, "f").empty(), std::string(GetParam().url) == GetParam().shown);
}

INSTANTIATE_TEST_SUITE_P(
    Urls, PostgresUrl,
    ::testing::Values(UrlCase{"postgresql://a:secret@h:5/d", "postgresql://a@h:5/d"},
                      UrlCase{"postgres://a:secret@h", "postgres://a@h"},
                      UrlCase{"postgresql://:secret@h/d", "postgresql://@h/d"},
                      UrlCase{"postgresql://a:sec?ret@h:5/d?sslmode=require", "postgresql://a@h:5/d?sslmode=require"},
                      UrlCase{"postgresql://a@h:5/d", "postgresql://a@h:5/d"},
                      UrlCase{"postgresql://h:5/d", "postgresql://h:5/d"}, UrlCase{"postgresql://", "postgresql://"},
                      UrlCase{"postgresql:///d", "postgresql:///d"},
                      UrlCase{"postgresql://[::1]:5/d", "postgresql://[::1]:5/d"},
                      UrlCase{"postgresql://a:s%40t@[::1]:5/d", "postgresql://a@[::1]:5/d"},
                      UrlCase{"postgresql://h:5,i:6/d?target_session_attrs=primary",
                              "postgresql://h:5,i:6/d?target_session_attrs=primary"},
                      UrlCase{"postgresql://h:5?user=a&password=secret", "postgresql://h:5?user=a"},
                      UrlCase{"postgresql://h/d?password=secret&user=a", "postgresql://h/d?user=a"},
                      UrlCase{"postgresql://h/d?password=secret", "postgresql://h/d"},
                      UrlCase{"postgresql://h/d?", "postgresql://h/d?"},
                      UrlCase{"postgresql://h/d?sslkey=k&sslpassword=secret&sslmode=require",
                              "postgresql://h/d?sslkey=k&sslmode=require"},
                      UrlCase{"postgresql://h/d?passfile=/etc/p", "postgresql://h/d?passfile=/etc/p"},
                      UrlCase{"postgresql://h/d?p%61ssword=secret&user=a", "postgresql://h/d?user=a"},
                      UrlCase{"postgresql://a@h/台帳", "postgresql://a@h/台帳"}));

TEST(WithoutPassword, LeavesAFilesNameAlone) {
  EXPECT_EQ(WithoutPassword("/srv/a:b@c/l.sqlite"), "/srv/a:b@c/l.sqlite");
}

// libpq's own words, or its idea of the host, would show the password.
TEST(CheckPostgresUrl, RefusesWhatItCannotReadAsLibpqDoesAndShowsNothingOfIt) {
  for (const char* url :
       {"postgresql://a:geheim/x@h/d", "postgresql://a:gehe@im@h/d", "postgresql://a:geheim%zz@h/d",
        "postgresql://a:geheim%@h/d", "postgresql://h/d?password=geheim%z", "postgresql://a:geheim\x01@h/d",
        "postgresql://a:geheim\xff@h/d", "postgresql://a:\"geheim@h/d", "postgresql://a:geheim\\@h/d",
        "postgresql://a:geheim @h/d", "postgresql://a:geheim/x?y@h/d", "host=h password=geheim", ""}) {
    const Status checked = CheckPostgresUrl(url);
    ASSERT_FALSE(checked) << url;
    EXPECT_EQ(checked.error().code, Code::kInvalidArgument);
    EXPECT_EQ(checked.error().message.find("geheim"), std::string::npos) << checked.error().message;
  }
}

TEST(PasswordWarning, NamesTheFileAndNotThePassword) {
  const std::string said = PasswordWarning("postgresql://a:geheim@h/d", "/s/collector.toml");
  EXPECT_NE(said.find("/s/collector.toml"), std::string::npos) << said;
  EXPECT_NE(said.find("pgpass"), std::string::npos) << said;
  EXPECT_EQ(said.find("geheim"), std::string::npos) << said;
}

}  // namespace
}  // namespace daicho::collector
