// export DEVICES FOLDER SHARE [csv|json]   fills a ledger of its own in FOLDER with that many devices, judges it by the
// rules in SHARE/rules, and then, in a process that did none of this, exports the software of all of them: once to
// nowhere and once to FOLDER/software.FORMAT as a scheduled export does. Prints what it costs, one JSON object a line:
// {"what":…,"value":…,"unit":…}. The devices are those of uniform_devices.h with a remote maintenance tool and ten
// removed packages more, so that every device has findings.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "collector/reports/render.h"
#include "collector/rules/findings_engine.h"
#include "collector/setup.h"
#include "collector/store/sqlite_store.h"
#include "common/files.h"
#include "common/text.h"
#include "tests/bench/uniform_devices.h"

namespace daicho::collector::bench {
namespace {

constexpr int kBatch = 50;

struct Options {
  int devices = 0;
  std::string folder;
  std::string share;
  std::string format;
  std::string ledger() const { return folder + "/ledger.sqlite"; }
};

template <typename T>
T OrStop(Result<T> result) {
  if (!result) Stop(result.error().message);
  return std::move(*result);
}

std::string Package(const std::string& name, const std::string& state) {
  v1::Software software;
  software.set_manager("dpkg");
  software.set_name(name);
  software.set_architecture("amd64");
  software.set_version("6.3.0");
  software.set_state(state);
  software.set_publisher("富士ソフト");
  software.mutable_installed_at()->set_seconds(kStart);
  return RowBytes(software);
}

Rows SoftwareOf(int device) {
  Rows rows = SoftwareRows(device, 0);
  rows.push_back(Package("anydesk", "installed"));
  for (int i = 0; i < 10; ++i) rows.push_back(Package("removed-" + std::to_string(i), "config-files"));
  OrderRows(rows);
  return rows;
}

void Fill(const Options& options) {
  const auto store = OrStop(OpenSqliteStore(options.ledger(), {.create = true}));
  for (int device = 0; device < options.devices; ++device) Enrol(*store, device);
  for (int device = 0; device < options.devices;) {
    std::vector<StoreWrite> writes;
    for (int i = 0; i < kBatch && device < options.devices; ++i, ++device) {
      writes.emplace_back(Full(device, "software", SoftwareOf(device)));
    }
    Commit(*store, std::move(writes));
  }
  GroupCommitter committer(*store);
  const FakeClock clock(kStart + kDay);
  FindingsEngine findings(*store, committer, clock, OrStop(LoadShare(options.share, {})));
  if (auto done = findings.RefreshNow(); !done) Stop(done.error().message);
}

double PeakMib() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_maxrss) / 1024;
}

// Runs the export with `out`, and what is to be done at its `end`.
void Measure(const std::string& where, const Options& options, const Store& store, const RuleSet& rules,
             const ByteSink& out, const std::function<void()>& end) {
  const double cpu = CpuMilliseconds();
  const auto begin = std::chrono::steady_clock::now();
  const ReportContext context{.store = store, .rules = rules, .now = kStart + kDay};
  const auto rows = static_cast<double>(OrStop(RenderReport(context, "software", options.format, out)));
  end();
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const std::string what = "export of software, " + options.format + " to " + where;
  Print(what + ": rows", rows, "rows");
  Print(what + ", wall", wall * 1e6 / rows, "µs/row");
  Print(what + ", CPU", (CpuMilliseconds() - cpu) * 1e3 / rows, "µs/row");
  Print(what + ": rows a second", rows / wall, "rows/s");
  Print(what + ": peak memory of the process", PeakMib(), "MiB");
}

void Run(const Options& options) {
  const auto store = OrStop(OpenSqliteStore(options.ledger(), {.create = false, .check = false}));
  const RuleSet rules = OrStop(LoadShare(options.share, {}));
  Print("before the export: peak memory of the process", PeakMib(), "MiB");
  double bytes = 0;
  Measure(
      "nowhere", options, *store, rules,
      [&](std::string_view piece) -> Status {
        bytes += static_cast<double>(piece.size());
        return {};
      },
      [] {});
  Print("export of software, " + options.format + ": size", bytes / 1024 / 1024, "MiB");
  AtomicFile file = OrStop(AtomicFile::Create(options.folder + "/software." + options.format));
  Measure(
      "a file", options, *store, rules, [&](std::string_view piece) { return file.Append(piece); },
      [&] {
        if (auto done = file.Commit(); !done) Stop(done.error().message);
      });
}

}  // namespace
}  // namespace daicho::collector::bench

int main(int argc, char** argv) {
  using namespace daicho::collector::bench;
  const auto devices = argc == 4 || argc == 5 ? daicho::ParseUint32(argv[1]) : std::nullopt;
  if (!devices || *devices == 0) {
    std::fputs("usage: bench_export DEVICES EMPTY_FOLDER SHARE_FOLDER [csv|json]\n", stderr);
    return 2;
  }
  const Options options{static_cast<int>(*devices), argv[2], argv[3], argc == 5 ? argv[4] : "csv"};
  const pid_t filler = ::fork();
  if (filler == 0) {
    Fill(options);
    return 0;
  }
  int status = 0;
  if (filler < 0 || ::waitpid(filler, &status, 0) != filler || status != 0) return 1;
  Run(options);
  return 0;
}
