// What daicho-fleet does with what the devices say, without a collector.
#include <gmock/gmock.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <set>

#include "common/files.h"
#include "tests/bench/fleet/exactness.h"
#include "tests/bench/fleet/figures.h"
#include "tests/bench/fleet/fleet_state.h"
#include "tests/bench/fleet/machine_facts.h"
#include "tests/bench/fleet/worker_pool.h"
#include "tests/bench/meters.h"
#include "tests/postgres/test_database.h"
#include "tests/temporary_folder.h"

namespace daicho::fleet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// --- exactness -------------------------------------------------------------------------------------------------------

class ExactnessTest : public ::testing::Test {
 protected:
  // What a collector that holds everything answers.
  ExactnessTest() {
    for (const v1::SectionState& state : facts_.StatesOf(4, 1)) *detail_.add_sections() = state;
    Add("accounts", detail_.mutable_accounts());
    Add("listeners", detail_.mutable_listeners());
    Add("network", detail_.mutable_interfaces());
    detail_.mutable_os()->ParseFromString(facts_.RowsOf("os", 4, 1)->front());
    detail_.mutable_hardware()->ParseFromString(facts_.RowsOf("hardware", 4, 1)->front());
    const auto rows = facts_.RowsOf(kSoftware, 4, 1);
    for (const std::string& row : *rows) software_.push_back(SoftwareEntryOf(expected_, row));
  }
  template <typename Messages>
  void Add(const char* section, Messages* messages) {
    const auto rows = facts_.RowsOf(section, 4, 1);
    for (const std::string& row : *rows) messages->Add()->ParseFromString(row);
  }
  std::vector<std::string> Differences() const { return DifferencesIn(facts_, expected_, detail_, software_); }

  const FleetFacts facts_{{.seed = 1, .packages = 100}};
  const Expected expected_{.device_id = "d1", .machine = 4, .generation = 1};
  v1::DeviceDetail detail_;
  std::vector<v1::SoftwareEntry> software_;
};

TEST_F(ExactnessTest, WhatWasSentIsExact) { EXPECT_THAT(Differences(), IsEmpty()); }

TEST_F(ExactnessTest, OneOldVersionIsFound) {
  software_[42].set_version("0.9");
  EXPECT_THAT(Differences(), ElementsAre(HasSubstr("sent and not held"), HasSubstr("\"0.9\"")));
}

TEST_F(ExactnessTest, AnotherTimeOfInstallationIsFound) {
  software_[7].mutable_installed_at()->set_seconds(1);
  EXPECT_EQ(Differences().size(), 2u);
}

TEST_F(ExactnessTest, APackageThatIsMissingOrTwiceIsFound) {
  const v1::SoftwareEntry last = software_.back();
  software_.pop_back();
  EXPECT_THAT(Differences(), ElementsAre(HasSubstr("sent and not held")));
  software_.push_back(last);
  software_.push_back(last);
  EXPECT_THAT(Differences(), ElementsAre(HasSubstr("held and not sent")));
}

TEST_F(ExactnessTest, TheRowsOfAnotherDeviceAreFound) {
  software_[3].set_device_id("d2");
  EXPECT_THAT(Differences(), ElementsAre(HasSubstr("d1"), HasSubstr("d2")));
}

TEST_F(ExactnessTest, EverySectionIsLookedAt) {
  for (int i = 0; i < detail_.sections_size(); ++i) {
    v1::SectionState& state = *detail_.mutable_sections(i);
    const v1::SectionState good = state;
    state.set_digest(std::string(kDigestBytes, 'x'));
    EXPECT_THAT(Differences(), ElementsAre(HasSubstr(state.name()))) << state.name();
    state = good;
  }
  detail_.mutable_accounts(5)->set_enabled(true);
  EXPECT_THAT(Differences(), ElementsAre(HasSubstr("accounts"), HasSubstr("accounts")));
}

TEST_F(ExactnessTest, ADeviceThatIsNotHeldAtAllIsFound) {
  detail_.Clear();
  software_.clear();
  EXPECT_FALSE(Differences().empty());
}

// --- worker pool -----------------------------------------------------------------------------------------------------

class WorkerPoolTest : public ::testing::Test {
 protected:
  PoolResult Run(std::uint32_t count, std::uint32_t parallel, std::uint32_t tries, const Job& job) {
    const PoolSettings settings{
        .parallel = parallel, .tries = tries, .deadline = SteadyClock::now() + limit_, .stop = stop_, .progress = ""};
    return RunJobs(count, settings, job);
  }
  static Attempt Busy(std::uint32_t seconds = 0) {
    return {.status = Fail(Code::kResourceExhausted, "busy"), .retry_after_seconds = seconds};
  }

