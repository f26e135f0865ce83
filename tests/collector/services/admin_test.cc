#include <gtest/gtest.h>

#include <functional>

#include "common/files.h"
#include "common/x509.h"
#include "tests/collector/services/service_site.h"

namespace daicho::collector {
namespace {

template <typename Reply>
grpc::Status ReadAll(std::unique_ptr<grpc::ClientReader<Reply>> reader, std::vector<Reply>* replies = nullptr) {
  Reply reply;
  while (reader->Read(&reply)) {
    if (replies != nullptr) replies->push_back(reply);
  }
  return reader->Finish();
}

class Admin : public ServiceSite {
 protected:
  std::vector<std::string> SoftwareNames(const v1::ListSoftwareRequest& request) {
    grpc::ClientContext context;
    std::vector<v1::SoftwareEntry> entries;
    const auto stub = ServiceSite::Admin(Role::kViewer);
    EXPECT_TRUE(ReadAll(stub->ListSoftware(&context, request), &entries).ok());
    std::vector<std::string> names;
    for (const v1::SoftwareEntry& entry : entries) names.push_back(entry.name() + " " + entry.version());
    return names;
  }

  grpc::Status Query(const std::string& sql, std::vector<v1::QueryRow>* rows, std::uint32_t limit_ms = 0,
                     std::uint32_t max_rows = 0) {
    grpc::ClientContext context;
    v1::QueryRequest request;
    request.set_sql(sql);
    request.set_limit_ms(limit_ms);
    request.set_max_rows(max_rows);
    const auto stub = ServiceSite::Admin(Role::kViewer);
    return ReadAll(stub->Query(&context, request), rows);
  }

  std::vector<v1::Finding> Findings(const v1::ListFindingsRequest& request) {
    grpc::ClientContext context;
    std::vector<v1::Finding> findings;
    const auto stub = ServiceSite::Admin(Role::kViewer);
    const grpc::Status status = ReadAll(stub->ListFindings(&context, request), &findings);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return findings;
  }

