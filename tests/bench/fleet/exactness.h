// Reads back through the admin service what the collector holds, and compares it with what the devices have sent:
// status, digest and count of every section, and row by row software, accounts, listeners, interfaces, os and hardware.
// (The service gives no rows of groups; their digest is compared.)
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "collector/ctl/session.h"
#include "common/error.h"
#include "tests/bench/fleet/fleet_facts.h"
#include "tests/bench/fleet/worker_pool.h"

namespace daicho::fleet {

// What the collector must hold of a device.
struct Expected {
  std::string device_id;
  std::uint32_t machine = 0;
  std::uint32_t generation = 0;
};

// The collector's answer for one row of section software.
v1::SoftwareEntry SoftwareEntryOf(const Expected& expected, const std::string& row);

// What differs, a sentence each, at most a few; empty: the device is exact. Pure; thread-safe.
std::vector<std::string> DifferencesIn(const FleetFacts& facts, const Expected& expected,
                                       const v1::DeviceDetail& detail, std::vector<v1::SoftwareEntry> software);

struct Exactness {
  std::uint32_t exact = 0;
  std::uint32_t not_exact = 0;
  std::uint32_t not_read = 0;              // the collector did not answer, or the time was over
  std::vector<std::string> problems = {};  // the first few
  double seconds = 0;
};

// Asks over `parallel` connections with the profile of an admin. An error: the profile cannot be used.
Result<Exactness> CheckExactness(const std::string& profile, const FleetFacts& facts,
                                 const std::vector<Expected>& devices, const PoolSettings& settings);

}  // namespace daicho::fleet