  std::atomic<bool> stop_{false};
  std::chrono::milliseconds limit_{60'000};
};

TEST_F(WorkerPoolTest, EachJobIsDoneOnceWhateverTheNumberOfWorkers) {
  std::vector<std::atomic<int>> calls(500);
  const PoolResult result = Run(500, 64, 3, [&](auto position, auto worker) {
    EXPECT_LT(worker, 64u);
    ++calls[position];
    return Attempt{};
  });
  for (const auto& count : calls) EXPECT_EQ(count, 1);
  EXPECT_EQ(result.visit_ms.size(), 500u);
  EXPECT_THAT(result.errors, IsEmpty());
}

TEST_F(WorkerPoolTest, WhoIsToldToComeAgainDoesAfterThatTime) {
  std::atomic<int> calls = 0;
  const PoolResult result = Run(1, 2, 3, [&](auto, auto) { return ++calls == 1 ? Busy(1) : Attempt{}; });
  EXPECT_EQ(calls, 2);
  EXPECT_TRUE(result.done[0]);
  EXPECT_EQ(result.retried.at("RESOURCE_EXHAUSTED"), 1u);
  EXPECT_GE(result.visit_ms[0], 1000);
  EXPECT_LT(result.try_ms[0], result.visit_ms[0]);
}

TEST_F(WorkerPoolTest, WaitsAreBoundedWhereThatIsWanted) {
  std::atomic<int> calls = 0;
  const PoolSettings impatient{.parallel = 1,
                               .tries = 2,
                               .longest_wait = std::chrono::milliseconds(1),
                               .deadline = SteadyClock::now() + limit_,
                               .stop = stop_,
                               .progress = ""};
  EXPECT_TRUE(RunJobs(1, impatient, [&](auto, auto) { return ++calls == 1 ? Busy(3'600) : Attempt{}; }).done[0]);
}

TEST_F(WorkerPoolTest, TriesAreBounded) {
  std::atomic<int> calls = 0;
  const PoolResult result = Run(3, 2, 1, [&](auto, auto) {
    ++calls;
    return Busy(1);
  });
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(result.errors.at("RESOURCE_EXHAUSTED"), 3u);
  EXPECT_EQ(result.messages.at("RESOURCE_EXHAUSTED"), "busy");
}

TEST_F(WorkerPoolTest, ARefusalIsNotTriedAgain) {
  std::atomic<int> calls = 0;
  const PoolResult result = Run(1, 1, 5, [&](auto, auto) {
    ++calls;
    return Attempt{.status = Fail(Code::kPermissionDenied, "revoked")};
  });
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(result.errors.at("PERMISSION_DENIED"), 1u);
}

TEST_F(WorkerPoolTest, TimeIsBoundedAlsoForThoseWhoWait) {
  limit_ = std::chrono::milliseconds(100);
  const PoolResult result = Run(2, 2, 5, [&](auto position, auto) { return position == 0 ? Attempt{} : Busy(3600); });
  EXPECT_LT(result.seconds, 60);
  EXPECT_TRUE(result.done[0]);
  EXPECT_EQ(result.errors.at("NOT_DONE"), 1u);
}

TEST_F(WorkerPoolTest, AnInterruptionEndsIt) {
  const PoolResult result = Run(1000, 1, 5, [&](auto position, auto) {
    stop_ = position == 9;
    return Attempt{};
  });
  EXPECT_EQ(result.visit_ms.size(), 10u);
  EXPECT_EQ(result.errors.at("NOT_DONE"), 990u);
}

// --- state, meters, figures ------------------------------------------------------------------------------------------

TEST(FleetState, KeepsIdentitiesAndGrows) {
  const TemporaryFolder folder;
  const std::string path = folder.File("tokens.fleet");
  const FleetSpec spec{.seed = 1, .packages = 100};
  Fleet fleet = LoadFleet(path, spec, "c", 2).value();
  fleet.mutable_devices(1)->set_device_id("d1");
  ASSERT_TRUE(SaveFleet(path, fleet));
  const auto again = LoadFleet(path, spec, "c", 5);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->devices_size(), 5);
  EXPECT_EQ(again->devices(1).device_id(), "d1");
  EXPECT_EQ(LoadFleet(path, spec, "c", 1)->devices_size(), 2) << "the others stay known";
}

TEST(FleetState, OfAnotherFleetIsRefused) {
  const TemporaryFolder folder;
  const std::string path = folder.File("tokens.fleet");
  ASSERT_TRUE(SaveFleet(path, LoadFleet(path, {.seed = 1, .packages = 100}, "c", 2).value()));
  EXPECT_EQ(LoadFleet(path, {.seed = 2, .packages = 100}, "c", 2).error().code, Code::kFailedPrecondition);
  EXPECT_EQ(LoadFleet(path, {.seed = 1, .packages = 101}, "c", 2).error().code, Code::kFailedPrecondition);
  EXPECT_EQ(LoadFleet(path, {.seed = 1, .packages = 100}, "d", 2).error().code, Code::kFailedPrecondition);
  ASSERT_TRUE(WriteFileAtomically(path, "no state"));
  EXPECT_EQ(LoadFleet(path, {.seed = 1, .packages = 100}, "c", 2).error().code, Code::kDataLoss);
}

TEST(FleetState, TokensAreOneALine) {
  const TemporaryFolder folder;
  ASSERT_TRUE(WriteFileAtomically(folder.File("tokens"), "abc\r\n\n  def \n"));
  EXPECT_THAT(LoadTokens(folder.File("tokens")).value(), ElementsAre("abc", "def"));
  EXPECT_EQ(LoadTokens(folder.File("none")).error().code, Code::kNotFound);
}

TEST(Meters, ReadThisProcess) {
  const auto use = meters::UseOf(::getpid());
  ASSERT_TRUE(use) << use.error().message;
  EXPECT_GT(use->rss_kib, 1000u);
  EXPECT_GE(use->peak_rss_kib, use->rss_kib);
  EXPECT_LE(use->cpu_seconds, meters::OwnCpuSeconds() + 1);
  EXPECT_EQ(meters::UseOf(0x7ffffff0).error().code, Code::kNotFound);
}

// A server is a tree: what its sessions used counts, also once they have ended.
TEST(Meters, ReadAPostgresServerWithItsEndedSessions) {
  const testing_postgres::TestDatabase database;
  const pid_t postmaster = meters::PostmasterOf(database.url());
  const double before = meters::ServerCpuSeconds(postmaster).value();
  database.Run("SELECT count(*) FROM generate_series(1, 2000000)");
  double after = before;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);  // the session may end after the call
  while (after < before + 0.05 && std::chrono::steady_clock::now() < end) {
    after = meters::ServerCpuSeconds(postmaster).value();
  }
  EXPECT_GE(after, before + 0.05);
  EXPECT_LT(after, before + 30);
  EXPECT_EQ(meters::ServerCpuSeconds(-1).error().code, Code::kNotFound);
}

TEST(Meters, ReadTheBytesOfALedgerOnEitherEngine) {
  const TemporaryFolder folder;
  ASSERT_TRUE(WriteFileAtomically(folder.File("ledger"), std::string(100'000, 'x')));
  EXPECT_GE(meters::StoreBytes(folder.File("ledger")), 100'000u);
  const testing_postgres::TestDatabase database;
  database.Run("CREATE SCHEMA daicho; CREATE TABLE daicho.t (x text); CREATE TABLE public.other (x text)");
  const std::uint64_t empty = meters::StoreBytes(database.url());
  database.Run("INSERT INTO public.other SELECT repeat('x', 1000) FROM generate_series(1, 1000)");
  EXPECT_EQ(meters::StoreBytes(database.url()), empty);
  database.Run("INSERT INTO daicho.t SELECT repeat('x', 1000) FROM generate_series(1, 1000)");
  EXPECT_GE(meters::StoreBytes(database.url()), empty + 1'000'000);
}

TEST(FleetFigures, SpreadIsByNearestRank) {
  std::vector<double> values;
  for (int i = 100; i >= 1; --i) values.push_back(i);
  const Spread spread = SpreadOf(values);
  EXPECT_EQ(spread.p50, 50);
  EXPECT_EQ(spread.p90, 90);
  EXPECT_EQ(spread.p99, 99);
  EXPECT_EQ(spread.max, 100);
  EXPECT_EQ(SpreadOf({7}).p50, 7);
  EXPECT_EQ(SpreadOf({}).max, 0);
}

TEST(FleetFigures, JsonIsOneObjectWhateverTheMessagesSay) {
  Figures figures;
  figures.visits.done = 3;
  figures.visits.seconds = 2;
  figures.visits.errors["INTERNAL"] = 1;
  figures.visits.messages["INTERNAL"] = "it said \"no\"\n";
  figures.visits.collector_cpu_seconds = 0.006;
  figures.exactness = Exactness{.exact = 2, .not_exact = 1, .problems = {"pc-1 \"x\"", "pc-2"}};
  google::protobuf::Struct json;
  const auto parsed = google::protobuf::util::JsonStringToMessage(ToJson(figures), &json);
  ASSERT_TRUE(parsed.ok()) << ToJson(figures);
  EXPECT_EQ(json.fields().at("visits_per_second").number_value(), 1.5);
  EXPECT_EQ(json.fields().at("collector_cpu_ms_per_visit").number_value(), 2);
  EXPECT_EQ(json.fields().at("errors").struct_value().fields().at("INTERNAL").number_value(), 1);
  EXPECT_EQ(json.fields().at("problems").list_value().values_size(), 2);
  EXPECT_THAT(ToTable(figures), HasSubstr("1 INTERNAL: it said"));
}

TEST(FleetFigures, VerdictIsTheExitCode) {
  Figures figures;
  figures.visits.done = 2;
  figures.exactness = Exactness{.exact = 2};
  EXPECT_EQ(Judge(figures), ExitCode::kDone);
  figures.exactness->not_exact = 1;
  EXPECT_EQ(Judge(figures), ExitCode::kFindings);
  figures.exactness = Exactness{.exact = 1, .not_read = 1};
  EXPECT_EQ(Judge(figures), ExitCode::kFindings);
  figures.exactness.reset();
  figures.visits.errors["UNAVAILABLE"] = 1;
  EXPECT_EQ(Judge(figures), ExitCode::kFindings);
  figures.visits.done = 0;
  EXPECT_EQ(Judge(figures), ExitCode::kUnreachable);
}

}  // namespace
}  // namespace daicho::fleet
