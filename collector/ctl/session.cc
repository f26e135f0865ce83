#include "collector/ctl/session.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <utility>

#include "collector/ctl/refusals.h"
#include "collector/ctl/texts.h"
#include "common/files.h"
#include "common/protocol.h"
#include "common/text.h"
#include "common/tls.h"
#include "daicho/v1/admin.grpc.pb.h"
#include "grpc/health/v1/health.grpc.pb.h"

namespace daicho::collector {

namespace {

constexpr std::chrono::seconds kCallDeadline{30};
constexpr std::chrono::seconds kStreamDeadline{600};
constexpr std::chrono::seconds kProofDeadline{24 * 3600};
constexpr std::chrono::seconds kHealthDeadline{5};  // whoever watches asks often
constexpr std::size_t kMaxCredentialBytes = 1u << 20;
constexpr std::size_t kMaxRequestId = 64;

struct ErrorContext {
  const std::string& endpoint;
  Language language;
  std::chrono::seconds deadline;
  bool answered = false;  // by the collector: not by gRPC here because it was not reached
};

Error Unavailable(const ErrorContext& context, const std::string& reason) {
  // gRPC reports a failed handshake as UNAVAILABLE; trying again will not help, so it is a refusal.
  // A TLS 1.3 server that does not accept our certificate closes the connection before it becomes usable.
  const auto says = [&](const char* words) { return reason.find(words) != std::string::npos; };
  const bool closed = says("failed to connect") && (says("Socket closed") || says("reset by peer"));
  if (closed || says("andshake") || says("ertificate")) {
    return {Code::kUnauthenticated, Say(context.language, Text::kErrHandshake, {context.endpoint, reason})};
  }
  return {Code::kUnavailable, Say(context.language, Text::kErrUnreachable, {context.endpoint, reason})};
}

Error Explain(const grpc::Status& status, const ErrorContext& context) {
  const std::string reason = CleanText(status.error_message());
  const std::string refusal = Refusal(context.language, reason);
  const auto said = [&] { return Say(context.language, Text::kErrCollectorSays, {refusal}); };
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
      if (context.answered) return {Code::kUnavailable, said()};
      return Unavailable(context, reason);
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      // gRPC's own words for our deadline; any other message is the collector's, about a limit of its own.
      if (reason == "Deadline Exceeded") {
        const std::string seconds = std::to_string(context.deadline.count());
        return {Code::kUnavailable, Say(context.language, Text::kErrNoAnswer, {context.endpoint, seconds})};
      }
      return {Code::kDeadlineExceeded, said()};
    case grpc::StatusCode::UNAUTHENTICATED:
      return {Code::kUnauthenticated, Say(context.language, Text::kErrUnauthenticated, {context.endpoint, refusal})};
    case grpc::StatusCode::PERMISSION_DENIED:
      return {Code::kPermissionDenied, Say(context.language, Text::kErrRefused, {context.endpoint, refusal})};
    case grpc::StatusCode::CANCELLED:
      return {Code::kUnavailable, Say(context.language, Text::kErrCutOff, {context.endpoint, reason})};
    case grpc::StatusCode::OK:
    case grpc::StatusCode::UNKNOWN:
    case grpc::StatusCode::OUT_OF_RANGE:
      return {Code::kInternal, said()};
    default:
      return {static_cast<Code>(status.error_code()), said()};
  }
}

Error ToError(const grpc::Status& status, const grpc::ClientContext& call, ErrorContext context) {
  const auto& trailers = call.GetServerTrailingMetadata();
  const auto id = trailers.find(kRequestIdTrailer);
  context.answered = id != trailers.end();
  Error error = Explain(status, context);
  if (context.answered) {
    const std::string_view text(id->second.data(), std::min<std::size_t>(id->second.size(), kMaxRequestId));
    error.message += Say(context.language, Text::kErrRequestId, {CleanText(text)});
  }
  return error;
}

template <typename Response, typename Request, typename Method>
Result<Response> Call(Method method, const Request& request, const std::string& endpoint, Language language,
                      std::chrono::seconds deadline = kCallDeadline) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + deadline);
  Response response;
  const grpc::Status status = method(&context, request, &response);
  if (!status.ok()) return std::unexpected(ToError(status, context, {endpoint, language, deadline}));
  return response;
}

