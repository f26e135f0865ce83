// What was the case at another time.
#include <gmock/gmock.h>

#include <chrono>
#include <optional>
#include <thread>

#include "common/time_format.h"
#include "tests/collector/services/service_site.h"
#include "tests/collector/store/reports.h"

namespace daicho::collector {
namespace {

using namespace std::chrono_literals;

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAreArray;

constexpr UnixTime kHour = 3600;

class History : public ServiceSite {
 protected:
  // What is certified after now, by the real clock, is not valid yet.
  History() { clock_.Advance(-10 * kHour); }

  grpc::Status ShowAt(const std::string& device, UnixTime at, v1::DeviceDetail* detail) {
    grpc::ClientContext context;
    v1::ShowDeviceRequest request;
    request.set_device(device);
    *request.mutable_at() = ToTimestamp(at);
    return ServiceSite::Admin(Role::kViewer)->ShowDevice(&context, request, detail);
  }

  grpc::Status AskChanges(const v1::ListChangesRequest& request, std::vector<v1::Change>& changes) {
    grpc::ClientContext context;
    const auto stub = ServiceSite::Admin(Role::kViewer);
    const auto reader = stub->ListChanges(&context, request);
    v1::Change change;
    while (reader->Read(&change)) changes.push_back(change);
    return reader->Finish();
  }

  // Software and accounts of two moments, an hour apart; the earlier one.
  UnixTime ReportThenAndNow(v1::Inventory::Stub& device) {
    const std::string root = AccountRow("root", 0, true, false);
    EXPECT_EQ(ReportFull(device, "accounts", {root, AccountRow("toor", 0, true, false)}), v1::APPLIED);
    EXPECT_EQ(ReportFull(device, "software", {SoftwareRow("openssl", "3.0.11")}), v1::APPLIED);
    const UnixTime then = clock_.Now();
    clock_.Advance(kHour);
    EXPECT_EQ(ReportFull(device, "accounts", {root}), v1::APPLIED);
    EXPECT_EQ(ReportFull(device, "software", {SoftwareRow("openssl", "3.0.13"), SoftwareRow("zlib1g", "1")}),
              v1::APPLIED);
    return then;
  }

  grpc::Status AskSoftware(UnixTime at, const std::string& below, std::vector<v1::SoftwareEntry>* entries) {
    grpc::ClientContext context;
    v1::ListSoftwareRequest request;
    if (!below.empty()) request.set_name("openssl");
    request.set_below(below);
    *request.mutable_at() = ToTimestamp(at);
    const auto stub = ServiceSite::Admin(Role::kViewer);
    const auto reader = stub->ListSoftware(&context, request);
    v1::SoftwareEntry entry;
    while (reader->Read(&entry)) entries->push_back(entry);
    return reader->Finish();
  }

  grpc::Status AskAccounts(UnixTime at, std::vector<v1::AccountEntry>* entries) {
    grpc::ClientContext context;
    v1::ListAccountsRequest request;
    *request.mutable_at() = ToTimestamp(at);
    const auto stub = ServiceSite::Admin(Role::kViewer);
    const auto reader = stub->ListAccounts(&context, request);
    v1::AccountEntry entry;
    while (reader->Read(&entry)) entries->push_back(entry);
    return reader->Finish();
  }

  std::vector<std::string> SoftwareAt(UnixTime at, const std::string& below = "") {
    std::vector<v1::SoftwareEntry> entries;
    EXPECT_TRUE(AskSoftware(at, below, &entries).ok());
    std::vector<std::string> lines;
    for (const v1::SoftwareEntry& entry : entries) {
      lines.push_back(entry.name() + " " + entry.version() + " as of " + FormatTime(FromTimestamp(entry.at())));
    }
    return lines;
  }

  std::vector<std::string> AccountsAt(UnixTime at) {
    std::vector<v1::AccountEntry> entries;
    EXPECT_TRUE(AskAccounts(at, &entries).ok());
    std::vector<std::string> names;
    for (const v1::AccountEntry& entry : entries) names.push_back(entry.account().name());
    return names;
  }

