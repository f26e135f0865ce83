// What the collector refuses is told in Japanese to whoever works in Japanese. (That the catalogue has the sentences as
// the collector says them is proved in tests/collector/ctl/refusals_test.cc.)
#include <gmock/gmock.h>

#include "tests/e2e/site.h"

namespace daicho::e2e {
namespace {

using testing::HasSubstr;
using testing::Not;

class Refusals : public Site {
 protected:
  // "daicho: no device … (request 1a2b)\n" without what is around.
  static std::string Sentence(const std::string& said) {
    const std::size_t begin = said.find(": ") + 2;
    return said.substr(begin, said.rfind(" (request ") - begin);
  }

  void ExpectJapanese(std::vector<std::string> arguments, int exit_code) const {
    arguments.insert(arguments.begin(), {"--profile", profile_});
    const Outcome english = Execute(Command("daicho", arguments));
    EXPECT_EQ(english.exit_code, exit_code) << english.err;
    EXPECT_THAT(english.err, HasSubstr(" (request "));
    arguments.insert(arguments.end(), {"--lang", "ja"});
    const Outcome japanese = Execute(Command("daicho", arguments));
    EXPECT_EQ(japanese.exit_code, exit_code) << japanese.err;
    EXPECT_THAT(japanese.err, HasSubstr("収集サーバー"));
    EXPECT_THAT(japanese.err, Not(HasSubstr(Sentence(english.err))));
  }

  std::string profile_ = State() + "/admin/profile.toml";
};

TEST_F(Refusals, OfTheCommandLineAreInJapanese) {
  StartCollector();
  const std::vector<std::vector<std::string>> refused = {
      {"software", "--below", "3.0"},
      {"software", "openssl", "--below", "newest"},
      {"diff", "--since", "2026-01-05", "--until", "2026-01-01"},
      {"query", "PRAGMA user_version"},
      {"query", "SELECT 1; SELECT 2"},
      {"query", "-- nothing"},
  };
  for (const auto& arguments : refused) ExpectJapanese(arguments, 2);
}

TEST_F(Refusals, OfWhatIsNotThereAreInJapanese) {
  StartCollector();
  const std::vector<std::vector<std::string>> refused = {
      {"show", "nowhere"},
      {"revoke", "nowhere", "--reason", "x", "--yes"},
      {"accounts", "--device", "nowhere"},
      {"diff", "--since", "2026-01-01", "--device", "nowhere"},
      {"waive", "nowhere", "--reason", "x", "--until", "2099-01-01"},
  };
  for (const auto& arguments : refused) ExpectJapanese(arguments, 1);
}

TEST_F(Refusals, OfAKnownDeviceAreInJapanese) {
  StartCollector();
  const Machine machine(*this, "ward3-pc01");
  machine.SetPackages({{"openssl", "3.0.11"}});
  machine.AddAccount("toor", 0, "$6$salt$abcdefgh");  // a second uid 0 is a finding
  ASSERT_EQ(machine.Enrol(NewToken()).exit_code, 0);
  machine.CycleReport();
  ExpectJapanese({"show", "ward3-pc01", "--at", "2026-01-01"}, 1);
  const std::vector<Json> findings = DaichoJson({"findings"});
  ASSERT_FALSE(findings.empty());
  ExpectJapanese({"waive", Text(findings[0], "finding_id"), "--end"}, 4);
  ASSERT_EQ(Daicho({"revoke", "ward3-pc01", "--reason", "lost", "--yes"}).exit_code, 0);
  ExpectJapanese({"token", "create", "--device", "ward3-pc01"}, 4);
}

TEST_F(Refusals, OfAQuestionAboutWhatIsForgottenAreInJapanese) {
  const Outcome forgotten =
      Execute({"sqlite3", State() + "/ledger.sqlite",
               "INSERT INTO history_state (one, kept_since) VALUES (1, unixepoch('2026-06-01'))"});
  ASSERT_EQ(forgotten.exit_code, 0) << forgotten.err;
  StartCollector();
  ExpectJapanese({"software", "openssl", "--below", "9", "--at", "2026-01-01"}, 4);
  ExpectJapanese({"diff", "--since", "2026-01-01"}, 4);
}

TEST_F(Refusals, OfARoleAreInJapanese) {
  ASSERT_EQ(Collector({"admin-credential", "--state", State(), "--name", "sato", "--role", "viewer", "--output",
                       Path("sato")})
                .exit_code,
            0);
  StartCollector();
  profile_ = Path("sato/profile.toml");
  ExpectJapanese({"token", "create"}, 4);
}

}  // namespace
}  // namespace daicho::e2e
