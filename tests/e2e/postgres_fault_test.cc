// What was acknowledged is in the ledger, whatever happens to the PostgreSQL server meanwhile, and the collector goes
// on by itself.
#include "tests/e2e/fleet_site.h"
#include "tests/e2e/slow_build.h"
#include "tests/postgres/test_database.h"
#include "tests/postgres/test_server.h"

namespace daicho::e2e {
namespace {

using testing_postgres::TestDatabase;
using testing_postgres::TestServer;

constexpr int kDevices = kSlowBuild ? 20 : 100;

class PostgresFault : public FleetSite {
 protected:
  PostgresFault() : FleetSite(kDevices) {}
  void SetUp() override {}

  void Begin(const std::string& store) {
    const Outcome init = Collector({"init", "--state", State(), "--listen", "127.0.0.1:0", "--store", store});
    ASSERT_EQ(init.exit_code, 0) << init.err;
    StartFleetSite();
    ExpectGoodRun("first");
  }
};

TEST_F(PostgresFault, ServerThatCrashesDuringIngestHasEverythingAcknowledged) {
  const TestServer server;
  Begin(server.url());
  DuringIngest(kSlowBuild ? 2 : 5, 300, [&] { server.Restart(); });
}

// The one that died comes back as the standby of the other.
TEST_F(PostgresFault, StandbyThatTakesOverHasEverythingAcknowledged) {
  const TestServer one;
  const TestServer other(TestServer::StandbyOf{one});
  Begin("postgresql://daicho@/postgres?host=" + one.host() + "," + other.host() + "&target_session_attrs=read-write");
  const TestServer* primary = &one;
  const TestServer* standby = &other;
  for (int round = 0; round < (kSlowBuild ? 1 : 2) && !HasFailure(); ++round) {
    DuringIngest(1, 300, [&] {
      // What the standby did not get must not be acknowledged meanwhile.
      if (round != 1) primary->Silence();
      LetPass(300);
      primary->Kill();
      standby->Promote();
    });
    std::swap(primary, standby);
    standby->Follow(*primary);
  }
}

// A machine that is paused, a disk that hangs: nothing is closed, and nothing comes.
TEST_F(PostgresFault, ServerThatStandsStillHoldsUpReportsAndLosesNone) {
  const TestServer server;
  Begin(server.url());
  const auto is_given_up = [&] {
    return ReadText(Path("collector.log")).find("the server has not answered for 20 s") != std::string::npos;
  };
  DuringIngest(1, 0, [&] {
    server.Freeze();
    EXPECT_TRUE(WaitUntil(is_given_up, std::chrono::seconds(60))) << ReadText(Path("collector.log"));
    server.Thaw();
  });
}

TEST_F(PostgresFault, SessionsThatAreCutDuringIngestLoseNothing) {
  const TestDatabase database;
  Begin(database.url());
  DuringIngest(kSlowBuild ? 10 : 50, 60, [&] {
    database.Run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
        "pg_backend_pid() ORDER BY random() LIMIT 1");
  });
}

TEST_F(PostgresFault, TableThatAnotherSessionLocksHoldsUpReportsAndLosesNone) {
  const TestDatabase database;
  Begin(database.url());
  // Longer than the collector waits for a lock.
  DuringIngest(1, 0, [&] { database.Run("LOCK TABLE daicho.section_state IN EXCLUSIVE MODE; SELECT pg_sleep(12)"); });
}

}  // namespace
}  // namespace daicho::e2e
