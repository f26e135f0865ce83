#include "collector/ingest/request_check.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "common/delta.h"
#include "common/protocol.h"
#include "common/text.h"

namespace daicho::collector {
namespace {

v1::CheckInRequest GoodCheckIn() {
  v1::CheckInRequest request;
  v1::SectionState& software = *request.add_sections();
  software.set_name("software");
  software.set_status(v1::OK);
  software.set_digest(std::string(kDigestBytes, 'd'));
  v1::SectionState& accounts = *request.add_sections();
  accounts.set_name("accounts");
  accounts.set_status(v1::FAILED);
  accounts.set_reason("shadow: permission denied");
  return request;
}

struct CheckInCase {
  const char* name;
  void (*spoil)(v1::CheckInRequest&);
  const char* told;  // in the message
};

class CheckInErrors : public testing::TestWithParam<CheckInCase> {};

TEST_P(CheckInErrors, NamesThePlace) {
  v1::CheckInRequest request = GoodCheckIn();
  ASSERT_TRUE(CheckCheckIn(request));
  GetParam().spoil(request);
  const auto checked = CheckCheckIn(request);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, Code::kInvalidArgument);
  EXPECT_NE(checked.error().message.find(GetParam().told), std::string::npos) << checked.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    Table, CheckInErrors,
    testing::Values(CheckInCase{"too_many",
                                [](auto& r) {
                                  for (int i = 0; i < 70; ++i) r.add_sections();
                                },
                                "at most 64"},
                    CheckInCase{"twice", [](auto& r) { *r.add_sections() = r.sections(0); },
                                "sections[2] \"software\": named twice"},
                    CheckInCase{"no_name", [](auto& r) { r.mutable_sections(0)->clear_name(); }, "sections[0]"},
                    CheckInCase{"long_name", [](auto& r) { r.mutable_sections(0)->set_name(std::string(65, 'n')); },
                                "1 to 64"}),
    [](const auto& tested) { return tested.param.name; });

// A bug found: more than 16 overruns were refused, and a refused check-in carries them on for ever.
TEST(CheckIn, OverTheLimitOfOverrunsDidNotLockTheDeviceOut) {
  v1::CheckInRequest request = GoodCheckIn();
  request.set_agent_version(std::string(65, '1'));
  for (int i = 0; i < 20; ++i) request.mutable_last_cycle()->add_overruns(std::to_string(i));
  request.mutable_last_cycle()->add_overruns(std::string(5000, 'x'));
  MendCheckIn(request);
  EXPECT_TRUE(CheckCheckIn(request));
  const auto& overruns = request.last_cycle().overruns();
  ASSERT_EQ(overruns.size(), static_cast<int>(kMaxOverruns));
  EXPECT_EQ(overruns[0], "5");
  EXPECT_EQ(overruns[kMaxOverruns - 1].size(), kMaxOverrunBytes);
  EXPECT_TRUE(overruns[kMaxOverruns - 1].ends_with("x…"));
  EXPECT_EQ(request.agent_version().size(), kMaxAgentVersionBytes);
}

// A bug found: a path of 5,000 characters in a reason or an issue silenced the machine for ever.
TEST(CheckIn, OneLongPathDidNotSilenceTheMachine) {
  v1::CheckInRequest request = GoodCheckIn();
  v1::SectionState& state = *request.mutable_sections(0);
  std::string kanji;
  for (int i = 0; i < 2000; ++i) kanji += "漢";
  state.set_reason(kanji);
  for (int i = 0; i < 25; ++i) {
    state.add_issues()->set_file(kanji);
    state.mutable_issues(i)->set_message(std::to_string(i) + kanji);
  }
  MendCheckIn(request);
  EXPECT_TRUE(CheckCheckIn(request));
  EXPECT_EQ(state.status(), v1::OK);
  EXPECT_LE(state.reason().size(), kMaxReasonBytes);
  EXPECT_TRUE(IsUtf8(state.reason()) && state.reason().ends_with("漢…")) << state.reason();
  ASSERT_EQ(state.issues_size(), static_cast<int>(kMaxIssues));
  EXPECT_TRUE(state.issues(0).message().starts_with("0漢"));
  for (const v1::Issue& issue : state.issues()) {
    EXPECT_LE(issue.file().size(), kMaxIssueFileBytes);
    EXPECT_LE(issue.message().size(), kMaxIssueMessageBytes);
    EXPECT_TRUE(IsUtf8(issue.file()) && IsUtf8(issue.message()));
  }
}

// A bug found: a status of a newer agent refused all sections.
TEST(CheckIn, UnusableStateFailsItsSectionOnly) {
  const std::pair<void (*)(v1::SectionState&), const char*> cases[] = {
      {[](v1::SectionState& state) { state.clear_status(); }, "status 0 is none of"},
      {[](v1::SectionState& state) { state.set_status(static_cast<v1::SectionStatus>(9)); }, "status 9 is none of"},
      {[](v1::SectionState& state) { state.set_digest("x"); }, "digest of 1 bytes"},
      {[](v1::SectionState& state) { state.set_row_count(100'001); }, "row_count over 100000"}};
  for (const auto& [spoil, told] : cases) {
    v1::CheckInRequest request = GoodCheckIn();
    *request.add_sections() = request.sections(0);
    request.mutable_sections(2)->set_name("groups");
    const std::string groups = request.sections(2).SerializeAsString();
    spoil(*request.mutable_sections(0));
    MendCheckIn(request);
    EXPECT_TRUE(CheckCheckIn(request));
    EXPECT_EQ(request.sections(0).status(), v1::FAILED);
    EXPECT_EQ(request.sections(0).digest(), "");
    EXPECT_NE(request.sections(0).reason().find(told), std::string::npos) << request.sections(0).reason();
    EXPECT_EQ(request.sections(1).reason(), "shadow: permission denied");
    EXPECT_EQ(request.sections(2).SerializeAsString(), groups);
  }
}

TEST(CheckIn, FailedSectionHasNoDigest) {
  v1::CheckInRequest request = GoodCheckIn();
  request.mutable_sections(1)->set_digest(std::string(kDigestBytes, 'd'));
  MendCheckIn(request);
  EXPECT_EQ(request.sections(1).digest(), "");
}

TEST(CheckReport, SameSectionTwiceIsAnError) {
  v1::ReportRequest request;
  request.add_sections()->set_name("software");
  EXPECT_TRUE(CheckReport(request));
  request.add_sections()->set_name("software");
  EXPECT_FALSE(CheckReport(request));
}

}  // namespace
}  // namespace daicho::collector