template <typename Message, typename Request, typename Method>
Status StreamWhile(Method method, const Request& request, const std::function<Status(const Message&)>& each,
                   const std::string& endpoint, Language language) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kStreamDeadline);
  const auto reader = method(&context, request);
  Message message;
  Status taken;
  while (taken && reader->Read(&message)) taken = each(message);
  if (!taken) context.TryCancel();
  const grpc::Status status = reader->Finish();
  if (taken && !status.ok()) return std::unexpected(ToError(status, context, {endpoint, language, kStreamDeadline}));
  return taken;
}

template <typename Message, typename Request, typename Method>
Status Stream(Method method, const Request& request, const std::function<void(const Message&)>& each,
              const std::string& endpoint, Language language) {
  const auto take = [&each](const Message& message) -> Status {
    each(message);
    return {};
  };
  return StreamWhile<Message>(method, request, take, endpoint, language);
}

grpc::ChannelArguments Arguments() {
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride(kCollectorServerName);
  arguments.SetMaxReceiveMessageSize(static_cast<int>(kMaxMessageBytes));
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);  // the hospital's web proxy has no business between the two
  return arguments;
}

}  // namespace

struct Session::Stub {
  std::unique_ptr<v1::Admin::Stub> admin;
  std::unique_ptr<grpc::health::v1::Health::Stub> health;
};

Result<std::unique_ptr<Session>> Session::Connect(const Profile& profile, Language language) {
  PrepareTls();
  ::setenv("GRPC_VERBOSITY", "NONE", 0);  // 0: someone who looks for a fault may set it
  grpc::SslCredentialsOptions options;
  const std::pair<const std::string&, std::pair<const char*, std::string*>> files[] = {
      {profile.ca, {"ca", &options.pem_root_certs}},
      {profile.certificate, {"certificate", &options.pem_cert_chain}},
      {profile.key, {"key", &options.pem_private_key}}};
  for (const auto& [path, target] : files) {
    Result<std::string> content = ReadFile(path, kMaxCredentialBytes);
    if (!content) {
      return Fail(content.error().code == Code::kPermissionDenied ? Code::kPermissionDenied : Code::kInvalidArgument,
                  Say(language, Text::kErrCredential, {content.error().message, profile.path, target.first}));
    }
    *target.second = std::move(*content);
  }
  auto channel = grpc::CreateCustomChannel(profile.endpoint, grpc::SslCredentials(options), Arguments());
  return std::make_unique<Session>(std::move(channel), profile.endpoint, language);
}

Session::Session(std::shared_ptr<grpc::Channel> channel, std::string endpoint, Language language)
    : stub_(std::make_unique<Stub>(Stub{v1::Admin::NewStub(channel), grpc::health::v1::Health::NewStub(channel)})),
      endpoint_(std::move(endpoint)),
      language_(language) {}

Session::~Session() = default;

Result<v1::CreateTokenResponse> Session::CreateToken(const v1::CreateTokenRequest& request) {
  return Call<v1::CreateTokenResponse>(
      [&](auto context, const auto& asked, auto response) {
        return stub_->admin->CreateToken(context, asked, response);
      },
      request, endpoint_, language_);
}

Result<v1::DeviceDetail> Session::ShowDevice(const v1::ShowDeviceRequest& request) {
  return Call<v1::DeviceDetail>([&](auto context, const auto& asked,
                                    auto response) { return stub_->admin->ShowDevice(context, asked, response); },
                                request, endpoint_, language_);
}

Result<v1::Finding> Session::WaiveFinding(const v1::WaiveFindingRequest& request) {
  return Call<v1::Finding>([&](auto context, const auto& asked,
                               auto response) { return stub_->admin->WaiveFinding(context, asked, response); },
                           request, endpoint_, language_);
}

