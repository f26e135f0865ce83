// One run of daicho-fleet: enrol, plan, visit, read back.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "common/error.h"
#include "tests/bench/fleet/figures.h"

namespace daicho::fleet {

// kHealth: grpc.health.v1 instead of a check-in, which costs the collector what TLS and gRPC cost.
enum class Mode { kFirst, kUnchanged, kChanged, kStorm, kHealth };

// kNew: a handshake for each visit. kWorker: one held connection a worker, on which it visits as one device over and
// over. kHeld: a held connection for every device, opened beforehand.
enum class Connections { kNew, kWorker, kHeld };

struct RunOptions {
  std::string collector;  // HOST:PORT
  std::string ca;         // files
  std::string tokens;
  std::string state;    // empty: TOKENS.fleet
  std::string profile;  // empty: exactness is not checked
  std::string store;    // path or URL; empty: not measured
  std::uint32_t devices = 0;
  std::uint32_t packages = 2000;
  std::uint64_t seed = 1;
  Mode mode = Mode::kFirst;
  Connections connections = Connections::kNew;
  std::uint32_t parallel = 1;
  std::uint32_t rounds = 1;  // visits of every device
  std::uint32_t tries = 20;  // of each visit
  std::optional<std::uint32_t> longest_wait_ms;
  std::uint32_t seconds = 600;      // for enrolment and visits together; the reading back has as long again
  std::uint32_t collector_pid = 0;  // 0: not measured
};

// Ends early when `stop` is set; what was enrolled and acknowledged until then is in the state file. An error: the run
// could not begin, or its state cannot be written.
Result<Figures> Run(const RunOptions& options, const std::atomic<bool>& stop);

std::string ModeName(Mode mode);
std::string ConnectionsName(Connections connections);

}  // namespace daicho::fleet
