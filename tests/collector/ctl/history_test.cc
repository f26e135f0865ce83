// Questions about another time than now, and how their answers look.
#include <gmock/gmock.h>

#include "collector/ctl/arguments.h"
#include "common/text.h"
#include "tests/collector/ctl/daicho_fixture.h"

namespace daicho::collector {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Now is 2026-04-01 09:00 in Japan.
class History : public DaichoFixture {};

TEST_F(History, ADateReachesToItsEndAndTodayToNow) {
  const UnixTime now = clock_.Now();
  EXPECT_EQ(*ParseMoment("--at", "2026-03-31", now, Language::kEnglish), *ParseTime("2026-03-31T23:59:59+09:00"));
  EXPECT_EQ(*ParseMoment("--at", "2026-04-01", now, Language::kEnglish), now);
  EXPECT_EQ(*ParseMoment("--at", "2026-03-31T12:00:00Z", now, Language::kEnglish), *ParseTime("2026-03-31T12:00:00Z"));
  for (const char* bad : {"2026-04-02", "2026-04-01T00:00:01Z", "yesterday", ""}) {
    EXPECT_FALSE(ParseMoment("--at", bad, now, Language::kEnglish)) << bad;
  }
}

TEST_F(History, SinceADateIncludesThatDay) {
  const UnixTime now = clock_.Now();
  EXPECT_EQ(*ParseSince("--since", "2026-04-01", now, Language::kEnglish), *ParseTime("2026-03-31T23:59:59+09:00"));
  EXPECT_EQ(*ParseSince("--since", "2026-03-31T12:00:00Z", now, Language::kEnglish),
            *ParseTime("2026-03-31T12:00:00Z"));
  for (const char* bad : {"2026-04-02", "2026-04-01T00:00:01Z", "yesterday", ""}) {
    EXPECT_FALSE(ParseSince("--since", bad, now, Language::kEnglish)) << bad;
  }
}

TEST_F(History, TheSheetOfThePastSaysOfWhen) {
  admin_.detail = Parse<v1::DeviceDetail>(
      "device { device_id: 'd1' hostname: 'web' status: 'active' } at { seconds: 1774969199 }");  // 2026-03-31 23:59:59
  ASSERT_EQ(Run({"show", "web", "--at", "2026-03-31"}), 0) << err_;
  EXPECT_EQ(FromTimestamp(admin_.asked_device.at()), 1'774'969'199);
  EXPECT_THAT(out_, HasSubstr("As of"));
  EXPECT_THAT(out_, HasSubstr("2026-03-31 23:59"));
  EXPECT_THAT(out_, Not(HasSubstr("Last cycle")));
  EXPECT_EQ(Run({"show", "web", "--at", "2026-04-02"}), 2);
  EXPECT_THAT(err_, HasSubstr("--at '2026-04-02'"));
}

TEST_F(History, ACollectorThatKnowsNoPastIsNotBelieved) {
  admin_.detail = Parse<v1::DeviceDetail>("device { device_id: 'd1' hostname: 'web' status: 'active' }");
  EXPECT_EQ(Run({"show", "web", "--at", "2026-03-31"}), 5);
  EXPECT_EQ(out_, "");
  EXPECT_THAT(err_, HasSubstr("too old"));
}

}  // namespace
}  // namespace daicho::collector