  grpc::Status Show(const std::string& device, v1::DeviceDetail* detail) {
    grpc::ClientContext context;
    v1::ShowDeviceRequest request;
    request.set_device(device);
    return ServiceSite::Admin(Role::kViewer)->ShowDevice(&context, request, detail);
  }
};

using Call = std::function<grpc::Status(v1::Admin::Stub&, grpc::ClientContext*)>;

struct CallOfRole {
  const char* name;
  Role least;
  Call call;
};

template <typename Request, typename Reply>
Call Stream(std::unique_ptr<grpc::ClientReader<Reply>> (v1::Admin::Stub::*method)(grpc::ClientContext*,
                                                                                  const Request&)) {
  return [method](v1::Admin::Stub& stub, grpc::ClientContext* context) {
    return ReadAll((stub.*method)(context, Request()));
  };
}

template <typename Request, typename Reply>
Call Unary(grpc::Status (v1::Admin::Stub::*method)(grpc::ClientContext*, const Request&, Reply*)) {
  return [method](v1::Admin::Stub& stub, grpc::ClientContext* context) {
    Reply reply;
    return (stub.*method)(context, Request(), &reply);
  };
}

// As admin.proto says it.
std::vector<CallOfRole> AllCalls() {
  using Stub = v1::Admin::Stub;
  return {{"CreateToken", Role::kOperator, Unary(&Stub::CreateToken)},
          {"ListDevices", Role::kViewer, Stream(&Stub::ListDevices)},
          {"ShowDevice", Role::kViewer, Unary(&Stub::ShowDevice)},
          {"ListSoftware", Role::kViewer, Stream(&Stub::ListSoftware)},
          {"ListAccounts", Role::kViewer, Stream(&Stub::ListAccounts)},
          {"ListFindings", Role::kViewer, Stream(&Stub::ListFindings)},
          {"WaiveFinding", Role::kOperator, Unary(&Stub::WaiveFinding)},
          {"ListChecklist", Role::kViewer, Stream(&Stub::ListChecklist)},
          {"RevokeDevice", Role::kAdmin, Unary(&Stub::RevokeDevice)},
          {"Query", Role::kViewer, Stream(&Stub::Query)},
          {"Export", Role::kViewer, Stream(&Stub::Export)},
          {"ListExports", Role::kViewer, Stream(&Stub::ListExports)},
          {"CreateTokens", Role::kOperator, Stream(&Stub::CreateTokens)},
          {"ListChanges", Role::kViewer, Stream(&Stub::ListChanges)},
          {"VerifyLedger", Role::kViewer, Stream(&Stub::VerifyLedger)}};
}

TEST_F(Admin, EachCallNeedsItsRole) {
  for (const Role role : {Role::kViewer, Role::kOperator, Role::kAdmin}) {
    const auto stub = ServiceSite::Admin(role);
    for (const CallOfRole& call : AllCalls()) {
      grpc::ClientContext context;
      const bool refused = call.call(*stub, &context).error_code() == grpc::StatusCode::PERMISSION_DENIED;
      EXPECT_EQ(refused, role < call.least) << call.name << " as " << RoleName(role);
    }
  }
}

TEST_F(Admin, DeviceCertificateGivesNoAccess) {
  const EnrolledDevice device = EnrolDevice("pc");
  const auto stub = v1::Admin::NewStub(Channel(admins_->endpoint(), device.shown));
  for (const CallOfRole& call : AllCalls()) {
    grpc::ClientContext context;
    EXPECT_EQ(call.call(*stub, &context).error_code(), grpc::StatusCode::PERMISSION_DENIED) << call.name;
  }
}

TEST_F(Admin, CallerWithoutACertificateDoesNotGetThroughTls) {
  const auto stub = v1::Admin::NewStub(Channel(admins_->endpoint(), {}));
  grpc::ClientContext context;
  EXPECT_EQ(ReadAll(stub->ListDevices(&context, {})).error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(Admin, AdminServiceIsNotOnTheAgentsPort) {
  const Credential admin = authority_->IssueAdmin("sato", Role::kAdmin, clock_.Now(), 30).value();
  const auto stub = v1::Admin::NewStub(
      Channel(agents_->endpoint(), {.key_pem = admin.private_key_pem, .certificate_pem = admin.certificate_pem}));
  grpc::ClientContext context;
  EXPECT_EQ(ReadAll(stub->ListDevices(&context, {})).error_code(), grpc::StatusCode::UNIMPLEMENTED);
}

TEST_F(Admin, EveryCallAndRefusalIsInTheJournal) {
  for (const CallOfRole& call : AllCalls()) {
    grpc::ClientContext context;
    call.call(*ServiceSite::Admin(Role::kViewer, "sato"), &context);
  }
  const auto entries =
      Column("SELECT action FROM journal WHERE actor = 'admin/sato' AND action NOT LIKE '%.failed' ORDER BY seq");
  EXPECT_EQ(entries.size(), AllCalls().size());
  EXPECT_EQ(entries.front(), "token.create.refused");
  EXPECT_EQ(entries[1], "devices.list");
  // An empty request is an error of these.
  EXPECT_EQ(Column("SELECT action FROM journal WHERE action LIKE '%.failed' ORDER BY seq"),
            (std::vector<std::string>{"device.show.failed", "query.failed", "export.failed", "changes.list.failed"}));
}

// Somebody who holds a certificate of our authority that names nobody is worth knowing of.
TEST_F(Admin, CertificateThatNamesNobodyIsRefusedAndJournaled) {
  const CertificateAuthority authority{.certificate_pem = authority_->certificate_pem(),
                                       .private_key_pem = *ReadFile(folder_ + "/ca/ca-key.pem")};
  const std::string key = NewPrivateKey().value();
  const auto certificate = SignKey(authority, key,
                                   {.common_name = "somebody",
                                    .identity_uri = "daicho://somebody/else",
                                    .dns_names = {},
                                    .ip_addresses = {},
                                    .not_before = clock_.Now() - 60,
                                    .not_after = clock_.Now() + kSecondsPerDay});
  ASSERT_TRUE(certificate) << certificate.error().message;
  const auto stub = v1::Admin::NewStub(Channel(admins_->endpoint(), {.key_pem = key, .certificate_pem = *certificate}));
  grpc::ClientContext context;
  EXPECT_EQ(ReadAll(stub->ListDevices(&context, {})).error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(Column("SELECT count(*) FROM journal WHERE action = 'devices.list.refused' AND actor LIKE 'unknown/%' AND "
                   "detail LIKE '%names neither a device nor an admin%'"),
            std::vector<std::string>{"1"});
}

TEST_F(Admin, DeviceIsFoundByIdPrefixOrHostName) {
  const EnrolledDevice one = EnrolDevice("Ward-3");
  v1::DeviceDetail detail;
  for (const std::string& name : {one.id, one.id.substr(0, 4), std::string("ward-3")}) {
    ASSERT_TRUE(Show(name, &detail).ok()) << name;
    EXPECT_EQ(detail.device().device_id(), one.id);
  }
  EXPECT_EQ(Show(one.id.substr(0, 3), &detail).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Show("nowhere", &detail).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Show("", &detail).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Show("' OR 1=1 --", &detail).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(Admin, AmbiguousHostNameListsTheCandidates) {
  const EnrolledDevice one = EnrolDevice("twin");
  const EnrolledDevice two = EnrolDevice("twin");
  v1::DeviceDetail detail;
  const grpc::Status status = Show("twin", &detail);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_NE(status.error_message().find(one.id), std::string::npos) << status.error_message();
  EXPECT_NE(status.error_message().find(two.id), std::string::npos);
}

TEST_F(Admin, RevokedNamesakeDoesNotMakeANameAmbiguous) {
  const EnrolledDevice old = EnrolDevice("ward");
  Revoke(old.id);
  v1::DeviceDetail detail;
  ASSERT_TRUE(Show("ward", &detail).ok());
  EXPECT_EQ(detail.device().device_id(), old.id);
  const EnrolledDevice now = EnrolDevice("ward");
  ASSERT_TRUE(Show("ward", &detail).ok());
  EXPECT_EQ(detail.device().device_id(), now.id);
  Revoke(now.id);
  EXPECT_EQ(Show("ward", &detail).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(Admin, ShowHasTheFactsAsTheyWereReported) {
  const EnrolledDevice device = EnrolDevice("pc");
  const auto stub = Inventory(device.shown);
  v1::Hardware hardware;
  hardware.set_manufacturer("ACME");
  hardware.add_disks()->set_name("sda");
  ASSERT_EQ(ReportFull(*stub, "hardware", {hardware.SerializeAsString()}), v1::APPLIED);
  ASSERT_EQ(ReportFull(*stub, "accounts", {AccountRow("sato", 1000, true, true), AccountRow("root", 0, true, false)}),
            v1::APPLIED);
  ASSERT_TRUE(CheckIn(*stub, "hardware", {hardware.SerializeAsString()}).ok());
  v1::DeviceDetail detail;
  ASSERT_TRUE(Show(device.id, &detail).ok());
  EXPECT_EQ(detail.device().manufacturer(), "ACME");
  EXPECT_EQ(detail.device().account_count(), 2u);
  EXPECT_EQ(detail.hardware().SerializeAsString(), hardware.SerializeAsString());
  ASSERT_EQ(detail.accounts_size(), 2);
  EXPECT_EQ(detail.accounts(0).name(), "root");
  bool hardware_state = false;
  for (const v1::SectionState& section : detail.sections()) {
    hardware_state |= section.name() == "hardware" && section.status() == v1::OK && section.row_count() == 1 &&
                      section.digest() == DigestRows(Rows{hardware.SerializeAsString()});
  }
  EXPECT_TRUE(hardware_state) << detail.DebugString();
}

TEST_F(Admin, SoftwareByNameWildcardAndVersionInThePackagingsOrder) {
  const EnrolledDevice device = EnrolDevice("pc");
  ASSERT_EQ(ReportFull(*Inventory(device.shown), "software",
                       {SoftwareRow("libssl3", "3.0.9-1"), SoftwareRow("libssl1.1", "1.1.1n-0"),
                        SoftwareRow("openssl", "3.0.11-1~deb12u2"), SoftwareRow("a[b]?", "1")}),
            v1::APPLIED);
  v1::ListSoftwareRequest request;
  EXPECT_EQ(SoftwareNames(request).size(), 4u);
  request.set_name("openssl");
  EXPECT_EQ(SoftwareNames(request), std::vector<std::string>{"openssl 3.0.11-1~deb12u2"});
  request.set_name("libssl*");
  EXPECT_EQ(SoftwareNames(request).size(), 2u);
  request.set_name("a[b]?*");
  EXPECT_EQ(SoftwareNames(request).size(), 1u) << "only * is special";
  request.set_name("*ssl*");
  request.set_below("3.0.11");
  EXPECT_EQ(SoftwareNames(request), (std::vector<std::string>{"libssl1.1 1.1.1n-0", "libssl3 3.0.9-1"}));
  request.set_below("3.0.11-1");
  EXPECT_EQ(SoftwareNames(request).size(), 3u) << "1~deb12u2 is below 1";
}

TEST_F(Admin, VersionLimitNeedsANameAndADigit) {
  struct Case {
    const char* name;
    const char* below;
    const char* told;
  };
  for (const Case& c : {Case{"", "3.0", "--below needs a NAME"}, Case{"openssl", "newest", "\"newest\""}}) {
    grpc::ClientContext context;
    v1::ListSoftwareRequest request;
    request.set_name(c.name);
    request.set_below(c.below);
    const auto stub = ServiceSite::Admin(Role::kViewer);
    const grpc::Status status = ReadAll(stub->ListSoftware(&context, request));
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << c.told;
    EXPECT_NE(status.error_message().find(c.told), std::string::npos) << status.error_message();
  }
}

TEST_F(Admin, SoftwareOfARevokedDeviceIsListedOnlyWhenTheDeviceIsNamed) {
  const EnrolledDevice device = EnrolDevice("pc");
  ASSERT_EQ(ReportFull(*Inventory(device.shown), "software", {SoftwareRow("openssl", "3.0.9-1")}), v1::APPLIED);
  v1::ListSoftwareRequest request;
  EXPECT_EQ(SoftwareNames(request).size(), 1u);
  Revoke(device.id);
  EXPECT_TRUE(SoftwareNames(request).empty());
  request.set_name("open*");
  EXPECT_TRUE(SoftwareNames(request).empty());
  request.set_device("pc");
  EXPECT_EQ(SoftwareNames(request).size(), 1u);
}

TEST_F(Admin, AccountsNobodyCanLogInToAreLeftOutUnlessAskedFor) {
  const EnrolledDevice device = EnrolDevice("pc");
  ASSERT_EQ(ReportFull(*Inventory(device.shown), "accounts",
                       {AccountRow("daemon", 1, false, false), AccountRow("sato", 1000, true, true),
                        AccountRow("gone", 1001, false, true), AccountRow("root", 0, true, false)}),
            v1::APPLIED);
  for (const bool all : {false, true}) {
    grpc::ClientContext context;
    v1::ListAccountsRequest request;
    request.set_all(all);
    std::vector<v1::AccountEntry> entries;
    const auto stub = ServiceSite::Admin(Role::kViewer);
    ASSERT_TRUE(ReadAll(stub->ListAccounts(&context, request), &entries).ok());
    EXPECT_EQ(entries.size(), all ? 4u : 3u);
    EXPECT_EQ(entries.front().account().name(), "root");
    EXPECT_EQ(entries.front().hostname(), "pc");
  }
}

TEST_F(Admin, FindingsOpenAreWaivedAndResolve) {
  const EnrolledDevice device = EnrolDevice("pc");
  const auto stub = Inventory(device.shown);
  ASSERT_EQ(ReportFull(*stub, "accounts", {AccountRow("toor", 0, true, false)}), v1::APPLIED);
  v1::ListFindingsRequest by_alias;
  by_alias.set_item("B6");
  const auto open = Findings(by_alias);
  ASSERT_EQ(open.size(), 1u);
  EXPECT_EQ(open[0].subject(), "toor");
  EXPECT_EQ(open[0].detail().en(), "uses a shell");
  EXPECT_EQ(open[0].items(0), "p1.b6a");

  grpc::ClientContext context;
  v1::WaiveFindingRequest waive;
  waive.set_finding_id(open[0].finding_id().substr(0, 4));
  v1::Finding waived;
  const auto admin = ServiceSite::Admin(Role::kOperator, "ito");
  EXPECT_EQ(admin->WaiveFinding(&context, waive, &waived).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  waive.set_reason("vendor maintenance");
  waive.mutable_until()->set_seconds(clock_.Now() - 1);
  grpc::ClientContext end;
  const grpc::Status not_waived = admin->WaiveFinding(&end, waive, &waived);
  EXPECT_EQ(not_waived.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(not_waived.error_message(), "finding " + open[0].finding_id() + " is not waived");
  waive.mutable_until()->set_seconds(clock_.Now() + kSecondsPerDay);
  grpc::ClientContext second;
  ASSERT_TRUE(admin->WaiveFinding(&second, waive, &waived).ok());
  EXPECT_EQ(waived.status(), "waived");
  EXPECT_EQ(waived.waived_by(), "ito");
  EXPECT_TRUE(Findings({}).empty());

  ASSERT_EQ(ReportFull(*stub, "accounts", {AccountRow("root", 0, true, false)}), v1::APPLIED);
  v1::ListFindingsRequest resolved;
  resolved.set_status("resolved");
  EXPECT_EQ(Findings(resolved).size(), 1u);
}

TEST_F(Admin, FindingThatCameBackIsTheOneMeantByThePrefixOfBoth) {
  const EnrolledDevice device = EnrolDevice("pc");
  const auto stub = Inventory(device.shown);
  for (const char* name : {"toor", "root", "toor"}) {
    ASSERT_EQ(ReportFull(*stub, "accounts", {AccountRow(name, 0, true, false)}), v1::APPLIED);
    Findings({});
  }
  ASSERT_EQ(Column("SELECT finding_id FROM finding").size(), 2u);
  v1::WaiveFindingRequest waive;
  waive.set_reason("vendor");
  waive.mutable_until()->set_seconds(clock_.Now() + kSecondsPerDay);
  v1::Finding waived;
  const std::string living = Column("SELECT finding_id FROM finding WHERE status = 'open'").at(0);
  for (const char* wrong : {"abc", "zzzz", "%", ""}) {
    grpc::ClientContext context;
    waive.set_finding_id(wrong);
    EXPECT_EQ(ServiceSite::Admin(Role::kOperator)->WaiveFinding(&context, waive, &waived).error_code(),
              grpc::StatusCode::NOT_FOUND)
        << wrong;
  }
  grpc::ClientContext context;
  waive.set_finding_id(living.substr(0, 6));
  const grpc::Status status = ServiceSite::Admin(Role::kOperator)->WaiveFinding(&context, waive, &waived);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(waived.finding_id(), living);
}

TEST_F(Admin, UnknownItemStatusAndFindingAreNamed) {
  for (const bool item : {true, false}) {
    grpc::ClientContext context;
    v1::ListFindingsRequest request;
    item ? request.set_item("Z99") : request.set_status("opn");
    const auto stub = ServiceSite::Admin(Role::kViewer);
    const grpc::Status status = ReadAll(stub->ListFindings(&context, request));
    EXPECT_EQ(status.error_code(), item ? grpc::StatusCode::NOT_FOUND : grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_NE(status.error_message().find(item ? "Z99" : "opn"), std::string::npos) << status.error_message();
  }
}

TEST_F(Admin, ChecklistRowCountsItsOpenFindings) {
  const EnrolledDevice device = EnrolDevice("pc");
  ASSERT_EQ(ReportFull(*Inventory(device.shown), "accounts", {AccountRow("toor", 0, true, false)}), v1::APPLIED);
  grpc::ClientContext context;
  std::vector<v1::ChecklistRow> rows;
  const auto stub = ServiceSite::Admin(Role::kViewer);
  ASSERT_TRUE(ReadAll(stub->ListChecklist(&context, {}), &rows).ok());
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].number(), "B6(a)");
  EXPECT_EQ(rows[0].open_findings(), 1u);
  EXPECT_NE(rows[0].answer().ja(), "");
}

TEST_F(Admin, QueryGivesColumnsOnceAndRowsAsJson) {
  EnrolDevice("検査室 \"1\"");
  std::vector<v1::QueryRow> rows;
  ASSERT_TRUE(Query("SELECT hostname, 7 AS n, revoked_at FROM device", &rows).ok());
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].columns_size(), 3);
  EXPECT_EQ(rows[0].json(), "{\"hostname\":\"検査室 \\\"1\\\"\",\"n\":7,\"revoked_at\":null}");
  rows.clear();
  ASSERT_TRUE(Query("SELECT hostname FROM device WHERE false", &rows).ok());
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].columns(0), "hostname");
  EXPECT_EQ(rows[0].json(), "");
}

TEST_F(Admin, QueryOnlyReadsTheViewsAndOnlySoLong) {
  EnrolDevice("pc");
  std::vector<v1::QueryRow> rows;
  for (const char* sql :
       {"DELETE FROM device", "SELECT 1; SELECT 2", "SELECT * FROM sqlite_master", "SELECT token_hash FROM token_entry",
        "ATTACH '/tmp/x' AS x", "PRAGMA table_info(device)", "", "SELECT nothing FROM device"}) {
    EXPECT_EQ(Query(sql, &rows).error_code(), grpc::StatusCode::INVALID_ARGUMENT) << sql;
  }
  EXPECT_EQ(Query("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n", &rows, 50)
                .error_code(),
            grpc::StatusCode::DEADLINE_EXCEEDED);
  rows.clear();
  const grpc::Status cut =
      Query("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n", &rows, 0, 7);
  EXPECT_EQ(cut.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_NE(cut.error_message().find("add a LIMIT or --max-rows"), std::string::npos) << cut.error_message();
  EXPECT_EQ(rows.size(), 7u);
  EXPECT_EQ(Query("SELECT 1", &rows, 60'001).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(Admin, ExportComesInChunksAndNamesWhatItDoesNotKnow) {
  EnrolDevice("pc");
  struct Case {
    const char* what;
    const char* format;
    const char* lang;
    grpc::StatusCode code;
  };
  for (const Case& c :
       {Case{"ledger", "csv", "ja", grpc::StatusCode::OK}, Case{"ledger", "json", "en", grpc::StatusCode::OK},
        Case{"lodger", "csv", "ja", grpc::StatusCode::INVALID_ARGUMENT},
        Case{"ledger", "xls", "ja", grpc::StatusCode::INVALID_ARGUMENT},
        Case{"ledger", "csv", "fr", grpc::StatusCode::INVALID_ARGUMENT}}) {
    grpc::ClientContext context;
    v1::ExportRequest request;
    request.set_what(c.what);
    request.set_format(c.format);
    request.set_lang(c.lang);
    std::vector<v1::ExportChunk> chunks;
    const auto stub = ServiceSite::Admin(Role::kViewer);
    const grpc::Status status = ReadAll(stub->Export(&context, request), &chunks);
    EXPECT_EQ(status.error_code(), c.code) << c.what << c.format << c.lang << status.error_message();
    std::string text;
    for (const v1::ExportChunk& chunk : chunks) text += chunk.data();
    EXPECT_EQ(text.find("pc") != std::string::npos, c.code == grpc::StatusCode::OK);
  }
}

}  // namespace
}  // namespace daicho::collector
