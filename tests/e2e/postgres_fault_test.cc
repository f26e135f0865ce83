// What was acknowledged is in the ledger, whatever happens to the PostgreSQL server meanwhile, and the collector goes
// on by itself.
#include <chrono>
#include <random>

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

  void LetPass(int most_milliseconds) {
    const auto end = std::chrono::steady_clock::now() +
                     std::chrono::milliseconds(std::uniform_int_distribution<int>(0, most_milliseconds)(random_));
    EXPECT_TRUE(WaitUntil([&] { return std::chrono::steady_clock::now() >= end; }));
  }

  // Calls `fault` that often while the devices report, each time up to so many milliseconds after the one before, and
  // has all devices' rows compared whenever all have reported.
  template <typename Fault>
  void DuringIngest(int times, int pause_milliseconds, Fault fault) {
    for (int done = 0; done < times && !HasFailure();) {
      Background fleet(FleetCommand("changed", {"--tries", "1000", "--longest-wait", "100"}), {}, Path("fleet.log"));
      while (fleet.Running() && done < times && !HasFailure()) {
        LetPass(pause_milliseconds);
        if (!fleet.Running()) break;
        fault();
        ++done;
      }
      ASSERT_EQ(fleet.Wait(std::chrono::seconds(100)), 0) << ReadText(Path("fleet.log"));
      EXPECT_TRUE(CollectorRuns()) << "it ended by itself";
      // Everything is as it was acknowledged: nothing is asked for again, and every row is what was sent.
      ExpectGoodRun("unchanged", ReadBack());
    }
  }

  std::mt19937 random_{20'261'125};
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