Result<v1::Device> Session::RevokeDevice(const v1::RevokeDeviceRequest& request) {
  return Call<v1::Device>([&](auto context, const auto& asked,
                              auto response) { return stub_->admin->RevokeDevice(context, asked, response); },
                          request, endpoint_, language_);
}

Status Session::CreateTokens(const v1::CreateTokensRequest& request, const Each<v1::CreateTokenResponse>& each) {
  return Stream<v1::CreateTokenResponse>(
      [&](auto context, const auto& asked) { return stub_->admin->CreateTokens(context, asked); }, request, each,
      endpoint_, language_);
}

Result<bool> Session::IsServing() {
  using grpc::health::v1::HealthCheckRequest;
  using grpc::health::v1::HealthCheckResponse;
  const auto answer = Call<HealthCheckResponse>(
      [&](auto context, const auto& asked, auto response) { return stub_->health->Check(context, asked, response); },
      HealthCheckRequest(), endpoint_, language_, kHealthDeadline);
  if (!answer) return std::unexpected(answer.error());
  return answer->status() == HealthCheckResponse::SERVING;
}

Status Session::ListDevices(const Each<v1::Device>& each) {
  return Stream<v1::Device>([&](auto context, const auto& asked) { return stub_->admin->ListDevices(context, asked); },
                            v1::ListDevicesRequest(), each, endpoint_, language_);
}

Status Session::ListSoftware(const v1::ListSoftwareRequest& request, const Each<v1::SoftwareEntry>& each) {
  return Stream<v1::SoftwareEntry>(
      [&](auto context, const auto& asked) { return stub_->admin->ListSoftware(context, asked); }, request, each,
      endpoint_, language_);
}

Status Session::ListAccounts(const v1::ListAccountsRequest& request, const Each<v1::AccountEntry>& each) {
  return Stream<v1::AccountEntry>(
      [&](auto context, const auto& asked) { return stub_->admin->ListAccounts(context, asked); }, request, each,
      endpoint_, language_);
}

Status Session::ListFindings(const v1::ListFindingsRequest& request, const Each<v1::Finding>& each) {
  return Stream<v1::Finding>(
      [&](auto context, const auto& asked) { return stub_->admin->ListFindings(context, asked); }, request, each,
      endpoint_, language_);
}

Status Session::ListChecklist(const Each<v1::ChecklistRow>& each) {
  return Stream<v1::ChecklistRow>(
      [&](auto context, const auto& asked) { return stub_->admin->ListChecklist(context, asked); },
      v1::ListChecklistRequest(), each, endpoint_, language_);
}

Status Session::Query(const v1::QueryRequest& request, const Each<v1::QueryRow>& each) {
  return Stream<v1::QueryRow>([&](auto context, const auto& asked) { return stub_->admin->Query(context, asked); },
                              request, each, endpoint_, language_);
}

Status Session::Export(const v1::ExportRequest& request, const std::function<Status(const v1::ExportChunk&)>& each) {
  return StreamWhile<v1::ExportChunk>(
      [&](auto context, const auto& asked) { return stub_->admin->Export(context, asked); }, request, each, endpoint_,
      language_);
}

Status Session::ListExports(const Each<v1::ExportJob>& each) {
  return Stream<v1::ExportJob>(
      [&](auto context, const auto& asked) { return stub_->admin->ListExports(context, asked); },
      v1::ListExportsRequest(), each, endpoint_, language_);
}

Status Session::ListChanges(const v1::ListChangesRequest& request, const Each<v1::Change>& each) {
  return Stream<v1::Change>([&](auto context, const auto& asked) { return stub_->admin->ListChanges(context, asked); },
                            request, each, endpoint_, language_);
}

Status Session::VerifyLedger(const Each<v1::VerifyLedgerProgress>& each) {
  return Stream<v1::VerifyLedgerProgress>(
      [&](auto context, const auto& asked) {
        // A ledger of years is read to its end; progress tells whether it goes on.
        context->set_deadline(std::chrono::system_clock::now() + kProofDeadline);
        return stub_->admin->VerifyLedger(context, asked);
      },
      v1::VerifyLedgerRequest(), each, endpoint_, language_);
}

}  // namespace daicho::collector
