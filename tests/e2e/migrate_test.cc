// A ledger on its way from its file to PostgreSQL, and what a kill on the way leaves.
#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>

#include "tests/e2e/site.h"
#include "tests/postgres/test_database.h"

namespace daicho::e2e {
namespace {

using testing::HasSubstr;

class Migrate : public Site {
 protected:
  // A ledger with a device, and enough rows that its copy takes a while.
  void SetUp() override {
    Site::SetUp();
    StartCollector();
    const Machine machine(*this, "ward");
    machine.SetPackages({{"openssl", "3.0.11-1"}});
    ASSERT_EQ(machine.Enrol(NewToken()).exit_code, 0);
    machine.CycleReport();
    StopCollector();
    const Outcome filled = Execute(
        {"sqlite3", State() + "/ledger.sqlite",
         "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000) INSERT INTO export_entry "
         "(name, at, ok, result, file) SELECT 'e', i, 1, hex(randomblob(30)), '' FROM n"});
    ASSERT_EQ(filled.exit_code, 0) << filled.err;
  }

  std::vector<std::string> Move() const {
    return Command("daicho-collector", {"migrate-store", "--state", State(), "--to", database_.url()});
  }
  bool IsMarked() const {
    return database_.Ask("SELECT to_regclass('daicho.store_meta') IS NOT NULL") == "t" &&
           database_.Ask("SELECT count(*) FROM daicho.store_meta WHERE key = 'unfinished_move'") == "1";
  }

  const testing_postgres::TestDatabase database_;
};

TEST_F(Migrate, MoveThatIsKilledOnTheWayIsBegunAnewAndTheLedgerIsWhole) {
  Background killed(Move(), {}, Path("killed.log"));
  ASSERT_TRUE(WaitUntil([&] { return IsMarked() || !killed.Running(); }));
  EXPECT_EQ(killed.Stop(SIGKILL), 128 + SIGKILL) << "it was too quick: " << ReadText(Path("killed.log"));
  EXPECT_EQ(ReadText(State() + "/collector.toml").find(database_.url()), std::string::npos);
  ASSERT_TRUE(IsMarked());

  // The server may still be busy with the killed one's session.
  Outcome again;
  ASSERT_TRUE(WaitUntil([&] { return (again = Execute(Move())).exit_code != 4; }));
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_FALSE(IsMarked());
  const Outcome proved = Collector({"verify", "--state", State()});
  EXPECT_EQ(proved.exit_code, 0) << proved.err;
  StartCollector();
  EXPECT_EQ(Text(Only(DaichoJson({"software", "openssl"}), "hostname", "ward"), "version"), "3.0.11-1");
}

TEST_F(Migrate, OneIsRefusedWhileAnotherIsAtWork) {
  Background first(Move(), {}, Path("first.log"));
  ASSERT_TRUE(WaitUntil([&] { return IsMarked() || !first.Running(); }));
  ::kill(first.pid(), SIGSTOP);
  EXPECT_TRUE(IsMarked()) << "it was too quick: " << ReadText(Path("first.log"));
  std::filesystem::copy(State(), Path("copy"), std::filesystem::copy_options::recursive);
  const Outcome second = Collector({"migrate-store", "--state", Path("copy"), "--to", database_.url()});
  EXPECT_EQ(second.exit_code, 4);
  EXPECT_THAT(second.err, HasSubstr("another migrate-store"));
  ::kill(first.pid(), SIGCONT);
  EXPECT_EQ(first.Wait(), 0) << ReadText(Path("first.log"));
  EXPECT_EQ(Collector({"verify", "--state", State()}).exit_code, 0);
}

TEST_F(Migrate, PasswordInTheUrlIsNotShown) {
  std::string url = database_.url();
  url += (url.find('?') == std::string::npos ? "?" : "&") + std::string("sslpassword=geheim");
  const Outcome moved = Collector({"migrate-store", "--state", State(), "--to", url});
  EXPECT_EQ(moved.exit_code, 0) << moved.err;
  EXPECT_THAT(moved.err, HasSubstr("pgpass"));
  EXPECT_EQ((moved.out + moved.err).find("geheim"), std::string::npos) << moved.out << moved.err;
  for (const char* odd : {"postgresql://a:geheim%zz@127.0.0.1:1/d", "postgresql://a:geheim/x@127.0.0.1:1/d"}) {
    const Outcome refused = Collector({"init", "--state", Path("odd"), "--store", odd});
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_EQ(refused.err.find("geheim"), std::string::npos) << refused.err;
    EXPECT_FALSE(std::filesystem::exists(Path("odd")));
  }
}

}  // namespace
}  // namespace daicho::e2e
