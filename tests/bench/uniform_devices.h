// A fleet of devices for benchmarks of the collector, and how figures are printed. Every device has 2,000 packages of
// one image, a hundredth of them in a version of its own, and 37 accounts.
#pragma once

#include <string>
#include <vector>

#include "collector/store/store.h"
#include "common/sections.h"

namespace daicho::collector::bench {

inline constexpr int kPackages = 2000;
inline constexpr int kAccounts = 37;
inline constexpr UnixTime kStart = 1'790'000'000;
inline constexpr UnixTime kDay = 86'400;

// Says why on standard error and ends the program.
[[noreturn]] void Stop(const std::string& why);

// Used by this process so far.
double CpuMilliseconds();

// One figure, as tests/bench/run reads it: a JSON object on a line.
void Print(const std::string& what, double value, const std::string& unit);

std::string DeviceId(int device);

// `upgrades`: how often the device's own packages were upgraded.
Rows SoftwareRows(int device, int upgrades);
Rows AccountRows(int device);

// Commits, and stops unless everything was applied.
void Commit(Store& store, std::vector<StoreWrite> writes);

void Enrol(Store& store, int device);

// Writes to commit.
ReportWrite Full(int device, const char* section, const Rows& rows);
ReportWrite Upgrade(int device);

}  // namespace daicho::collector::bench
