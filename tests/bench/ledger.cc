// ledger DEVICES FOLDER SHARE   fills a ledger of its own in FOLDER with that many devices, judges it by the rules in
// SHARE/rules and prints what it costs, one JSON object a line: {"what":…,"value":…,"unit":…}. The devices are those of
// uniform_devices.h; a day later a hundredth of the packages of every tenth device is upgraded.
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "collector/admin/device_reader.h"
#include "collector/rules/findings_engine.h"
#include "collector/setup.h"
#include "collector/store/sqlite_store.h"
#include "common/text.h"
#include "tests/bench/uniform_devices.h"

namespace daicho::collector::bench {
namespace {

double WallMilliseconds(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

// Bytes on disk, the write-ahead log included.
double DiskBytes(const std::string& path) {
  double bytes = 0;
  for (const char* suffix : {"", "-wal"}) {
    struct stat info{};
    if (::stat((path + suffix).c_str(), &info) == 0) bytes += static_cast<double>(info.st_size);
  }
  return bytes;
}

// Mean CPU of committing one write for each device (every `step`th), milliseconds.
double CommitForEach(const std::string& path, int devices, int step, const std::function<ReportWrite(int)>& report) {
  auto store = OpenSqliteStore(path);
  if (!store) Stop(store.error().message);
  double cpu = 0;
  int count = 0;
  for (int device = 0; device < devices; device += step, ++count) {
    std::vector<StoreWrite> writes;
    writes.emplace_back(report(device));
    const double before = CpuMilliseconds();
    Commit(**store, std::move(writes));
    cpu += CpuMilliseconds() - before;
  }
  return cpu / count;
}

void WhoHasBelow(const Store& store) {
  std::vector<double> times;
  std::size_t found = 0;
  for (int run = 0; run < 11; ++run) {
    found = 0;
    times.push_back(WallMilliseconds([&] {
      const Status read = ReadSoftware(store, {.name = "package-42", .below = "3.0.9", .device_id = ""},
                                       [&](const v1::SoftwareEntry&) { return ++found > 0; });
      if (!read) Stop(read.error().message);
    }));
  }
  std::sort(times.begin(), times.end());
  Print("who has X below V, devices found", static_cast<double>(found), "devices");
  Print("who has X below V", times[times.size() / 2], "ms");
}

void JudgeAll(Store& store, const std::string& share) {
  const auto rules = LoadShare(share, {});
  if (!rules) Stop(rules.error().message);
  std::size_t findings = 0;
  double total = 0;
  for (const Rule& rule : rules->rules()) {
    const double judged = WallMilliseconds([&] {
      const auto candidates = EvaluateRule(store, rule, {.now = kStart + 2 * kDay});
      if (!candidates) Stop(candidates.error().message);
      findings += candidates->size();
    });
    total += judged;
    if (judged > 100) Print("rule " + rule.id, judged / 1e3, "s");
  }
  Print("all rules judged, findings", static_cast<double>(findings), "findings");
  Print("all rules judged", total / 1e3, "s");

  std::map<std::string, ItemVerdicts> verdicts;
  std::vector<double> times;
  for (int device = 0; device < 21; ++device) {
    times.push_back(WallMilliseconds([&] {
      for (const Rule& rule : rules->rules()) {
        const auto candidates = EvaluateRule(
            store, rule, {.now = kStart + 2 * kDay, .device_id = DeviceId(device), .verdicts = &verdicts[rule.id]});
        if (!candidates) Stop(candidates.error().message);
      }
    }));
  }
  std::sort(times.begin(), times.end());
  Print("all rules judged for one device", times[times.size() / 2], "ms");
}

void Run(int devices, const std::string& folder, const std::string& share) {
  const std::string path = folder + "/ledger.sqlite";
  {
    auto store = OpenSqliteStore(path, {.create = true});
    if (!store) Stop(store.error().message);
    for (int device = 0; device < devices; ++device) Enrol(**store, device);
  }
  double disk = DiskBytes(path);
  const auto grown = [&] { return DiskBytes(path) - std::exchange(disk, DiskBytes(path)); };

  const auto software = [](int device) { return Full(device, "software", SoftwareRows(device, 0)); };
  Print("store: first report of 2,000 packages, CPU", CommitForEach(path, devices, 1, software), "ms");
  Print("ledger on disk a host, 2,000 packages", grown() / devices / 1024, "KiB");
  const auto accounts = [](int device) { return Full(device, "accounts", AccountRows(device)); };
  Print("store: first report of 37 accounts, CPU", CommitForEach(path, devices, 1, accounts), "ms");
  Print("ledger on disk a host, 37 accounts", grown() / devices / 1024, "KiB");
  Print("store: report of 20 upgraded packages, CPU", CommitForEach(path, devices, 10, Upgrade), "ms");
  Print("changed set on disk", grown() / ((devices + 9) / 10) / 1024, "KiB");

  auto store = OpenSqliteStore(path);
  if (!store) Stop(store.error().message);
  WhoHasBelow(**store);
  JudgeAll(**store, share);
}

}  // namespace
}  // namespace daicho::collector::bench

int main(int argc, char** argv) {
  const auto devices = argc == 4 ? daicho::ParseUint32(argv[1]) : std::nullopt;
  if (!devices || *devices == 0) {
    std::fputs("usage: bench_ledger DEVICES EMPTY_FOLDER SHARE_FOLDER\n", stderr);
    return 2;
  }
  daicho::collector::bench::Run(static_cast<int>(*devices), argv[2], argv[3]);
  return 0;
}
