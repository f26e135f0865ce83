// One device talking to the collector as an agent does: the agent's own channels and calls (agent/uplink), over mTLS.
// Thread-safe where not said otherwise.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>
#include <vector>

#include "agent/uplink/session.h"
#include "common/error.h"
#include "daicho/v1/agent.pb.h"
#include "fleet.pb.h"
#include "tests/bench/fleet/fleet_facts.h"
#include "tests/bench/fleet/worker_pool.h"

namespace daicho::fleet {

struct Site {
  std::string endpoint;  // HOST:PORT
  std::string authority_pem;
};

// A new key, its request, and the token for a certificate. Fills `device`; it stays as it was on failure.
Attempt EnrolDevice(const Site& site, const std::string& token, std::uint32_t machine, FleetDevice& device);

// A channel of this device's own; it connects at the first call.
struct Line {
  std::shared_ptr<grpc::Channel> channel;
  agent::UplinkSession session;
};
std::unique_ptr<Line> Connect(const Site& site, const FleetDevice& device);

// What a device is going to say, made before anybody measures.
struct Plan {
  std::uint32_t machine = 0;
  std::uint32_t generation = 0;
  v1::CheckInRequest check_in;
  v1::SectionDelta change;  // of "software" against what was acknowledged; no name: there is none
};
Plan MakePlan(const FleetFacts& facts, const FleetDevice& device, std::uint32_t machine, std::uint32_t generation);

struct Visit {
  Attempt attempt;               // a success: the collector holds every section as it was stated
  std::uint32_t reports = 0;     // calls of Report that were answered
  std::uint64_t sent_bytes = 0;  // of requests, serialized
};

// CheckIn, then Report of what the collector wants: the change if it has the base, everything otherwise. A section that
// is not taken is kDataLoss, and the message says which. The conversation goes on from where `device` was, and is kept
// there. Not at once with another visit of the same device.
Visit VisitCollector(const FleetFacts& facts, const Plan& plan, FleetDevice& device, agent::UplinkSession& session);

// Whether the collector serves, of its health service. kUnavailable: it says that it does not.
Attempt AskHealth(const Line& line);

}  // namespace daicho::fleet
