// The Inventory service of agent.proto. Who calls is known from the peer certificate alone; the device must be known,
// not revoked, and the certificate its current one, at each call. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>

#include "collector/enrol/authority.h"
#include "collector/enrol/journal.h"
#include "collector/store/group_committer.h"
#include "collector/store/store.h"
#include "common/clock.h"
#include "daicho/v1/agent.grpc.pb.h"

namespace daicho::collector {

struct IngestSettings {
  std::uint32_t interval_seconds = 3600;
  std::uint32_t jitter_percent = 10;  // of the interval, to either side
  int device_days = 365;
  int max_reports_at_once = 32;  // reports being worked on; further ones are told to come back
};

class InventoryService final : public v1::Inventory::Service {
 public:
  struct Parts {
    const Authority& authority;
    const Store& store;
    GroupCommitter& committer;
    Journal& journal;
    const Clock& clock;
  };

  // Everything in `parts` must outlive this.
  InventoryService(const Parts& parts, const IngestSettings& settings) : parts_(parts), settings_(settings) {}

  grpc::Status CheckIn(grpc::ServerContext* context, const v1::CheckInRequest* request,
                       v1::CheckInResponse* response) override;
  grpc::Status Report(grpc::ServerContext* context, const v1::ReportRequest* request,
                      v1::ReportResponse* response) override;
  grpc::Status Renew(grpc::ServerContext* context, const v1::RenewRequest* request,
                     v1::RenewResponse* response) override;

 private:
  // The id of the calling device, or why it is refused (journaled).
  Result<std::string> Admit(const grpc::ServerContext& context, const char* call);
  // As Admit, after the protocol version.
  grpc::Status Begin(const grpc::ServerContext& context, const char* call, std::uint32_t protocol,
                     std::string& device_id);
  Result<v1::RenewResponse> RenewDevice(const std::string& device_id, const v1::RenewRequest& request);
  std::uint32_t NextCheckIn() const;

  const Parts parts_;
  const IngestSettings settings_;
  std::atomic<int> reports_{0};
};

}  // namespace daicho::collector
