// Pages of the ledger's file that a disk has lost: each answer is what it was, or an error that says so.
#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>

#include "tests/e2e/fleet_site.h"
#include "tests/e2e/slow_build.h"

namespace daicho::e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr std::size_t kPage = 4096;

// The same facts. What rules found is judged anew by each collector, at its own time.
bool HaveSameFacts(const Outcome& one, const Outcome& other) {
  if (one.out == other.out) return true;
  std::vector<Json> left = one.Lines();
  std::vector<Json> right = other.Lines();
  for (auto* side : {&left, &right}) {
    for (Json& line : *side) line.mutable_fields()->erase("findings");
  }
  return std::ranges::equal(left, right, google::protobuf::util::MessageDifferencer::Equals);
}

class Damaged : public FleetSite {
 protected:
  // With so many packages each, what a device has of them takes pages of its own.
  Damaged() : FleetSite(3, 4'000) {}
  void SetUp() override {
    FleetSite::SetUp();
    ExpectGoodRun("first");
    ExpectGoodRun("changed");
    EXPECT_FALSE(DaichoJson({"findings"}).empty());
    StopCollector();
    sound_ = ReadText(Ledger());
    StartCollector();
    for (const auto& question : kQuestions) answers_[question] = Daicho(question);
    for (const auto& [question, answer] : answers_) ASSERT_EQ(answer.exit_code, 0) << question[0] << answer.err;
    StopCollector();
  }

  std::string Ledger() const { return State() + "/ledger.sqlite"; }
  std::size_t Pages() const { return sound_.size() / kPage; }

  // The sound ledger, the collector stopped.
  void Mend() {
    if (CollectorRuns()) KillCollector();
    for (const char* beside : {"-wal", "-shm"}) std::filesystem::remove(Ledger() + beside);
    WriteText(Ledger(), sound_);
  }

  // In the file itself, not a new one.
  void Damage(std::size_t page) {
    std::string garbage(kPage, '\0');
    for (char& byte : garbage) byte = static_cast<char>(random_());
    std::fstream file(Ledger(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(page * kPage));
    file.write(garbage.data(), static_cast<std::streamsize>(garbage.size()));
    ASSERT_TRUE(file.flush().good());
  }

  // How many questions were answered with an error; the others' answers are those of the sound ledger.
  int ExpectTruthOrErrors() {
    int errors = 0;
    for (const auto& [question, sound] : answers_) {
      const Outcome answer = Daicho(question);
      if (answer.exit_code == 0) {
        EXPECT_TRUE(HaveSameFacts(answer, sound)) << testing::PrintToString(question);
        continue;
      }
      ++errors;
      EXPECT_EQ(answer.exit_code, 5) << testing::PrintToString(question) << answer.err;
      EXPECT_THAT(answer.err, HasSubstr("ledger.sqlite"));
    }
    EXPECT_TRUE(CollectorRuns()) << ReadText(Path("collector.log"));
    return errors;
  }

  const std::vector<std::vector<std::string>> kQuestions = {
      {"devices", "--json"},
      {"software", "--json"},
      {"accounts", "--all", "--json"},
      {"show", "pc-00001", "--json"},
      {"query", "SELECT hostname, name, version, installed_at FROM installation ORDER BY 1, 2, 3", "--max-rows",
       "20000", "--json"},
      {"query", "SELECT * FROM account_history ORDER BY device_id, name, valid_from", "--json"},
  };
  std::string sound_;
  std::map<std::vector<std::string>, Outcome> answers_;
};

TEST_F(Damaged, PageThatWasLostWhileTheCollectorWasDownIsNamedAndNotServed) {
  int refused = 0;
  for (int round = 0; round < (kSlowBuild ? 3 : 20) && !HasFailure(); ++round) {
    const std::size_t page = std::uniform_int_distribution<std::size_t>(0, Pages() - 1)(random_);
    SCOPED_TRACE("page " + std::to_string(page + 1));
    Mend();
    Damage(page);
    const Outcome proof = Collector({"verify", "--state", State()});
    if (proof.exit_code == 0) {
      // A page that nothing is on.
      StartCollector();
      EXPECT_EQ(ExpectTruthOrErrors(), 0);
      continue;
    }
    ++refused;
    EXPECT_EQ(proof.exit_code, 5) << proof.err;
    EXPECT_THAT(proof.err, HasSubstr("ledger.sqlite"));
    const Outcome run = Collector({"run", "--state", State()});
    EXPECT_EQ(run.exit_code, 5) << run.err;
    EXPECT_THAT(run.err, AllOf(HasSubstr("ledger.sqlite"), HasSubstr("restore it from a backup")));
  }
  EXPECT_GT(refused, 0);
}

// The disk gives one that was sound at the start.
TEST_F(Damaged, PageThatIsLostUnderTheCollectorIsNotServed) {
  int errors = 0;
  for (int round = 0; round < (kSlowBuild ? 3 : 20) && !HasFailure(); ++round) {
    const std::size_t page = std::uniform_int_distribution<std::size_t>(1, Pages() - 1)(random_);
    SCOPED_TRACE("page " + std::to_string(page + 1));
    Mend();
    StartCollector();
    Damage(page);
    errors += ExpectTruthOrErrors();
  }
  EXPECT_GT(errors, 0);
}

}  // namespace
}  // namespace daicho::e2e
