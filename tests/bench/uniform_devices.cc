#include "tests/bench/uniform_devices.h"

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <utility>

namespace daicho::collector::bench {

[[noreturn]] void Stop(const std::string& why) {
  std::fprintf(stderr, "bench: %s\n", why.c_str());
  std::exit(1);
}

double CpuMilliseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
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

namespace {

ReportWrite NewReport(int device, UnixTime at, std::shared_ptr<const v1::ReportRequest> request) {
  ReportWrite report;
  report.device_id = DeviceId(device);
  report.caller_serial = DeviceId(device);
  report.at = at;
  report.request = std::move(request);
  return report;
}

}  // namespace

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

}  // namespace daicho::collector::bench
