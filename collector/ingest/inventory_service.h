// The Inventory service of agent.proto. Who calls is known from the peer certificate alone; the device must be known,
// not revoked, and the certificate its current one, at each call.
//
// Nothing waits: a call is checked on gRPC's thread, its write goes to the committer, and it is answered from there
// when the write is on disk. So the number of calls under way is bounded by the committer's limits and the devices'
// own, not by threads. Thread-safe.
#pragma once

#include <cstdint>

#include "collector/enrol/authority.h"
#include "collector/enrol/journal.h"
#include "collector/ingest/arena_messages.h"
#include "collector/ingest/device_limits.h"
#include "collector/ingest/retry_pace.h"
#include "collector/store/group_committer.h"
#include "collector/store/store.h"
#include "common/clock.h"
#include "daicho/v1/agent.grpc.pb.h"

namespace daicho::collector {

struct IngestSettings {
  std::uint32_t interval_seconds = 3600;
  std::uint32_t jitter_percent = 10;  // of the interval, to either side
  int device_days = 365;
  std::int64_t hold_seconds = 86'400;  // CheckInWrite
  DeviceLimitSettings device_limits = {};
};

class InventoryService final : public v1::Inventory::CallbackService {
 public:
  struct Parts {
    const Authority& authority;
    GroupCommitter& committer;
    Journal& journal;
    const Clock& clock;
  };

  // Everything in `parts` must outlive this.
  InventoryService(const Parts& parts, const IngestSettings& settings);

  grpc::ServerUnaryReactor* CheckIn(grpc::CallbackServerContext* context, const v1::CheckInRequest* request,
                                    v1::CheckInResponse* response) override;
  grpc::ServerUnaryReactor* Report(grpc::CallbackServerContext* context, const v1::ReportRequest* request,
                                   v1::ReportResponse* response) override;
  grpc::ServerUnaryReactor* Renew(grpc::CallbackServerContext* context, const v1::RenewRequest* request,
                                  v1::RenewResponse* response) override;

 private:
  // A call under way. Its context and reactor live until it is finished.
  struct Call {
    grpc::CallbackServerContext* context;
    grpc::ServerUnaryReactor* reactor;
    std::string request_id;
    const char* action;
    std::string device_id;
    std::string certificate_serial;
  };
  static Call Begin(grpc::CallbackServerContext* context, const char* action);
  // Who calls (into `call`), by the certificate and a version that is spoken here; and lets the device in.
  Result<DeviceLimits::Pass> Enter(Call& call, std::uint32_t protocol);
  // Answers with the error, once it is journaled if it is a refusal.
  void Refuse(const Call& call, const Error& error);
  // Commits, then calls `then` with the write, or refuses.
  template <typename Write, typename Then>
  void Commit(Call call, DeviceLimits::Pass pass, Write write, std::size_t bytes, Then then);
  Result<v1::RenewResponse> Issue(const std::string& csr_pem, RenewWrite& write) const;
  std::uint32_t NextCheckIn() const;

  const Parts parts_;
  const IngestSettings settings_;
  DeviceLimits limits_;
  RetryPace pace_;
  ArenaMessages<v1::CheckInRequest, v1::CheckInResponse> check_ins_;
  ArenaMessages<v1::ReportRequest, v1::ReportResponse> reports_;
};

}  // namespace daicho::collector
