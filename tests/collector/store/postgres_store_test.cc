// What is PostgreSQL's own: several collectors, and SQL that must not reach past the views.
#include "collector/store/postgres_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <set>
#include <thread>

#include "collector/store/postgres/connection.h"
#include "collector/store/postgres/schema.h"
#include "collector/store/sqlite_store.h"
#include "tests/collector/store/reports.h"
#include "tests/postgres/test_database.h"
#include "tests/temporary_folder.h"

namespace daicho::collector::testing {
namespace {

using ::testing::HasSubstr;

class PostgresStore : public ::testing::Test {
 protected:
  std::unique_ptr<Store> Open() { return OpenPostgresStore(database_.url(), true).value(); }
  Error OpenError(bool create) {
    const auto store = OpenPostgresStore(database_.url(), create);
    return store ? Error{} : store.error();
  }
  static Error Refusal(const Store& store, const std::string& sql, bool foreign = true) {
    SelectRequest request;
    request.sql = sql;
    request.foreign = foreign;
    request.limit_ms = 20'000;
    const Status done = store.Select(request, [](auto, auto) { return true; });
    return done ? Error{} : done.error();
  }

  const testing_postgres::TestDatabase database_;
};

TEST_F(PostgresStore, MissingLedgerIsNotMadeUnasked) {
  EXPECT_EQ(OpenError(false).code, Code::kNotFound);
  EXPECT_EQ(database_.Ask("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'daicho%'"), "0");
}

// Administrators of a shared server take the right to make schemas away once they are made.
TEST_F(PostgresStore, RoleThatMayNotMakeSchemasOpensItsLedgerAndBringsItUpToDate) {
  const std::string name = database_.Ask("SELECT current_database()");
  database_.Run("CREATE ROLE only_" + name + " LOGIN; CREATE SCHEMA daicho AUTHORIZATION only_" + name +
                "; CREATE SCHEMA daicho_view AUTHORIZATION only_" + name);
  const std::string url = "postgresql://only_" + name + database_.url().substr(database_.url().find('@'));
  for (const bool create : {true, false}) {
    const auto store = OpenPostgresStore(url, create);
    ASSERT_TRUE(store) << store.error().message;
    EnrolDevice(**store, DeviceId(create), "a", kStart);
    EXPECT_EQ(AskOne(**store, "SELECT count(*) FROM device"), create ? "1" : "2");
    database_.Run("UPDATE daicho.store_meta SET value = 'those of then' WHERE key = 'views'");
  }
  EXPECT_EQ(database_.Ask("SELECT has_database_privilege('only_" + name + "', current_database(), 'CREATE')::text"),
            "false");
  database_.Run("DROP OWNED BY only_" + name + "; DROP ROLE only_" + name);
}

// Whoever wanted one row cost the next one a new session, which took a rule of one device from 4 ms to 25.
TEST_F(PostgresStore, SessionOutlivesASelectOfWhichNoMoreIsWanted) {
  const auto store = Open();
  std::set<std::string> sessions;
  for (int i = 0; i < 5; ++i) {
    SelectRequest request;
    request.sql = "SELECT pg_backend_pid() AS pid, n FROM generate_series(1, 100) AS n";
    ASSERT_TRUE(store->Select(request, [&](auto, std::span<const SqlValue> values) {
      sessions.insert(std::to_string(std::get<std::int64_t>(values[0])));
      return false;
    }));
  }
  EXPECT_EQ(sessions.size(), 1U);
}

TEST_F(PostgresStore, SessionIsGivenUpIfTheRestOfAResultDoesNotEnd) {
  const auto store = Open();
  SelectRequest endless;
  endless.sql = "SELECT generate_series(1, 1000000000) AS n";
  ASSERT_TRUE(store->Select(endless, [](auto, auto) { return false; }));
  EXPECT_EQ(AskOne(*store, "SELECT count(*) FROM device"), "0");
}

TEST_F(PostgresStore, NewerLedgerIsRefused) {
  Open();
  database_.Run("UPDATE daicho.store_meta SET value = '99' WHERE key = 'schema'");
  const Error error = OpenError(false);
  EXPECT_EQ(error.code, Code::kFailedPrecondition) << error.message;
  EXPECT_THAT(error.message, HasSubstr("was written by a newer Daicho (schema 99"));
}

class PostgresLedgerOfSchema : public PostgresStore, public ::testing::WithParamInterface<int> {};

TEST_P(PostgresLedgerOfSchema, OpensWithNothingLostAndGoesOn) {
  const Rows rows = {PackageRow("bash", "5.2")};
  {
    const auto store = Open();
    EnrolDevice(*store, DeviceId(1), "a", kStart);
    FeedSection(*store, DeviceId(1), "software", rows, kStart);
  }
  // What each schema from the second on brought.
  const std::vector<std::string> brought = {
      "DROP TABLE daicho.history_state CASCADE", "ALTER TABLE daicho.device_entry DROP COLUMN clock_wrong_at CASCADE",
      "DROP INDEX daicho.software_item_name, daicho.finding_entry_living; "
      "CREATE INDEX software_item_name ON daicho.software_item (name, version_key); "
      "CREATE UNIQUE INDEX finding_entry_living ON daicho.finding_entry (device, rule, subject) "
      "WHERE status <> 'resolved'",
      "ALTER TABLE daicho.section_state DROP COLUMN begun_at"};
  ASSERT_EQ(brought.size() + 1, PostgresMigrations().size());
  for (std::size_t schema = brought.size(); schema >= static_cast<std::size_t>(GetParam()); --schema) {
    database_.Run(brought[schema - 1]);
  }
  database_.Run("UPDATE daicho.store_meta SET value = '" + std::to_string(GetParam()) +
                "' WHERE key = 'schema'; UPDATE daicho.store_meta SET value = 'those of then' WHERE key = 'views'");
  const auto store = Open();
  EXPECT_EQ(store->SectionRows(DeviceId(1), "software").value(), rows);
  EXPECT_EQ(AskOne(*store, "SELECT kept_since FROM history"), "-");
  EXPECT_EQ(
      FeedChange(*store, DeviceId(1), "software", {PackageRow(IncompressibleText(8000), "9")}, kStart + kDay).outcome(),
      v1::APPLIED);
  EXPECT_TRUE(store->Verify([](std::uint64_t, std::uint64_t) { return true; }));
}

INSTANTIATE_TEST_SUITE_P(EachBeforeToday, PostgresLedgerOfSchema,
                         ::testing::Range(1, static_cast<int>(PostgresMigrations().size())));

// None of ours: a site's own index, which the ledger cannot know.
TEST_F(PostgresStore, RowThatNoIndexTakesIsRefusedAndNothingElse) {
  const auto store = Open();
  EnrolDevice(*store, DeviceId(1), "a", kStart);
  database_.Run("CREATE INDEX of_the_site ON daicho.software_item (version)");
  const v1::SectionResult long_one =
      FeedSection(*store, DeviceId(1), "software", {PackageRow("bash", IncompressibleText(8000))}, kStart);
  EXPECT_EQ(long_one.outcome(), v1::REJECTED);
  EXPECT_THAT(long_one.message(), HasSubstr("54000"));
  EXPECT_EQ(FeedSection(*store, DeviceId(1), "software", {PackageRow("bash", "5.2")}, kStart).outcome(), v1::APPLIED);
}

TEST_F(PostgresStore, SoftwareOfANameIsFoundByAnIndex) {
  const auto store = Open();
  EnrolDevice(*store, DeviceId(1), "a", kStart);
  Rows rows;
  for (int i = 0; i < 5000; ++i) rows.push_back(PackageRow("package-" + std::to_string(i), "1." + std::to_string(i)));
  FeedSection(*store, DeviceId(1), "software", rows, kStart);
  database_.Run("ANALYZE daicho.software_item");
  const std::string plan = database_.Ask(
      "EXPLAIN (FORMAT JSON) SELECT software_id FROM daicho_view.software WHERE name = 'package-7' AND version_key < "
      "'\\xff' ORDER BY name, architecture, version_key");
  EXPECT_THAT(plan, HasSubstr("\"software_item_name\""));
  EXPECT_THAT(plan, ::testing::Not(HasSubstr("Seq Scan")));
}

// Whoever forgets finds a set that nothing refers to, since the one who is about to has not committed yet.
TEST_F(PostgresStore, SetThatIsForgottenWhileADeviceTakesItIsAddedAgain) {
  const auto store = Open();
  EnrolDevice(*store, DeviceId(1), "a", kStart);
  database_.Run(
      "CREATE SEQUENCE daicho.once; GRANT ALL ON SEQUENCE daicho.once TO PUBLIC; "
      "CREATE FUNCTION daicho.forget() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
      "IF nextval('daicho.once') = 1 THEN DELETE FROM daicho.software_set WHERE id = NEW.set_id; END IF; "
      "RETURN NEW; END $$; "
      "CREATE TRIGGER forget BEFORE INSERT ON daicho.software_period FOR EACH ROW EXECUTE FUNCTION daicho.forget()");
  const Rows rows = {PackageRow("bash", "5.2")};
  EXPECT_EQ(FeedSection(*store, DeviceId(1), "software", rows, kStart).outcome(), v1::APPLIED);
  EXPECT_EQ(database_.Ask("SELECT last_value FROM daicho.once"), "2") << "the first try met nothing";
  EXPECT_EQ(store->SectionRows(DeviceId(1), "software").value(), rows);
}

// One character that the encoding has not, and a device could never report.
TEST(PostgresEncoding, DatabaseThatCannotHaveEveryCharacterIsRefused) {
  for (const std::string encoding : {"LATIN1", "EUC_JP", "SQL_ASCII"}) {
    const testing_postgres::TestDatabase database("TEMPLATE template0 ENCODING '" + encoding +
                                                  "' LC_COLLATE 'C' LC_CTYPE 'C'");
    const auto store = OpenPostgresStore(database.url(), true);
    ASSERT_FALSE(store) << encoding;
    EXPECT_EQ(store.error().code, Code::kFailedPrecondition);
    EXPECT_THAT(store.error().message, ::testing::AllOf(HasSubstr(encoding), HasSubstr("UTF8")));
    EXPECT_EQ(database.Ask("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'daicho%'"), "0");
  }
}

TEST_F(PostgresStore, SchemaOfAnotherProgramIsRefused) {
  database_.Run("CREATE SCHEMA daicho; CREATE TABLE daicho.t (x int)");
  EXPECT_EQ(OpenError(true).code, Code::kDataLoss);
}

TEST_F(PostgresStore, ReadOnlyProvesBesideTheWriterAndChangesNothing) {
  EXPECT_EQ(OpenPostgresStoreToRead(database_.url()).error().code, Code::kNotFound);
  EXPECT_EQ(database_.Ask("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'daicho%'"), "0");
  const auto writer = Open();
  EnrolDevice(*writer, DeviceId(1), "a", kStart);
  FeedSection(*writer, DeviceId(1), "software", {PackageRow("bash", "5.2")}, kStart);
  const auto reader = OpenPostgresStoreToRead(database_.url()).value();
  const auto counts = reader->Verify([](auto, auto) { return true; });
  ASSERT_TRUE(counts) << counts.error().message;
  EXPECT_EQ(counts->items, 1u);
  std::vector<StoreWrite> batch = {JournalWrite{kStart, "collector", "test", "", {}}};
  EXPECT_EQ(reader->Commit(batch).error().code, Code::kFailedPrecondition);
  for (const char* version : {"0", "99"}) {
    database_.Run("UPDATE daicho.store_meta SET value = '" + std::string(version) + "' WHERE key = 'schema'");
    const auto other = OpenPostgresStoreToRead(database_.url());
    ASSERT_FALSE(other) << version;
    EXPECT_EQ(database_.Ask("SELECT value FROM daicho.store_meta WHERE key = 'schema'"), version);
  }
}

TEST_F(PostgresStore, ServersThatAreNotThereAreNamedWithoutPassword) {
  for (const char* url :
       {"postgresql://someone:secret@127.0.0.1:1/x", "postgresql://someone:secret@/x?host=/nowhere"}) {
    const auto store = OpenPostgresStore(url);
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, Code::kUnavailable) << store.error().message;
    EXPECT_EQ(store.error().message.find("secret"), std::string::npos) << store.error().message;
  }
  EXPECT_EQ(OpenPostgresStore("postgresql://[broken").error().code, Code::kInvalidArgument);
}

TEST_F(PostgresStore, ViewsHaveTheColumnsOfTheOtherEngine) {
  const TemporaryFolder folder;
  const auto sqlite = OpenSqliteStore(folder.File("ledger.db"), {.create = true}).value();
  const auto postgres = Open();
  for (const char* view : {"device", "section", "account", "user_group", "software", "installation",
                           "network_interface", "listener", "finding", "account_history", "installation_history",
                           "listener_history", "journal", "export_run", "token", "section_history"}) {
    std::vector<std::string> ours;
    std::vector<std::string> theirs;
    const SelectRequest all{std::string("SELECT * FROM ") + view, {}, {}, {}};
    ASSERT_TRUE(sqlite->Select(all, [](auto, auto) { return true; }, &theirs));
    ASSERT_TRUE(postgres->Select(all, [](auto, auto) { return true; }, &ours));
    EXPECT_EQ(ours, theirs) << view;
  }
}

TEST_F(PostgresStore, ForeignSelectsCallOnlyWhatIsForThem) {
  const auto store = Open();
  for (const char* sql : {"SELECT pg_sleep(1)",
                          "SELECT pg_read_file('/etc/passwd')",
                          "SELECT \"pg_read_file\" ('/etc/passwd')",
                          "SELECT pg_catalog.pg_sleep(1)",
                          "SELECT lo_import('/etc/passwd')",
                          "SELECT set_config('role', 'x', false)",
                          "SELECT query_to_xml('SELECT * FROM daicho.token_entry', true, true, '')",
                          "SELECT current_setting('data_directory')",
                          "SELECT pg_terminate_backend(1)",
                          "SELECT repeat('x', 1000000000)",
                          "SELECT lpad('x', 1000000000)",
                          "SELECT nextval('daicho.device_entry_id_seq')",
                          "WITH dblink AS (SELECT 1) SELECT pg_ls_dir('/')",
                          "SELECT * FROM generate_series(1, 1000000000)",
                          "SELECT /* ( */ pg_sleep /* x */ (1)",
                          "SELECT string_agg(hostname, '') FROM device",
                          "SELECT * FROM pg_shadow",
                          "SELECT usename FROM pg_catalog.pg_user",
                          "SELECT * FROM information_schema.tables",
                          "TABLE pg_shadow",
                          "SELECT (SELECT count(*) FROM pg_authid)",
                          "SELECT token_hash FROM daicho.token_entry",
                          "SELECT * FROM daicho.\"token_entry\"",
                          "SELECT hostname INTO x FROM device",
                          "SELECT 1 FROM device FOR UPDATE",
                          "WITH gone AS (DELETE FROM device RETURNING 1) SELECT * FROM gone",
                          "COPY device TO '/tmp/x'",
                          "SHOW all",
                          "SET role x",
                          "EXPLAIN ANALYZE SELECT 1",
                          "DO 'x'",
                          "SELECT 1; DROP SCHEMA daicho CASCADE"}) {
    const Error refusal = Refusal(*store, sql);
    EXPECT_EQ(refusal.code, Code::kInvalidArgument) << sql << ": " << refusal.message;
  }
  for (const char* sql : {"SELECT count(*), max(lower(hostname)) FROM device WHERE coalesce(hostname, '') LIKE 'pg_%'",
                          "SELECT json_list(hostname) FROM device",
                          "WITH mine(a, b) AS (VALUES (1, 'x')) SELECT a FROM mine WHERE b IN ('x', 'y')",
                          "SELECT datetime(last_seen, 'unixepoch'), CAST(last_seen AS text) FROM device",
                          "SELECT row_number() OVER (ORDER BY hostname) FROM device"}) {
    EXPECT_EQ(Refusal(*store, sql).message, "") << sql;
  }
}

TEST_F(PostgresStore, VersionKeysAreThoseOfTheCollector) {
  const auto store = Open();
  EnrolDevice(*store, DeviceId(1), "a", kStart);
  FeedSection(*store, DeviceId(1), "software",
              {PackageRow("old", "9.2"), PackageRow("new", "10.1"), PackageRow("epoch", "1:0.1")}, kStart);
  const std::string below = "SELECT name FROM installation WHERE version_key < version_key(manager, ";
  EXPECT_EQ(AskOne(*store, below + "'10.0')"), "old");
  EXPECT_EQ(AskOne(*store, below + ":v)", {{"v", "10.0"}}), "old");
  EXPECT_THAT(
      Refusal(*store, "SELECT count(*) FROM software WHERE version_key = version_key(manager, version)").message,
      HasSubstr("takes a version that is written there or is a parameter (column 62)"));
}

TEST_F(PostgresStore, TextsThatTheServerCannotHaveAreKeptAsBytes) {
  const auto store = Open();
  EnrolDevice(*store, DeviceId(1), "a", kStart);
  using namespace std::string_literals;
  v1::Account account;
  account.set_name("nul\0name"s);
  account.set_uid(1000);
  account.add_groups("nul\0group"s);
  const std::string row = account.SerializeAsString();
  EXPECT_EQ(FeedSection(*store, DeviceId(1), "accounts", {row}, kStart).outcome(), v1::APPLIED);
  EXPECT_EQ(FeedSection(*store, DeviceId(1), "software", {PackageRow("nul\0package"s, "1")}, kStart).outcome(),
            v1::APPLIED);
  EXPECT_EQ(store->SectionRows(DeviceId(1), "accounts").value(), Rows{row});
  EXPECT_EQ(AskOne(*store, "SELECT name FROM account"), "nul\xef\xbf\xbdname");
  EXPECT_EQ(AskOne(*store, "SELECT value FROM account, json_each(account.groups)"), "nul group");
  EXPECT_EQ(AskOne(*store, "SELECT name FROM installation"), "nul\xef\xbf\xbdpackage");
}

TEST_F(PostgresStore, CollectorsAtOnceLoseNothingAndMixNothing) {
  constexpr int kCollectors = 4;
  constexpr int kReports = 25;
  Open();
  std::vector<std::thread> collectors;
  for (int collector = 0; collector < kCollectors; ++collector) {
    collectors.emplace_back([this, collector] {
      const auto store = Open();
      for (int report = 0; report < kReports; ++report) {
        const std::string device = DeviceId(collector * kReports + report);
        EnrolDevice(*store, device, "host", kStart);
        // The same new packages everywhere, in orders of their own.
        Rows rows;
        for (int i = 0; i < 40; ++i) {
          const int number = (i * 7 + collector * 11) % 40 + report * 10;
          rows.push_back(PackageRow("package-" + std::to_string(number), "1." + std::to_string(report)));
        }
        ASSERT_EQ(FeedSection(*store, device, "software", rows, kStart + report).outcome(), v1::APPLIED);
        OrderRows(rows);
        ASSERT_EQ(store->SectionRows(device, "software").value(), rows);
        CommitOne(*store, JournalWrite{.at = kStart, .actor = "c", .action = "r", .detail = device, .result = {}});
      }
    });
  }
  for (std::thread& collector : collectors) collector.join();
  const auto store = Open();
  EXPECT_EQ(AskOne(*store, "SELECT count(*) FROM device"), "100");
  EXPECT_EQ(AskOne(*store, "SELECT count(*) FROM journal"), "300");
  EXPECT_EQ(AskOne(*store, "SELECT max(seq) FROM journal"), "300") << "one chain";
  EXPECT_EQ(AskOne(*store, "SELECT count(DISTINCT name || version) FROM software"),
            AskOne(*store, "SELECT count(*) FROM software"));
}

// The second one failed with a duplicate key, and its whole sweep with it.
TEST_F(PostgresStore, FindingThatTwoCollectorsOpenAtOnceIsOpenedOnce) {
  const auto first = Open();
  const auto second = Open();
  EnrolDevice(*first, DeviceId(1), "a", kStart);
  // Both have seen that there is none, and wait here with theirs.
  const auto gate = PostgresConnection::Open(database_.url(), kTablesPath).value();
  ASSERT_TRUE(gate->Script("BEGIN; LOCK TABLE finding_entry IN SHARE MODE"));
  const auto open_in = [](Store& store) {
    FindingsWrite write;
    write.rule = "account-unused";
    write.severity = "low";
    write.at = kStart;
    write.candidates = {{DeviceId(1), "sato", {{"days", "90"}}}, {DeviceId(1), "tanaka", {{"days", "90"}}}};
    return CommitOne(store, std::move(write)).result;
  };
  auto one = std::async(std::launch::async, [&] { return open_in(*first); });
  auto other = std::async(std::launch::async, [&] { return open_in(*second); });
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);  // theirs is a timeout of the lock
  while (database_.Ask("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = "
                       "'daicho.finding_entry'::regclass") != "2" &&
         std::chrono::steady_clock::now() < until) {
  }
  ASSERT_TRUE(gate->Script("COMMIT"));
  const Result<FindingsCount> counts[] = {one.get(), other.get()};
  for (const auto& count : counts) ASSERT_TRUE(count) << count.error().message;
  EXPECT_EQ(counts[0]->opened + counts[1]->opened, 2u);
  EXPECT_EQ(counts[0]->kept + counts[1]->kept, 2u);
  EXPECT_EQ(AskOne(*first, "SELECT count(*) FROM finding WHERE status = 'open'"), "2");
}

// Two collectors report for the same devices (cloned state, or an agent that went over) in opposite orders.
TEST_F(PostgresStore, CollectorsThatMeetOnTheSameDevicesDoNotEndEachOther) {
  const auto first = Open();
  for (int i = 0; i < 8; ++i) EnrolDevice(*first, DeviceId(i), "host", kStart);
  std::vector<std::thread> collectors;
  for (const bool backwards : {false, true}) {
    collectors.emplace_back([this, backwards] {
      const auto store = Open();
      for (int round = 0; round < 30; ++round) {
        std::vector<StoreWrite> batch;
        for (int i = 0; i < 8; ++i) {
          batch.emplace_back(NewCheckIn(DeviceId(backwards ? 7 - i : i), kStart + round).write);
        }
        const Status done = store->Commit(batch);
        ASSERT_TRUE(done) << done.error().message;
      }
    });
  }
  for (std::thread& collector : collectors) collector.join();
}

}  // namespace
}  // namespace daicho::collector::testing