  static v1::ListChangesRequest Between(UnixTime since, UnixTime until, const std::string& device = {}) {
    v1::ListChangesRequest request;
    *request.mutable_since() = ToTimestamp(since);
    *request.mutable_until() = ToTimestamp(until);
    request.set_device(device);
    return request;
  }

  // "pc software changed openssl (amd64): version 3.0.11>3.0.13"
  std::vector<std::string> Changes(const v1::ListChangesRequest& request) {
    std::vector<v1::Change> changes;
    const grpc::Status status = AskChanges(request, changes);
    EXPECT_TRUE(status.ok()) << status.error_message();
    std::vector<std::string> lines;
    for (const v1::Change& change : changes) {
      std::string line = change.hostname() + " " + change.section() + " " + change.kind();
      if (!change.subject().empty()) line += " " + change.subject();
      if (change.kind() == "changed") {
        for (const v1::FieldDifference& field : change.fields()) {
          line += ": " + field.field() + " " + field.before() + ">" + field.after();
        }
      }
      lines.push_back(line);
    }
    return lines;
  }

  grpc::Status Verify(std::optional<v1::VerifyLedgerOutcome>& outcome) {
    grpc::ClientContext context;
    const auto stub = ServiceSite::Admin(Role::kViewer);
    const auto reader = stub->VerifyLedger(&context, {});
    v1::VerifyLedgerProgress progress;
    while (reader->Read(&progress)) {
      if (progress.has_outcome()) outcome = progress.outcome();
    }
    return reader->Finish();
  }
};

// What tells a machine from others in a network is decided twice: by the view `device` for now, here for the past.
TEST_F(History, AddressesOfNowAreTheSameAskedForAsThePast) {
  const EnrolledDevice device = EnrolDevice("pc");
  const auto stub = Inventory(device.shown);
  clock_.Advance(kHour);
  namespace rows = testing;
  ASSERT_EQ(ReportFull(*stub, "network",
                       {rows::InterfaceRow("lo", "00:00:00:00:00:00", {"127.0.0.1/8", "::1/128"}, "loopback"),
                        rows::InterfaceRow("eth0", "02:00:00:00:00:01",
                                           {"192.0.2.7/24", "169.254.3.4/16", "fe80::1/64", "2001:db8::7/64"}),
                        rows::InterfaceRow("docker0", "02:00:00:00:00:02", {"172.17.0.1/16"}, "bridge", true),
                        rows::InterfaceRow("tun0", "", {"10.8.0.2/24", "feb0::1/64", "fec0::1/64"}, "tunnel", true)}),
            v1::APPLIED);
  clock_.Advance(kHour);
  v1::DeviceDetail past;
  ASSERT_TRUE(ShowAt(device.id, clock_.Now(), &past).ok());
  v1::DeviceDetail now;
  grpc::ClientContext context;
  v1::ShowDeviceRequest request;
  request.set_device(device.id);
  ASSERT_TRUE(ServiceSite::Admin(Role::kViewer)->ShowDevice(&context, request, &now).ok());
  EXPECT_THAT(past.device().addresses(), UnorderedElementsAreArray(now.device().addresses()));
  EXPECT_THAT(past.device().macs(), UnorderedElementsAreArray(now.device().macs()));
  EXPECT_GE(now.device().addresses_size(), 3);
}

TEST_F(History, ListsAreOfTheMomentAskedFor) {
  const EnrolledDevice device = EnrolDevice("pc");
  const auto stub = Inventory(device.shown);
  const UnixTime then = ReportThenAndNow(*stub);
  Revoke(device.id);

  EXPECT_THAT(SoftwareAt(then), ElementsAre("openssl 3.0.11 as of " + FormatTime(then)));
  EXPECT_THAT(SoftwareAt(then, "3.0.12"), ElementsAre("openssl 3.0.11 as of " + FormatTime(then)));
  EXPECT_THAT(SoftwareAt(clock_.Now()), IsEmpty()) << "it is revoked by now";
  EXPECT_THAT(AccountsAt(then), ElementsAre("root", "toor"));
  EXPECT_THAT(AccountsAt(then - kHour), IsEmpty()) << "nothing was known yet";
  EXPECT_THAT(AccountsAt(clock_.Now()), IsEmpty()) << "it is revoked by now";
}

TEST_F(History, WhatIsForgottenIsSaidToBeSo) {
  const EnrolledDevice device = EnrolDevice("pc");
  clock_.Advance(kHour);
  const UnixTime kept_since = clock_.Now() - 60;
  ASSERT_TRUE(committer_->Submit(
      RetentionWrite{.keep_since = kept_since, .after_device = "", .devices_done = true, .result = {}}));

  v1::DeviceDetail detail;
  EXPECT_TRUE(ShowAt(device.id, kept_since, &detail).ok());
  std::vector<v1::Change> changes;
  EXPECT_TRUE(AskChanges(Between(kept_since, clock_.Now()), changes).ok());
  for (const grpc::Status& status :
       {ShowAt(device.id, kept_since - 1, &detail), AskChanges(Between(kept_since - 1, clock_.Now()), changes),
        AskSoftware(kept_since - 1, "", nullptr), AskAccounts(kept_since - 1, nullptr)}) {
    EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
    EXPECT_THAT(status.error_message(), HasSubstr("forgotten what was before " + FormatTime(kept_since)));
  }
}

TEST_F(History, ADeviceIsShownAsItWas) {
  const EnrolledDevice device = EnrolDevice("pc");
  const auto stub = Inventory(device.shown);
  clock_.Advance(kHour);
  v1::NetworkInterface interface;
  interface.set_name("eth0");
  interface.set_mac("02:00:00:00:00:01");
  interface.add_addresses("192.0.2.7/24");
  interface.add_addresses("fe80::1/64");
  ASSERT_EQ(ReportFull(*stub, "network", {interface.SerializeAsString()}), v1::APPLIED);
  const UnixTime then = ReportThenAndNow(*stub);
  Revoke(device.id);

  v1::DeviceDetail detail;
  ASSERT_TRUE(ShowAt(device.id, then, &detail).ok());
  EXPECT_EQ(FromTimestamp(detail.at()), then);
  EXPECT_EQ(detail.device().status(), "active");
  EXPECT_FALSE(detail.device().has_revoked_at());
  EXPECT_EQ(detail.device().account_count(), 2U);
  EXPECT_EQ(detail.device().software_count(), 1U);
  ASSERT_EQ(detail.device().addresses_size(), 1);
  EXPECT_EQ(detail.device().addresses(0), "192.0.2.7");
  EXPECT_EQ(detail.accounts_size(), 2);
  EXPECT_EQ(detail.sections_size(), 3);

  ASSERT_TRUE(ShowAt(device.id, then - 1, &detail).ok());
  EXPECT_EQ(detail.device().status(), "enrolled");
  EXPECT_EQ(detail.sections_size(), 0);

  ASSERT_TRUE(ShowAt(device.id, clock_.Now() + 10 * kHour, &detail).ok());
  EXPECT_EQ(FromTimestamp(detail.at()), clock_.Now());
  EXPECT_EQ(detail.device().status(), "revoked");
  EXPECT_EQ(detail.device().account_count(), 1U);
}

TEST_F(History, ADeviceThatHadNotEnrolledYetIsNotFoundThen) {
  const EnrolledDevice device = EnrolDevice("pc");
  v1::DeviceDetail detail;
  const grpc::Status status = ShowAt("pc", clock_.Now() - kHour, &detail);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(status.error_message(), HasSubstr("was not known at"));
}

TEST_F(History, ChangesAreListedRowByRowAndFieldByField) {
  const EnrolledDevice pc = EnrolDevice("pc");
  const EnrolledDevice ward = EnrolDevice("ward");
  const auto stub = Inventory(pc.shown);
  const auto other = Inventory(ward.shown);
  ASSERT_EQ(ReportFull(*stub, "software", {SoftwareRow("bash", "5"), SoftwareRow("openssl", "3.0.11")}), v1::APPLIED);
  ASSERT_EQ(ReportFull(*stub, "accounts", {AccountRow("root", 0, true, false)}), v1::APPLIED);
  ASSERT_EQ(ReportFull(*other, "software", {SoftwareRow("bash", "5")}), v1::APPLIED);
  const UnixTime before = clock_.Now();
  clock_.Advance(kHour);
  ASSERT_EQ(ReportFull(*stub, "software", {SoftwareRow("curl", "7"), SoftwareRow("openssl", "3.0.13")}), v1::APPLIED);
  ASSERT_EQ(ReportFull(*other, "accounts", {AccountRow("root", 0, true, false)}), v1::APPLIED);
  const UnixTime changed = clock_.Now();
  const std::vector<std::string> of_pc = {"pc software removed bash (amd64)", "pc software added curl (amd64)",
                                          "pc software changed openssl (amd64): version 3.0.11>3.0.13"};
  std::vector<std::string> of_both = of_pc;
  of_both.emplace_back("ward accounts added root (0)");
  EXPECT_THAT(Changes(Between(before, changed)), UnorderedElementsAreArray(of_both));
  EXPECT_THAT(Changes(Between(before, changed, "pc")), UnorderedElementsAreArray(of_pc));
  EXPECT_THAT(Changes(Between(before, changed + 100 * kHour, pc.id)), UnorderedElementsAreArray(of_pc));
  EXPECT_THAT(Changes(Between(before, changed - 1)), IsEmpty());
  EXPECT_THAT(Changes(Between(changed, changed)), IsEmpty()) << "what changed at `since` was so already";
  v1::ListChangesRequest until_now = Between(before, 0, "pc");
  until_now.clear_until();
  EXPECT_THAT(Changes(until_now), UnorderedElementsAreArray(of_pc));
}

TEST_F(History, WhatWentAndCameBackInBetweenIsNoChange) {
  const auto stub = Inventory(EnrolDevice("pc").shown);
  ASSERT_EQ(ReportFull(*stub, "software", {SoftwareRow("bash", "5")}), v1::APPLIED);
  const UnixTime before = clock_.Now();
  clock_.Advance(kHour);
  ASSERT_EQ(ReportFull(*stub, "software", {SoftwareRow("bash", "6")}), v1::APPLIED);
  const UnixTime between = clock_.Now();
  clock_.Advance(kHour);
  ASSERT_EQ(ReportFull(*stub, "software", {SoftwareRow("bash", "5")}), v1::APPLIED);
  EXPECT_THAT(Changes(Between(before, clock_.Now())), IsEmpty());
  EXPECT_THAT(Changes(Between(before, between)), ElementsAre("pc software changed bash (amd64): version 5>6"));
  EXPECT_THAT(Changes(Between(between, clock_.Now())), ElementsAre("pc software changed bash (amd64): version 6>5"));
}

TEST_F(History, ADeviceThatCameOrWentIsOneChangeWithoutItsRows) {
  const UnixTime before = clock_.Now();
  clock_.Advance(kHour);
  const EnrolledDevice pc = EnrolDevice("pc");
  ASSERT_EQ(ReportFull(*Inventory(pc.shown), "software", {SoftwareRow("bash", "5")}), v1::APPLIED);
  const UnixTime there = clock_.Now();
  clock_.Advance(kHour);
  Revoke(pc.id);
  EXPECT_THAT(Changes(Between(before, there)), ElementsAre("pc device added"));
  EXPECT_THAT(Changes(Between(there, clock_.Now())), ElementsAre("pc device removed"));
  EXPECT_THAT(Changes(Between(before, clock_.Now())), ElementsAre("pc device added", "pc device removed"));
}

TEST_F(History, ChangesNeedABeginningThatIsNotAfterTheEnd) {
  std::vector<v1::Change> changes;
  EXPECT_EQ(AskChanges({}, changes).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  const UnixTime now = clock_.Now();
  EXPECT_EQ(AskChanges(Between(now, now - 1), changes).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(AskChanges(Between(now - 1, now, "nowhere"), changes).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(History, ASoundLedgerIsProved) {
  const auto stub = Inventory(EnrolDevice("pc").shown);
  ASSERT_EQ(ReportFull(*stub, "software", {SoftwareRow("bash", "5")}), v1::APPLIED);
  clock_.Advance(kHour);
  ASSERT_EQ(ReportFull(*stub, "software", {SoftwareRow("bash", "6")}), v1::APPLIED);
  std::optional<v1::VerifyLedgerOutcome> outcome;
  const grpc::Status status = Verify(outcome);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->devices(), 1U);
  EXPECT_GE(outcome->sections(), 2U) << "of the past, too";
  EXPECT_GE(outcome->items(), 2U);
  EXPECT_GT(outcome->journal_entries(), 0U);
}

TEST_F(History, ADamagedLedgerIsDataLossAndInTheJournal) {
  const auto stub = Inventory(EnrolDevice("pc").shown);
  ASSERT_EQ(ReportFull(*stub, "software", {SoftwareRow("bash", "5")}), v1::APPLIED);
  place_->Tamper("UPDATE journal_entry SET detail = 'nothing happened' WHERE seq = 1");
  std::optional<v1::VerifyLedgerOutcome> outcome;
  EXPECT_EQ(Verify(outcome).error_code(), grpc::StatusCode::DATA_LOSS);
  ASSERT_TRUE(outcome);
  EXPECT_NE(outcome->problem().find("journal entry 1"), std::string::npos) << outcome->problem();
  EXPECT_EQ(Column("SELECT count(*) FROM journal WHERE action = 'ledger.verify.failed'"),
            std::vector<std::string>{"1"});
}

class ImpatientHistory : public ServiceSite {
 protected:
  ImpatientHistory() : ServiceSite(IngestSettings{}, {.patience = 1s, .wait = 40s}) {}

  // More than lies in buffers between the two sides.
  void RemoveMuch() {
    constexpr int kPackages = 20;
    Rows rows;
    for (int i = 0; i < kPackages; ++i) {
      v1::Software software;
      software.ParseFromString(SoftwareRow("package-" + std::to_string(i), "1"));
      software.set_publisher(std::string(48'000, 'x'));
      rows.push_back(software.SerializeAsString());
    }
    for (int device = 1; device <= kDevices; ++device) {
      const std::string id = testing::DeviceId(device);
      testing::EnrolDevice(*store_, id, "pc-" + std::to_string(device), clock_.Now() - 2 * kHour);
      testing::FeedSection(*store_, id, "software", rows, clock_.Now() - 2 * kHour);
      testing::FeedSection(*store_, id, "software", {SoftwareRow("bash", "5")}, clock_.Now());
    }
  }

  static constexpr int kDevices = 50;
};

TEST_F(ImpatientHistory, CallerThatDoesNotReadTheChangesIsCutOff) {
  RemoveMuch();
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + 60s);
  v1::ListChangesRequest request;
  *request.mutable_since() = ToTimestamp(clock_.Now() - kHour);
  const auto stub = Admin(Role::kViewer);
  const auto reader = stub->ListChanges(&context, request);
  v1::Change change;
  ASSERT_TRUE(reader->Read(&change));
  const auto end = std::chrono::steady_clock::now() + 40s;
  const auto why = [this] { return Column("SELECT detail FROM journal WHERE action = 'changes.list.failed'"); };
  while (why().empty() && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  EXPECT_EQ(why(), std::vector<std::string>{"the caller does not take the changes"});
  int changes = 1;
  while (reader->Read(&change)) ++changes;
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_LT(changes, kDevices * 21);
}

}  // namespace
}  // namespace daicho::collector
