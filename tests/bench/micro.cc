// The steps that every cycle or report repeats for each row: parse, order, digest, delta, version key, JSON. And what
// each call costs the collector to be counted and logged.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "agent/sources/source.h"
#include "collector/log/line.h"
#include "collector/log/request_id.h"
#include "collector/metrics/call_metrics.h"
#include "common/delta.h"
#include "common/json.h"
#include "common/sections.h"
#include "common/version_order.h"
#include "daicho/v1/agent.pb.h"
#include "daicho/v1/facts.pb.h"
#include "tests/agent/fake_tree.h"

namespace daicho {
namespace {

std::string Version(int package) {
  return std::to_string(package % 9) + "." + std::to_string(package % 100) + ".7+dfsg-" + std::to_string(package % 13) +
         "+deb12u1";
}

// As dpkg writes it (deb-control(5)), with the long fields that a parser has to pass over.
std::string StatusFile(int packages) {
  std::string text;
  for (int i = 0; i < packages; ++i) {
    const std::string name = "package-" + std::to_string(i);
    text += "Package: " + name + "\nStatus: install ok installed\nPriority: optional\nSection: libs\n" +
            "Installed-Size: 2048\nMaintainer: A Team <team@example.org>\nArchitecture: amd64\nMulti-Arch: same\n" +
            "Source: source-" + std::to_string(i / 3) + "\nVersion: " + Version(i) +
            "\nDepends: libc6 (>= 2.36), libstdc++6 (>= 11), zlib1g (>= 1:1.2.13)\nDescription: one line\n" +
            " A longer text of a few lines, as packages have it; it is of no interest here\n" +
            " and makes most of the file.\n .\n Another paragraph of it.\nHomepage: https://example.org/\n\n";
  }
  return text;
}

Rows SoftwareRows(int packages) {
  Rows rows;
  for (int i = 0; i < packages; ++i) {
    v1::Software software;
    software.set_manager("dpkg");
    software.set_name("package-" + std::to_string(i));
    software.set_architecture("amd64");
    software.set_version(Version(i));
    software.set_state("installed");
    software.set_publisher("A Team <team@example.org>");
    software.mutable_installed_at()->set_seconds(1'700'000'000 + i);
    rows.push_back(RowBytes(software));
  }
  return rows;
}

Rows OrderedRows(int packages) {
  Rows rows = SoftwareRows(packages);
  OrderRows(rows);
  return rows;
}

void ParseSoftware(benchmark::State& state) {
  agent::FakeTree tree;
  tree.PieceBytes(64u << 10).File("/var/lib/dpkg/status", StatusFile(static_cast<int>(state.range(0))));
  const agent::FakeSystem system;
  for (const agent::Source& source : agent::AllSources()) {
    if (source.section != "software") continue;
    for ([[maybe_unused]] auto unused : state) {
      v1::Section section = source.collect({.files = tree, .system = system, .now = 1'800'000'000});
      if (section.rows_size() != state.range(0)) state.SkipWithError("rows are missing");
      benchmark::DoNotOptimize(section);
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(ParseSoftware)->Arg(1000)->Arg(5000)->Unit(benchmark::kMillisecond);

void OrderAndDigest(benchmark::State& state) {
  const Rows rows = SoftwareRows(static_cast<int>(state.range(0)));
  for ([[maybe_unused]] auto unused : state) {
    Rows copy = rows;
    OrderRows(copy);
    benchmark::DoNotOptimize(DigestRows(copy));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(OrderAndDigest)->Arg(2000)->Unit(benchmark::kMicrosecond);

// One package of a hundred was upgraded.
void DeltaOfOnePercent(benchmark::State& state) {
  const Rows base = OrderedRows(static_cast<int>(state.range(0)));
  Rows now = base;
  for (std::size_t i = 0; i < now.size(); i += 100) now[i] += '\0';
  OrderRows(now);
  for ([[maybe_unused]] auto unused : state) {
    v1::SectionDelta delta;
    MakeDelta(base, now, delta);
    const Result<RowViews> applied = ApplyDelta(ViewRows(base), delta);
    if (!applied || *applied != ViewRows(now)) state.SkipWithError("the delta does not lead to the new rows");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(DeltaOfOnePercent)->Arg(2000)->Unit(benchmark::kMicrosecond);

void VersionKeys(benchmark::State& state) {
  int package = 0;
  const std::string versions[] = {Version(1), "1:2.36-9+deb12u14", "3.0.11-1~deb12u2", "20250419~deb12u2"};
  for ([[maybe_unused]] auto unused : state) benchmark::DoNotOptimize(VersionKey("dpkg", versions[++package % 4]));
}
BENCHMARK(VersionKeys);

void ParseRows(benchmark::State& state) {
  const Rows rows = OrderedRows(2000);
  const SectionType& type = *FindSection("software");
  for ([[maybe_unused]] auto unused : state) {
    for (const std::string& row : rows) benchmark::DoNotOptimize(ParseRow(type, row));
  }
  state.SetItemsProcessed(state.iterations() * 2000);
}
BENCHMARK(ParseRows)->Unit(benchmark::kMicrosecond);

void RowsAsJson(benchmark::State& state) {
  const Rows rows = OrderedRows(2000);
  const SectionType& type = *FindSection("software");
  std::vector<std::unique_ptr<google::protobuf::Message>> messages;
  for (const std::string& row : rows) {
    if (auto message = ParseRow(type, row)) messages.push_back(std::move(*message));
  }
  for ([[maybe_unused]] auto unused : state) {
    std::string out;
    for (const auto& message : messages) AppendJson(*message, out);
    benchmark::DoNotOptimize(out);
  }
  state.SetItemsProcessed(state.iterations() * 2000);
}
BENCHMARK(RowsAsJson)->Unit(benchmark::kMicrosecond);

void CountACall(benchmark::State& state) {
  static collector::CallMetrics metrics;
  for ([[maybe_unused]] auto unused : state) {
    metrics.Count("/daicho.v1.Inventory/CheckIn", 0, std::chrono::microseconds(150));
  }
}
BENCHMARK(CountACall)->Threads(1)->Threads(2);

void MakeARequestId(benchmark::State& state) {
  for ([[maybe_unused]] auto unused : state) benchmark::DoNotOptimize(collector::NewRequestId());
}
BENCHMARK(MakeARequestId);

void WriteALogLine(benchmark::State& state) {
  const collector::LogField fields[] = {{"method", "daicho.v1.Inventory/CheckIn"},
                                        {"peer", "ipv4:192.0.2.17:40112"},
                                        {"actor", "device/0123456789abcdef0123456789abcdef"},
                                        {"code", "OK"},
                                        {"ms", "0.153", true}};
  const collector::LogLine line{.seconds = 1'800'000'000,
                                .milliseconds = 42,
                                .level = "info",
                                .message = "call",
                                .request_id = "3f2a91c0",
                                .fields = fields};
  for ([[maybe_unused]] auto unused : state) {
    benchmark::DoNotOptimize(state.range(0) == 0 ? collector::TextLine(line) : collector::JsonLine(line));
  }
}
BENCHMARK(WriteALogLine)->ArgName("json")->Arg(0)->Arg(1);

void WriteMetrics(benchmark::State& state) {
  static collector::CallMetrics metrics;
  for (const char* path : {"/daicho.v1.Inventory/CheckIn", "/daicho.v1.Inventory/Report", "/daicho.v1.Admin/Query"}) {
    metrics.Count(path, 0, std::chrono::microseconds(150));
  }
  for ([[maybe_unused]] auto unused : state) {
    collector::Exposition out;
    metrics.WriteTo(out);
    benchmark::DoNotOptimize(out.Take());
  }
}
BENCHMARK(WriteMetrics)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace daicho

BENCHMARK_MAIN();
