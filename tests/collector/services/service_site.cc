#include "tests/collector/services/service_site.h"

#include <ctime>
#include <utility>

#include "common/protocol.h"
#include "common/tls.h"
#include "common/x509.h"

namespace daicho::collector {

namespace {

// Before anything of gRPC runs, as main() does it.
const bool kTlsPrepared = [] {
  PrepareTls();
  return true;
}();

constexpr std::chrono::seconds kDeadline(20);

}  // namespace

std::string SoftwareRow(const std::string& name, const std::string& version, const std::string& architecture) {
  v1::Software software;
  software.set_manager("dpkg");
  software.set_name(name);
  software.set_version(version);
  software.set_architecture(architecture);
  software.set_state("installed");
  return software.SerializeAsString();
}

std::string AccountRow(const std::string& name, std::uint32_t uid, bool enabled, bool human) {
  v1::Account account;
  account.set_name(name);
  account.set_uid(uid);
  account.set_enabled(enabled);
  account.set_human(human);
  return account.SerializeAsString();
}

RuleSet RuleSetForTests::SecondRoot() {
  ChecklistItem row;
  row.id = "p1.b6a";
  row.part = 1;
  row.number = "B6(a)";
  row.heading = {"見出し", "heading"};
  row.evidence = EvidenceLevel::kPart;
  row.rules = {"second-root"};
  row.aliases = {"B6"};
  Rule rule;
  rule.id = "second-root";
  rule.title = {"二つ目の uid 0", "Second uid 0"};
  rule.detail = {"{shell} を使う", "uses {shell}"};
  rule.resolution = {"削除する", "Remove it"};
  rule.severity = Severity::kHigh;
  rule.about = RuleSubject::kAccount;
  rule.items = {"p1.b6a"};
  rule.evidence = {{"shell", EvidenceKind::kText}};
  rule.select = "SELECT device_id, name AS subject, 'a shell' AS shell FROM account WHERE uid = 0 AND name <> 'root'";
  return RuleSet({rule}, Checklist("test", {"試験", "test"}, {row}));
}

ServiceSite::ServiceSite(const IngestSettings& settings, const AdminService::ExportLimits& exports)
    : clock_(::time(nullptr)) {
  authority_ = std::make_unique<Authority>(Authority::LoadOrCreate(folder_, clock_.Now()).value());
  store_ = place_->Open();
  committer_ = std::make_unique<GroupCommitter>(
      *store_, [this](const CommitOutcome& commit) { health_.Note(commit.done, clock_.Now()); });
  journal_ = std::make_unique<Journal>(*committer_, clock_);
  findings_ = std::make_unique<FindingsEngine>(*store_, *committer_, clock_, RuleSetForTests::SecondRoot());
  enrolment_ = std::make_unique<EnrolmentService>(
      EnrolmentService::Parts{*authority_, *store_, *committer_, *journal_, clock_}, 365);
  inventory_ = std::make_unique<InventoryService>(InventoryService::Parts{*authority_, *committer_, *journal_, clock_},
                                                  settings);
  const auto jobs = [] { return std::vector<v1::ExportJob>(1); };
  admin_ = std::make_unique<AdminService>(
      AdminService::Parts{*store_, *committer_, *journal_, clock_, *findings_, jobs, exports});
  const Credential server = authority_->IssueServer({"127.0.0.1"}, clock_.Now()).value();
  const CallMeters meters{.calls = call_metrics_, .reports = report_metrics_};
  ListenerSettings listening{
      .address = "127.0.0.1:0", .certificate_required = false, .max_threads = 16, .health = &health_, .meters = meters};
  agents_ = Listener::Start(listening, *authority_, server, {enrolment_.get(), inventory_.get()}).value();
  listening.certificate_required = true;
  admins_ = Listener::Start(listening, *authority_, server, {admin_.get()}).value();
}

ServiceSite::~ServiceSite() {
  agents_.reset();
  admins_.reset();
  admin_.reset();
  findings_.reset();
  committer_.reset();
  store_.reset();
}

std::shared_ptr<grpc::Channel> ServiceSite::Channel(const std::string& endpoint, const Shown& shown,
                                                    const std::string& ca_pem) {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = ca_pem.empty() ? authority_->certificate_pem() : ca_pem;
  options.pem_private_key = shown.key_pem;
  options.pem_cert_chain = shown.certificate_pem;
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride(kCollectorServerName);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(static_cast<int>(kMaxMessageBytes));
  return grpc::CreateCustomChannel(endpoint, grpc::SslCredentials(options), arguments);
}

std::unique_ptr<v1::Admin::Stub> ServiceSite::Admin(Role role, const std::string& name) {
  const Credential credential = authority_->IssueAdmin(name, role, clock_.Now(), 30).value();
  return v1::Admin::NewStub(Channel(
      admins_->endpoint(), {.key_pem = credential.private_key_pem, .certificate_pem = credential.certificate_pem}));
}

std::string ServiceSite::NewToken(const std::string& device, std::uint32_t valid_seconds) {
  grpc::ClientContext context;
  v1::CreateTokenRequest request;
  request.set_device_id(device);
  request.set_valid_seconds(valid_seconds);
  v1::CreateTokenResponse response;
  const grpc::Status status = Admin(Role::kOperator)->CreateToken(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response.token();
}

grpc::Status ServiceSite::TryEnrol(const std::string& token, v1::EnrolResponse* response) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kDeadline);
  v1::EnrolRequest request;
  request.set_protocol(kProtocolVersion);
  request.set_token(token);
  request.set_hostname("pc");
  request.set_csr_pem(NewCertificateRequest(NewPrivateKey().value(), "pc").value());
  v1::EnrolResponse ignored;
  return Enrolment()->Enrol(&context, request, response != nullptr ? response : &ignored);
}

