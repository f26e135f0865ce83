// The Enrolment service of agent.proto: a one-time token becomes a device and its certificate. Thread-safe.
#pragma once

#include "collector/enrol/authority.h"
#include "collector/enrol/journal.h"
#include "collector/store/group_committer.h"
#include "collector/store/store.h"
#include "common/clock.h"
#include "daicho/v1/agent.grpc.pb.h"

namespace daicho::collector {

class EnrolmentService final : public v1::Enrolment::Service {
 public:
  struct Parts {
    const Authority& authority;
    const Store& store;
    GroupCommitter& committer;
    Journal& journal;
    const Clock& clock;
  };

  // Everything in `parts` must outlive this. `device_days`: how long a device certificate holds.
  EnrolmentService(const Parts& parts, int device_days) : parts_(parts), device_days_(device_days) {}

  // The token is burned only together with the device being on disk: a request that cannot be signed costs no token.
  grpc::Status Enrol(grpc::ServerContext* context, const v1::EnrolRequest* request,
                     v1::EnrolResponse* response) override;

 private:
  Result<v1::EnrolResponse> EnrolDevice(const v1::EnrolRequest& request);

  const Parts parts_;
  const int device_days_;
};

}  // namespace daicho::collector
