#include "collector/calls/call_observer.h"

#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

#include "collector/enrol/peer.h"
#include "collector/log/log.h"
#include "collector/log/request_id.h"
#include "common/protocol.h"

namespace daicho::collector {

namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::InterceptorBatchMethods;
using grpc::experimental::ServerRpcInfo;

constexpr std::string_view kReport = "/daicho.v1.Inventory/Report";
// Its errors quote the query, with whatever values somebody wrote into it; the journal has them.
constexpr std::string_view kQuery = "/daicho.v1.Admin/Query";
constexpr std::string_view kHealth = "/grpc.health.v1.Health/";

std::string ActorOf(const grpc::ServerContextBase& context) {
  const auto peer = PeerOf(context);
  if (!peer) return "-";
  if (const auto* device = std::get_if<DeviceIdentity>(&peer->identity)) return "device/" + device->device_id;
  return "admin/" + std::get<AdminIdentity>(peer->identity).name;
}

std::string Milliseconds(std::chrono::nanoseconds took) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", std::chrono::duration<double, std::milli>(took).count());
  return text;
}

class Call final : public grpc::experimental::Interceptor {
 public:
  Call(ServerRpcInfo& info, const CallMeters& meters) : info_(info), meters_(meters) {
    info_.server_context()->AddTrailingMetadata(kRequestIdTrailer, id_);
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  // Without an answer: the caller, or the server, was gone before there was one. Of the context nothing is left to ask.
  ~Call() override {
    if (ended_) return;
    meters_.calls.Count(method(), grpc::StatusCode::CANCELLED, Took());
    SetRequestId({});
  }

  void Intercept(InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_MESSAGE)) {
      SetRequestId(id_);
      if (const void* request = methods->GetRecvMessage(); request != nullptr && method() == kReport) {
        size_ = SizeOf(*static_cast<const v1::ReportRequest*>(request));
      }
    }
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_MESSAGE)) {
      if (const void* response = methods->GetSendMessage(); response != nullptr && method() == kReport) {
        meters_.reports.Count(size_, *static_cast<const v1::ReportResponse*>(response));
      }
    }
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS)) End(methods->GetSendStatus());
    methods->Proceed();
  }

 private:
  std::string_view method() const { return info_.method(); }

  std::chrono::nanoseconds Took() const { return std::chrono::steady_clock::now() - begun_; }

  void End(const grpc::Status& status) {
    ended_ = true;
    const auto took = Took();
    meters_.calls.Count(method(), status.error_code(), took);
    Log(status, took);
    SetRequestId({});
  }

  void Log(const grpc::Status& status, std::chrono::nanoseconds took) const {
    const bool health = method().starts_with(kHealth);
    const auto level = health ? spdlog::level::debug : status.ok() ? spdlog::level::info : spdlog::level::warn;
    if (!spdlog::should_log(level)) return;
    // Not every call was worked on by this thread (health checks), or at all.
    SetRequestId(id_);
    const std::string_view path = method().starts_with('/') ? method().substr(1) : method();
    const std::string peer = PeerAddress(*info_.server_context());
    const std::string actor = ActorOf(*info_.server_context());
    const std::string ms = Milliseconds(took);
    const std::string_view code = CodeName(status.error_code());
    if (status.ok()) {
      LogWith(level, "call", {{"method", path}, {"peer", peer}, {"actor", actor}, {"code", code}, {"ms", ms, true}});
      return;
    }
    const std::string error = method() == kQuery ? "(in the journal)" : status.error_message();
    LogWith(level, "call",
            {{"method", path}, {"peer", peer}, {"actor", actor}, {"code", code}, {"ms", ms, true}, {"error", error}});
  }

  ServerRpcInfo& info_;
  const CallMeters meters_;
  const std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  const std::string id_ = NewRequestId();
  ReportSize size_;
  bool ended_ = false;
};

class Observer final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit Observer(const CallMeters& meters) : meters_(meters) {}
  grpc::experimental::Interceptor* CreateServerInterceptor(ServerRpcInfo* info) override {
    return new Call(*info, meters_);  // gRPC owns it
  }

 private:
  const CallMeters meters_;
};

}  // namespace

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> ObserveCalls(const CallMeters& meters) {
  return std::make_unique<Observer>(meters);
}

}  // namespace daicho::collector
