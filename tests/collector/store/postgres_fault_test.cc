// Sessions that end in the middle of a commit, commits whose answer is lost, and servers that take each other's place.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>

#include "collector/store/postgres/connection.h"
#include "collector/store/postgres_store.h"
#include "common/delta.h"
#include "tests/collector/store/reports.h"
#include "tests/postgres/sql.h"
#include "tests/postgres/test_database.h"
#include "tests/postgres/test_server.h"

namespace daicho::collector::testing {
namespace {

using ::testing::HasSubstr;
using testing_postgres::TestDatabase;
using testing_postgres::TestServer;

// A report of two sections of each of two devices, and a line of the journal.
struct TestBatch {
  explicit TestBatch(const std::string& version, UnixTime at) {
    for (int device = 1; device <= 2; ++device) {
      ReportToDo report = NewReport(DeviceId(device), at);
      AddSection(*report.request, "software", {PackageRow("bash", version), PackageRow("only-" + version, "1")});
      AddSection(*report.request, "accounts", {AccountRow("tanaka" + version, 1000)});
      writes.emplace_back(std::move(report.write));
      requests.push_back(std::move(report.request));
    }
    writes.emplace_back(JournalWrite{.at = at, .actor = "a", .action = "b", .detail = version, .result = {}});
  }

  static void AddSection(v1::ReportRequest& request, const std::string& name, Rows rows) {
    OrderRows(rows);
    v1::SectionDelta& section = *request.add_sections();
    section.set_name(name);
    section.set_status(v1::OK);
    MakeFull(rows, section);
  }

  std::vector<std::shared_ptr<v1::ReportRequest>> requests;
  std::vector<StoreWrite> writes;
};

void Enrol(Store& store) {
  for (int device = 1; device <= 2; ++device) EnrolDevice(store, DeviceId(device), "host", kStart);
}

// Everything that a TestBatch changes, as text; and the ledger must be sound.
std::string Content(const Store& store) {
  std::string content;
  for (const char* sql :
       {"SELECT device_id, name, version FROM installation ORDER BY 1, 2",
        "SELECT device_id, name, valid_from FROM installation_history ORDER BY 1, 2, 3",
        "SELECT device_id, name FROM account ORDER BY 1, 2", "SELECT DISTINCT detail FROM journal ORDER BY 1",
        "SELECT device_id, section, valid_from FROM section_history ORDER BY 1, 2, 3"}) {
    for (const auto& row : Ask(store, sql)) {
      for (const std::string& value : row) content += value + ' ';
      content += '\n';
    }
  }
  const auto sound = store.Verify([](auto, auto) { return true; });
  EXPECT_TRUE(sound) << sound.error().message;
  return content;
}

Status Commit(Store& store, TestBatch batch) { return store.Commit(batch.writes); }

void CommitWell(Store& store, TestBatch batch) {
  const Status done = store.Commit(batch.writes);
  ASSERT_TRUE(done) << done.error().message;
  for (const StoreWrite& write : batch.writes) {
    const auto* const report = std::get_if<ReportWrite>(&write);
    if (report == nullptr) continue;
    for (const v1::SectionResult& result : report->result.value()) {
      EXPECT_EQ(result.outcome(), v1::APPLIED) << result.name() << ": " << result.message();
    }
  }
}

class PostgresFault : public ::testing::Test {
 protected:
  std::unique_ptr<Store> Open() { return OpenPostgresStore(database_.url(), true).value(); }

  // From now on a session that changes the table ends there; `when`: at the statement, or as its COMMIT begins.
  void CutAt(const std::string& table, const std::string& when) const {
    database_.Run(
        "CREATE OR REPLACE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END'; CREATE " +
        (when == "statement"
             ? "TRIGGER cut BEFORE INSERT OR UPDATE ON daicho." + table
             : "CONSTRAINT TRIGGER cut AFTER INSERT OR UPDATE ON daicho." + table + " DEFERRABLE INITIALLY DEFERRED") +
        " FOR EACH ROW EXECUTE FUNCTION cut()");
  }
  void CutNoMore(const std::string& table) const { database_.Run("DROP TRIGGER cut ON daicho." + table); }

  // What is done to the database, and not in it.
  void RunElsewhere(const std::string& before, const std::string& after) const {
    std::string url = database_.url();
    const std::size_t begin = url.rfind('/', url.find('?')) + 1;
    const std::string name = url.substr(begin, url.find('?') - begin);
    testing_postgres::RunSql(url.replace(begin, name.size(), "postgres"), before + name + after);
  }
  // Ends all sessions, and waits until they have.
  void EndSessions() const {
    RunElsewhere("SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity WHERE datname = '", "'");
  }