EnrolledDevice ServiceSite::EnrolDevice(const std::string& hostname, const std::string& device) {
  grpc::ClientContext context;
  const std::string key = NewPrivateKey().value();
  v1::EnrolRequest request;
  request.set_protocol(kProtocolVersion);
  request.set_token(NewToken(device));
  request.set_hostname(hostname);
  request.set_csr_pem(NewCertificateRequest(key, hostname).value());
  v1::EnrolResponse response;
  const grpc::Status status = Enrolment()->Enrol(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return {.id = response.device_id(), .shown = {.key_pem = key, .certificate_pem = response.certificate_pem()}};
}

grpc::Status ServiceSite::CheckIn(v1::Inventory::Stub& stub, const std::string& section, const Rows& rows,
                                  v1::CheckInResponse* response) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kDeadline);
  Rows ordered = rows;
  OrderRows(ordered);
  v1::CheckInRequest request;
  request.set_protocol(kProtocolVersion);
  v1::SectionState& state = *request.add_sections();
  state.set_name(section);
  state.set_status(v1::OK);
  state.set_digest(DigestRows(ordered));
  state.set_row_count(static_cast<std::uint32_t>(ordered.size()));
  v1::CheckInResponse ignored;
  return stub.CheckIn(&context, request, response != nullptr ? response : &ignored);
}

v1::SectionOutcome ServiceSite::ReportFull(v1::Inventory::Stub& stub, const std::string& section, Rows rows) {
  OrderRows(rows);
  grpc::ClientContext context;
  v1::ReportRequest request;
  request.set_protocol(kProtocolVersion);
  v1::SectionDelta& delta = *request.add_sections();
  MakeFull(rows, delta);
  delta.set_name(section);
  delta.set_status(v1::OK);
  v1::ReportResponse response;
  const grpc::Status status = stub.Report(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response.results_size() == 1 ? response.results(0).outcome() : v1::SECTION_OUTCOME_UNSPECIFIED;
}

void ServiceSite::Revoke(const std::string& device_id) {
  grpc::ClientContext context;
  v1::RevokeDeviceRequest request;
  request.set_device(device_id);
  request.set_reason("disposed of");
  v1::Device response;
  const grpc::Status status = Admin(Role::kAdmin)->RevokeDevice(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.status(), "revoked");
}

std::vector<std::string> ServiceSite::Column(const std::string& sql) {
  std::vector<std::string> texts;
  SelectRequest select;
  select.sql = sql;
  const auto done = store_->Select(select, [&](auto, auto values) {
    const auto* text = std::get_if<std::string>(&values[0]);
    const auto* number = std::get_if<std::int64_t>(&values[0]);
    texts.push_back(text != nullptr ? *text : number != nullptr ? std::to_string(*number) : "");
    return true;
  });
  EXPECT_TRUE(done) << done.error().message;
  return texts;
}

}  // namespace daicho::collector
