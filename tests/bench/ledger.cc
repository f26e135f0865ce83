// ledger DEVICES FOLDER SHARE   fills a ledger of its own in FOLDER with that many devices, judges it by the rules in
// SHARE/rules and prints what it costs, one JSON object a line: {"what":…,"value":…,"unit":…}. Every device has 2,000
// packages of one image, a hundredth of them in a version of its own, and 37 accounts; a day later a hundredth of the
// packages of every tenth device is upgraded.
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "collector/admin/device_reader.h"
#include "collector/rules/findings_engine.h"
#include "collector/setup.h"
#include "collector/store/sqlite_store.h"
#include "common/sections.h"
#include "common/text.h"

namespace daicho::collector {
namespace {

constexpr int kPackages = 2000;
constexpr int kAccounts = 37;
constexpr UnixTime kStart = 1'790'000'000;
constexpr UnixTime kDay = 86'400;

[[noreturn]] void Stop(const std::string& why) {
  std::fprintf(stderr, "ledger: %s\n", why.c_str());
  std::exit(1);
}

double CpuMilliseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

double WallMilliseconds(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

void Print(const std::string& what, double value, const std::string& unit) {
  std::printf("{\"what\":\"%s\",\"value\":%.4f,\"unit\":\"%s\"}\n", what.c_str(), value, unit.c_str());
  std::fflush(stdout);
}

std::string DeviceId(int device) {
  char text[33];
  std::snprintf(text, sizeof text, "%032x", static_cast<unsigned>(device + 1));
  return text;
}

// `upgrades`: how often the device's own packages were upgraded.
Rows SoftwareRows(int device, int upgrades) {
  Rows rows;
  rows.reserve(kPackages);
  for (int i = 0; i < kPackages; ++i) {
    const bool own = i % 100 == device % 100;
    v1::Software software;
    software.set_manager("dpkg");
    software.set_name("package-" + std::to_string(i));
    software.set_architecture("amd64");
    software.set_version("3.0." + std::to_string(own ? device % 7 + upgrades : 11) + "-1~deb12u" +
                         std::to_string(i % 5));
    software.set_state("installed");
    software.set_publisher("Team " + std::to_string(i % 50) + " <team@example.org>");
    software.mutable_installed_at()->set_seconds(kStart - i * 60);
    rows.push_back(RowBytes(software));
  }
  OrderRows(rows);
  return rows;
}

Rows AccountRows(int device) {
  Rows rows;
  for (int i = 0; i < kAccounts; ++i) {
    const bool person = i < 8;
    v1::Account account;
    account.set_name((person ? "person" : "service") + std::to_string(i));
    account.set_uid(person ? 1000u + static_cast<unsigned>(i) : 100u + static_cast<unsigned>(i));
    account.set_human(person);
    account.set_enabled(person);
    account.set_shell(person ? "/bin/bash" : "/usr/sbin/nologin");
    if (person) account.mutable_last_use()->mutable_at()->set_seconds(kStart - (device + i) % 200 * kDay);
    account.mutable_evidence_since()->set_seconds(kStart - 400 * kDay);
    rows.push_back(RowBytes(account));
  }
  OrderRows(rows);
  return rows;
}

void Commit(Store& store, std::vector<StoreWrite> writes) {
  if (const Status done = store.Commit(writes); !done) Stop(done.error().message);
  for (const StoreWrite& write : writes) {
    const auto* report = std::get_if<ReportWrite>(&write);
    if (report == nullptr) continue;
    if (!report->result) Stop(report->result.error().message);
    for (const v1::SectionResult& section : *report->result) {
      if (section.outcome() != v1::APPLIED) Stop(section.name() + ": " + section.message());
    }
  }
}

void Enrol(Store& store, int device) {
  TokenWrite token;
  token.token_hashes = {"token-" + std::to_string(device)};
  token.created_by = "admin/bench";
  token.created_at = kStart;
  token.expires_at = kStart + kDay;
  EnrolWrite enrol;
  enrol.token_hash = token.token_hashes.front();
  enrol.device_id = DeviceId(device);
  enrol.hostname = "pc-" + std::to_string(device);
  enrol.agent_version = "0.1.0";
  enrol.certificate_serial = DeviceId(device);
  enrol.certificate_not_after = kStart + 365 * kDay;
  enrol.at = kStart;
  std::vector<StoreWrite> writes;
  writes.emplace_back(std::move(token));
  writes.emplace_back(std::move(enrol));
  Commit(store, std::move(writes));
}

ReportWrite NewReport(int device, UnixTime at, std::shared_ptr<const v1::ReportRequest> request) {
  ReportWrite report;
  report.device_id = DeviceId(device);
  report.caller_serial = DeviceId(device);
  report.at = at;
  report.request = std::move(request);
  return report;
}

ReportWrite Full(int device, const char* section, const Rows& rows) {
  auto request = std::make_shared<v1::ReportRequest>();
  v1::SectionDelta& delta = *request->add_sections();
  delta.set_name(section);
  delta.set_status(v1::OK);
  MakeFull(rows, delta);
  return NewReport(device, kStart, std::move(request));
}

ReportWrite Upgrade(int device) {
  auto request = std::make_shared<v1::ReportRequest>();
  v1::SectionDelta& software = *request->add_sections();
  software.set_name("software");
  software.set_status(v1::OK);
  MakeDelta(SoftwareRows(device, 0), SoftwareRows(device, 1), software);
  return NewReport(device, kStart + kDay, std::move(request));
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
}  // namespace daicho::collector

int main(int argc, char** argv) {
  const auto devices = argc == 4 ? daicho::ParseUint32(argv[1]) : std::nullopt;
  if (!devices || *devices == 0) {
    std::fputs("usage: bench_ledger DEVICES EMPTY_FOLDER SHARE_FOLDER\n", stderr);
    return 2;
  }
  daicho::collector::Run(static_cast<int>(*devices), argv[2], argv[3]);
  return 0;
}