  const TestDatabase database_;
};

TEST_F(PostgresFault, SessionThatIsCutAnywhereInACommitLeavesNothingOfIt) {
  const auto store = Open();
  Enrol(*store);
  CommitWell(*store, TestBatch("0", kStart));
  int round = 0;
  for (const std::string when : {"statement", "commit"}) {
    for (const std::string table : {"device_entry", "software_item", "software_set", "software_period", "account_row",
                                    "section_state", "section_period", "journal_entry"}) {
      SCOPED_TRACE(table + " at " + when);
      ++round;
      const std::string before = Content(*store);
      CutAt(table, when);
      const Status cut = Commit(*store, TestBatch(std::to_string(round), kStart + round));
      ASSERT_FALSE(cut);
      EXPECT_EQ(cut.error().code, Code::kUnavailable) << cut.error().message;
      CutNoMore(table);
      EXPECT_EQ(Content(*store), before);
      CommitWell(*store, TestBatch(std::to_string(round), kStart + round));
      EXPECT_NE(Content(*store), before);
    }
  }
}

// The session for items and sets is another one than that of the transaction.
TEST_F(PostgresFault, SessionForItemsThatEndedIsMadeAnew) {
  const auto store = Open();
  Enrol(*store);
  CommitWell(*store, TestBatch("1", kStart));
  ASSERT_EQ(database_.Ask("SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity WHERE datname = "
                          "current_database() AND pid <> pg_backend_pid() AND query LIKE '%software_set%'"),
            "1");
  CommitWell(*store, TestBatch("2", kStart + 1));
}

// What is wrong between collector and server is nothing that an agent may take for a refusal of itself.
TEST_F(PostgresFault, ServerThatRefusesTheCollectorRefusesNoDevice) {
  const auto store = Open();
  Enrol(*store);
  RunElsewhere("ALTER DATABASE ", " WITH ALLOW_CONNECTIONS false");
  EndSessions();
  for (int i = 0; i < 2; ++i) {
    const Status refused = Commit(*store, TestBatch("1", kStart));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::kUnavailable) << refused.error().message;
    EXPECT_EQ(store->FindToken("x", kStart).error().code, Code::kUnavailable);
    EXPECT_EQ(store->FindDevice(DeviceId(1)).error().code, Code::kUnavailable);
  }
  RunElsewhere("ALTER DATABASE ", " WITH ALLOW_CONNECTIONS true");
  CommitWell(*store, TestBatch("1", kStart));
}

TEST_F(PostgresFault, SessionsThatEndedWhileNobodyAskedCostNoCall) {
  const auto store = Open();
  Enrol(*store);
  CommitWell(*store, TestBatch("1", kStart));
  const std::string before = Content(*store);
  EXPECT_TRUE(store->FindDevice(DeviceId(1)));
  EndSessions();
  CommitWell(*store, TestBatch("1", kStart));
  EXPECT_TRUE(store->FindDevice(DeviceId(1)));
  EXPECT_EQ(Content(*store), before);
}

// A server of its own, since all sessions of a server wait for its standbys.
class PostgresServerFault : public ::testing::Test {
 protected:
  void WaitForStandby(bool wait) {
    server_.Ask(wait ? "ALTER SYSTEM SET synchronous_standby_names = 'nobody'"
                     : "ALTER SYSTEM RESET synchronous_standby_names");
    server_.Ask("SELECT pg_reload_conf()");
  }

  // Commits while the server waits for a standby that is not there, and has `function` done to the session that waits:
  // the server has committed, and cannot say so.
  Status CommitWithoutAnswer(Store& store, const std::string& function) {
    WaitForStandby(true);
    auto done = std::async(std::launch::async, [&] { return Commit(store, TestBatch("1", kStart)); });
    const std::string end = "SELECT count(" + function +
                            "(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND datname IS NOT NULL";
    while (done.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) server_.Ask(end);
    WaitForStandby(false);
    return done.get();
  }

