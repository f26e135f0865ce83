// ledger DEVICES STORE SHARE   fills a ledger of its own with that many devices, judges it by the rules in SHARE/rules
// and prints what it costs, one JSON object a line: {"what":…,"value":…,"unit":…}. STORE is an empty folder, or the URL
// of an empty database on a PostgreSQL server of this machine, whose CPU is then told beside this process' own. The
// devices are those of uniform_devices.h; a day later a hundredth of the packages of every tenth device is upgraded.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "collector/admin/device_reader.h"
#include "collector/rules/findings_engine.h"
#include "collector/setup.h"
#include "collector/store/open_store.h"
#include "common/text.h"
#include "tests/bench/meters.h"
#include "tests/bench/uniform_devices.h"

namespace daicho::collector::bench {
namespace {

double WallMilliseconds(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

class LedgerBench {
 public:
  LedgerBench(int devices, std::string store) : devices_(devices), store_(std::move(store)) {
    if (meters::IsPostgres(store_)) postmaster_ = meters::PostmasterOf(store_);
  }

  std::unique_ptr<Store> Open(bool create = false) const {
    auto store = OpenStore(store_, create);
    if (!store) Stop(store.error().message);
    return std::move(*store);
  }

  // Commits one write for every `step`th device, and prints the mean CPU, and by how much the ledger has grown for
  // each.
  void Feed(const std::string& what, int step, const std::function<ReportWrite(int)>& report,
            const std::string& grown) const {
    const auto before = static_cast<double>(meters::StoreBytes(store_));
    const int count = (devices_ + step - 1) / step;
    CommitForEach(what, step, count, report);
    Print(grown, (static_cast<double>(meters::StoreBytes(store_)) - before) / count / 1024, "KiB");
  }

 private:
  void CommitForEach(const std::string& what, int step, int count,
                     const std::function<ReportWrite(int)>& report) const {
    const auto store = Open();
    const auto server = meters::ServerCpuSeconds(postmaster_);
    double cpu = 0;
    for (int device = 0; device < devices_; device += step) {
      std::vector<StoreWrite> writes;
      writes.emplace_back(report(device));
      const double before = CpuMilliseconds();
      Commit(*store, std::move(writes));
      cpu += CpuMilliseconds() - before;
    }
    Print("store: " + what + ", CPU", cpu / count, "ms");
    if (const auto then = meters::ServerCpuSeconds(postmaster_); server && then) {
      Print("store: " + what + ", server's CPU", (*then - *server) * 1e3 / count, "ms");
    }
  }

  const int devices_;
  const std::string store_;
  pid_t postmaster_ = -1;  // of the PostgreSQL server
};

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

void Run(int devices, const std::string& store_name, const std::string& share) {
  const LedgerBench bench(devices, store_name);
  {
    const auto store = bench.Open(true);
    for (int device = 0; device < devices; ++device) Enrol(*store, device);
  }
  const auto software = [](int device) { return Full(device, "software", SoftwareRows(device, 0)); };
  bench.Feed("first report of 2,000 packages", 1, software, "ledger on disk a host, 2,000 packages");
  const auto accounts = [](int device) { return Full(device, "accounts", AccountRows(device)); };
  bench.Feed("first report of 37 accounts", 1, accounts, "ledger on disk a host, 37 accounts");
  bench.Feed("report of 20 upgraded packages", 10, Upgrade, "changed set on disk");
  const auto store = bench.Open();
  WhoHasBelow(*store);
  JudgeAll(*store, share);
}

}  // namespace
}  // namespace daicho::collector::bench

int main(int argc, char** argv) {
  const auto devices = argc == 4 ? daicho::ParseUint32(argv[1]) : std::nullopt;
  if (!devices || *devices == 0) {
    std::fputs("usage: bench_ledger DEVICES EMPTY_FOLDER|URL SHARE_FOLDER\n", stderr);
    return 2;
  }
  const std::string place = argv[2];
  daicho::collector::bench::Run(static_cast<int>(*devices),
                                daicho::meters::IsPostgres(place) ? place : place + "/ledger.sqlite", argv[3]);
  return 0;
}
