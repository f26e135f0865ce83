// What a run has measured, as one JSON object or as a table. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/exit_code.h"
#include "tests/bench/fleet/exactness.h"
#include "tests/bench/meters.h"

namespace daicho::fleet {

// Median and so on of times; 0 where there are none.
struct Spread {
  double p50 = 0;
  double p90 = 0;
  double p99 = 0;
  double max = 0;
};
Spread SpreadOf(std::vector<double> values);

// One phase: enrolments, or visits.
struct PhaseFigures {
  std::uint64_t done = 0;
  double seconds = 0;
  Spread visit_ms;  // first try to end, waits for a busy collector included
  Spread try_ms;    // the try that succeeded
  std::map<std::string, std::uint64_t> errors;
  std::map<std::string, std::uint64_t> retried;
  std::map<std::string, std::string> messages;  // one of each code
  double own_cpu_seconds = 0;
  std::optional<double> collector_cpu_seconds;
  std::optional<double> server_cpu_seconds;  // of the PostgreSQL server
};

struct Figures {
  std::string mode;
  std::string connections;
  std::uint32_t devices = 0;
  std::uint32_t packages = 0;
  std::uint32_t parallel = 0;
  std::uint64_t seed = 0;
  PhaseFigures enrolment;
  PhaseFigures visits;
  std::uint64_t reports = 0;                    // calls of Report that were answered
  std::uint64_t sent_bytes = 0;                 // of requests, before compression and TLS
  std::optional<meters::ProcessUse> collector;  // after the visits
  std::optional<std::uint64_t> store_before;
  std::optional<std::uint64_t> store_after;
  std::optional<Exactness> exactness;
};

std::string ToJson(const Figures& figures);
std::string ToTable(const Figures& figures);

// kDone: everything was acknowledged, and what was compared is exact. kUnreachable: nobody answered. kFindings
// otherwise.
ExitCode Judge(const Figures& figures);

}  // namespace daicho::fleet
