// Evidence of use over two observations.
#include "agent/sources/evidence.h"

#include <gtest/gtest.h>

#include <random>

#include "common/time_format.h"
#include "daicho/v1/facts.pb.h"

namespace daicho::agent {
namespace {

struct Observed {
  UnixTime last_use = 0;  // 0: none
  UnixTime since = 0;     // 0: absent
};

std::string Row(const Observed& observed, const std::string& name = "tanaka", std::uint32_t uid = 1001) {
  v1::Account account;
  account.set_name(name);
  account.set_uid(uid);
  account.set_shell("/bin/bash");
  if (observed.last_use != 0) {
    *account.mutable_last_use()->mutable_at() = ToTimestamp(observed.last_use);
    account.mutable_last_use()->set_source("at" + std::to_string(observed.last_use));
  }
  if (observed.since != 0) *account.mutable_evidence_since() = ToTimestamp(observed.since);
  return account.SerializeAsString();
}

std::string Merged(const std::string& before, UnixTime collected_at, const std::string& now) {
  std::vector<std::string> rows = {now};
  MergeEvidence({before}, collected_at, rows);
  return rows[0];
}

TEST(MergeEvidence, KeepsWhatRotationTookAway) {
  const struct {
    std::string what;
    Observed before;
    Observed now;
    Observed merged;
  } cases[] = {
      {"nothing before", {}, {50, 40}, {50, 40}},
      {"login rotated away", {50, 40}, {0, 90}, {50, 40}},
      {"newer login", {50, 40}, {95, 40}, {95, 40}},
      {"older login now", {50, 40}, {45, 40}, {50, 40}},
      {"records join exactly", {50, 40}, {50, 100}, {50, 40}},
      {"records do not join", {50, 40}, {50, 101}, {50, 101}},
      {"no records now", {50, 40}, {0, 0}, {50, 0}},
      {"no records before", {50, 0}, {0, 90}, {50, 90}},
      {"reaches back further now", {50, 40}, {50, 30}, {50, 30}},
  };
  for (const auto& [what, before, now, merged] : cases) {
    EXPECT_EQ(Merged(Row(before), 100, Row(now)), Row(merged)) << what;
  }
}

TEST(MergeEvidence, OtherAccountsInheritNothing) {
  const std::string before = Row({50, 40});
  for (const std::string& now :
       {Row({0, 90}, "tanaka", 1002), Row({0, 90}, "suzuki", 1001), std::string("\xff noise")}) {
    EXPECT_EQ(Merged(before, 100, now), now);
  }
  EXPECT_EQ(Merged("\xff noise", 100, before), before);
}

TEST(MergeEvidence, AccountThatIsGoneStaysGone) {
  std::vector<std::string> rows;
  MergeEvidence({Row({50, 40})}, 100, rows);
  EXPECT_TRUE(rows.empty());
}

TEST(MergeEvidence, UnknownFieldsOfANewerAgentSurvive) {
  const std::string newer = Row({0, 90}) + std::string("\xfa\x3f\x01x", 4);  // field 1023
  v1::Account merged;
  ASSERT_TRUE(merged.ParseFromString(Merged(Row({50, 40}), 100, newer)));
  EXPECT_NE(merged.SerializeAsString().find("\xfa\x3f\x01x"), std::string::npos);
}

// A login log that loses its beginning from time to time, against one that keeps everything: what is merged never
// forgets a login, and never claims to reach further back than what was observed without a gap.
TEST(MergeEvidence, NeverForgetsALoginAndNeverClaimsMoreThanWasSeen) {
  std::mt19937 random(20261123);
  for (int round = 0; round < 500; ++round) {
    std::vector<UnixTime> logins;
    UnixTime log_start = 1;
    UnixTime reach = 1;  // truth: since when every moment was seen in some observation
    UnixTime observed_until = 0;
    std::string kept;
    UnixTime kept_at = 0;
    UnixTime newest_seen = 0;
    for (UnixTime now = 10; now < 400; now += 1 + static_cast<UnixTime>(random() % 40)) {
      if (random() % 3 == 0) logins.push_back(now - 1);
      if (random() % 4 == 0) log_start = std::max(log_start, now - static_cast<UnixTime>(random() % 60));
      if (log_start > observed_until) reach = log_start;
      observed_until = now;
      UnixTime newest = 0;
      for (const UnixTime login : logins) newest = login >= log_start ? login : newest;
      newest_seen = std::max(newest_seen, newest);
      std::vector<std::string> rows = {Row({newest, log_start})};
      if (!kept.empty()) MergeEvidence({kept}, kept_at, rows);
      v1::Account account;
      ASSERT_TRUE(account.ParseFromString(rows[0]));
      EXPECT_EQ(FromTimestamp(account.last_use().at()), newest_seen);
      EXPECT_EQ(FromTimestamp(account.evidence_since()), reach);
      kept = rows[0];
      kept_at = now;
    }
  }
}

}  // namespace
}  // namespace daicho::agent
