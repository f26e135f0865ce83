// The collection process: what it writes, and the evidence that it keeps whatever happens to the uplink.
#include "agent/cycle/collection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "agent/cycle/section_pipe.h"
#include "agent/identity/row_file.h"
#include "agent/supervisor/children.h"
#include "common/files.h"
#include "tests/agent/fake_tree.h"
#include "tests/agent/runtime/state_folder.h"

namespace daicho::agent {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr UnixTime kNow = 1'800'000'000;

// Taro's account as a cycle saw it: last used at `used` (0: no record of use), records since `since`.
std::string Taro(UnixTime used, UnixTime since) {
  v1::Account row;
  row.set_name("taro");
  row.set_uid(1000);
  if (used != 0) {
    row.mutable_last_use()->mutable_at()->set_seconds(used);
    row.mutable_last_use()->set_source("wtmp");
  }
  row.mutable_evidence_since()->set_seconds(since);
  return row.SerializeAsString();
}

v1::Section Accounts(const std::string& row, v1::SectionStatus status = v1::OK) {
  v1::Section section;
  section.set_name("accounts");
  section.set_status(status);
  if (!row.empty()) section.add_rows(row);
  return section;
}

v1::Account Only(const v1::Section& section) {
  v1::Account account;
  EXPECT_EQ(section.rows_size(), 1);
  EXPECT_TRUE(section.rows().empty() || account.ParseFromString(section.rows(0)));
  return account;
}

class Evidence : public testing::Test {
 protected:
  void KeepAt(UnixTime now, v1::Section& section) { KeepEvidence(folder_.state.Evidence(), now, section); }
  StateFolder folder_;
};

TEST_F(Evidence, OutlivesTheLogThatHeldIt) {
  v1::Section first = Accounts(Taro(kNow - 900, kNow - 5000));
  KeepAt(kNow - 100, first);
  v1::Section rotated = Accounts(Taro(0, kNow - 200));
  KeepAt(kNow, rotated);
  EXPECT_EQ(Only(rotated).last_use().at().seconds(), kNow - 900);
  EXPECT_EQ(Only(rotated).evidence_since().seconds(), kNow - 5000);
}

TEST_F(Evidence, IsNotTouchedByAFailedSection) {
  v1::Section first = Accounts(Taro(kNow - 900, kNow - 5000));
  KeepAt(kNow - 100, first);
  v1::Section failed = Accounts("", v1::FAILED);
  KeepAt(kNow - 50, failed);
  v1::Section later = Accounts(Taro(0, kNow - 200));
  KeepAt(kNow, later);
  EXPECT_EQ(Only(later).last_use().at().seconds(), kNow - 900);
}

TEST_F(Evidence, FileThatIsDamagedIsAnIssueAndIsReplaced) {
  ASSERT_TRUE(WriteFileAtomically(folder_.state.Evidence(), "daicho rows 1\ncut"));
  v1::Section section = Accounts(Taro(kNow - 900, kNow - 5000));
  KeepAt(kNow, section);
  ASSERT_EQ(section.issues_size(), 1);
  EXPECT_THAT(section.issues(0).message(), HasSubstr("evidence of earlier cycles is lost"));
  EXPECT_EQ(section.status(), v1::OK);
  EXPECT_THAT(LoadRowFile(folder_.state.Evidence())->rows, ElementsAre(Taro(kNow - 900, kNow - 5000)));
}

TEST_F(Evidence, ThatCannotBeWrittenIsAnIssue) {
  v1::Section section = Accounts(Taro(kNow - 900, kNow - 5000));
  KeepEvidence(folder_.state.Folder() + "/missing/evidence.rows", kNow, section);
  ASSERT_EQ(section.issues_size(), 1);
  EXPECT_THAT(section.issues(0).message(), HasSubstr("evidence is not kept"));
}

int software_collected = 0;

v1::Section CollectFakeSoftware(const SourceInput&) {
  ++software_collected;
  v1::Section section;
  section.set_name("software");
  section.set_status(v1::OK);
  section.add_rows("row");
  return section;
}

v1::Section CollectFakeAccounts(const SourceInput& input) { return Accounts(Taro(input.now - 1, input.now - 9)); }

class Collection : public Evidence {
 protected:
  Status CollectInto(int fd) {
    const SourceInput input{tree_, system_, kNow};
    const std::vector<const Source*> sources = {&software_, &accounts_};
    return CollectIntoPipe(sources, input, folder_.state.Evidence(), fd);
  }
  const Source software_{"software", CollectFakeSoftware};
  const Source accounts_{"accounts", CollectFakeAccounts};
  FakeTree tree_;
  FakeSystem system_;
};

TEST_F(Collection, WritesEverySectionOfItsPlan) {
  auto pipe = NewPipe();
  ASSERT_TRUE(CollectInto(pipe->write.get()));
  pipe->write.Close();
  const Collected collected = ParseCollected(*ReadStream(pipe->read.get()), 0);
  EXPECT_TRUE(collected.complete) << collected.problem;
  EXPECT_EQ(collected.collected_at, kNow);
  ASSERT_EQ(collected.sections.size(), 2u);
  EXPECT_EQ(Only(collected.sections[1]).name(), "taro");
}

TEST_F(Collection, KeepsEvidenceWithTheUplinkGoneAndSkipsTheRest) {
  std::signal(SIGPIPE, SIG_IGN);
  auto pipe = NewPipe();
  pipe->read.Close();
  software_collected = 0;
  EXPECT_EQ(CollectInto(pipe->write.get()).error().code, Code::kUnavailable);
  EXPECT_EQ(software_collected, 0);
  EXPECT_THAT(LoadRowFile(folder_.state.Evidence())->rows, ElementsAre(Taro(kNow - 1, kNow - 9)));
}

}  // namespace
}  // namespace daicho::agent