  const TestServer server_;
};

TEST_F(PostgresServerFault, CommitWithoutAnAnswerIsNoSuccessAndMayBeRepeated) {
  const auto store = OpenPostgresStore(server_.url(), true).value();
  Enrol(*store);
  const Status cut = CommitWithoutAnswer(*store, "pg_terminate_backend");
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, Code::kUnavailable) << cut.error().message;
  const std::string held = Content(*store);
  EXPECT_THAT(held, HasSubstr("only-1")) << "the server did commit";
  CommitWell(*store, TestBatch("1", kStart));
  EXPECT_EQ(Content(*store), held);
}

TEST_F(PostgresServerFault, CommitThatNoStandbyHasIsNoSuccess) {
  const auto store = OpenPostgresStore(server_.url(), true).value();
  Enrol(*store);
  const Status cut = CommitWithoutAnswer(*store, "pg_cancel_backend");
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, Code::kUnavailable) << cut.error().message;
  EXPECT_THAT(cut.error().message, HasSubstr("the commit is not certain"));
  CommitWell(*store, TestBatch("2", kStart + 1));
}

// It waited for ever, and with it every report.
TEST_F(PostgresServerFault, ServerThatStandsStillIsGivenUpInTimeForAgentsAndGoneOnWithAfterwards) {
  const auto store = OpenPostgresStore(server_.url(), true).value();
  Enrol(*store);
  CommitWell(*store, TestBatch("1", kStart));
  EXPECT_TRUE(store->FindDevice(DeviceId(1)));
  const std::string before = Content(*store);
  server_.Freeze();
  const auto frozen = std::chrono::steady_clock::now();
  for (const char* session : {"held", "new"}) {
    const Status refused = Commit(*store, TestBatch("2", kStart + 1));
    ASSERT_FALSE(refused) << session;
    EXPECT_EQ(refused.error().code, Code::kUnavailable) << session << ": " << refused.error().message;
  }
  EXPECT_LT(std::chrono::steady_clock::now() - frozen, std::chrono::seconds(28)) << "agents wait for 30 s";
  server_.Thaw();
  CommitWell(*store, TestBatch("3", kStart + 1));
  EXPECT_NE(Content(*store), before);
  EXPECT_EQ(server_.Ask("SELECT count(*) FROM daicho.journal_entry WHERE detail = '2'"), "0");
}

// Rules, lists and queries.
TEST_F(PostgresServerFault, SelectOnAServerThatStandsStillEndsBehindItsLimit) {
  const auto store = OpenPostgresStore(server_.url(), true).value();
  Enrol(*store);
  SelectRequest request;
  request.sql = "SELECT device_id FROM device";
  request.limit_ms = 1000;
  const auto take_all = [](auto, auto) { return true; };
  ASSERT_TRUE(store->Select(request, take_all));
  server_.Freeze();
  const Status refused = store->Select(request, take_all);
  server_.Thaw();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kUnavailable) << refused.error().message;
  EXPECT_THAT(refused.error().message, HasSubstr("has not answered for"));
  EXPECT_TRUE(store->Select(request, take_all));
}

// What a batch sends is more than the kernel takes: not even that may wait for ever.
TEST_F(PostgresServerFault, ServerThatReadsNothingIsGivenUp) {
  const auto connection = PostgresConnection::Open(server_.url(), "", std::chrono::seconds(1)).value();
  const std::string text(1 << 20, 'x');
  server_.Freeze();
  for (int i = 0; i < 8; ++i) connection->Run("SELECT CAST(?1 AS text)", text);
  connection->Settle();
  server_.Thaw();
  EXPECT_TRUE(connection->is_lost());
  EXPECT_EQ(connection->status().error().code, Code::kUnavailable);
}

// A switchover: the former primary is there still, and takes no writes any more.
TEST_F(PostgresServerFault, ServerThatTakesNoMoreWritesIsLeftForTheOneThatDoes) {
  const TestServer standby(TestServer::StandbyOf{server_});
  const auto store =
      OpenPostgresStore("postgresql://daicho@/postgres?host=" + server_.host() + "," + standby.host(), true).value();
  Enrol(*store);
  CommitWell(*store, TestBatch("1", kStart));
  server_.Ask("ALTER SYSTEM SET default_transaction_read_only = on");
  server_.Ask("SELECT pg_reload_conf()");
  standby.Promote();
  const Status refused = Commit(*store, TestBatch("2", kStart + 1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kUnavailable) << refused.error().message;
  CommitWell(*store, TestBatch("2", kStart + 1));
  EXPECT_EQ(standby.Ask("SELECT count(*) FROM daicho.journal_entry WHERE detail = '2'"), "1");
}

}  // namespace
}  // namespace daicho::collector::testing
