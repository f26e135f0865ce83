#include "agent/supervisor/cycle_run.h"

#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <asio/post.hpp>
#include <asio/signal_set.hpp>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <system_error>
#include <utility>

#include "common/delta.h"
#include "common/protocol.h"

namespace daicho::agent {

namespace {

ChildEnd OwnCost() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return ChildEndOf(0, usage, false);
}

std::string HowEnded(const ChildLimits& limits, const ChildEnd& end) {
  return limits.name + (end.signal != 0 ? " was killed by signal " + std::to_string(end.signal)
                                        : " ended with exit code " + std::to_string(end.exit_code));
}

CycleRecord FailedRecord(Code code, std::string message) {
  CycleRecord record;
  record.code = static_cast<int>(code);
  record.message = std::move(message);
  return record;
}

Result<std::string> NewInstance() {
  std::string bytes(kMaxLineIdBytes / 2, '\0');
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return Fail(Code::kInternal, "getrandom: " + std::generic_category().message(errno));
  }
  return Hex(bytes);
}

}  // namespace

Result<CyclePrograms> InstalledPrograms(const AgentState& state, const std::string& root) {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return Fail(Code::kInternal, "/proc/self/exe: " + error.message() + "; /proc must be mounted");
  const auto instance = NewInstance();
  if (!instance) return std::unexpected(instance.error());
  CyclePrograms programs;
  programs.collection = {self.string(), "collect", "--state", state.Folder(), "--root", root};
  programs.uplink = {
      (self.parent_path() / "daicho-uplink").string(), "cycle", "--state", state.Folder(), "--instance", *instance};
  programs.collection_sandbox = CollectionSandbox();
  programs.uplink_sandbox = UplinkSandbox(programs.uplink.front(), state.Folder(), {});
  return programs;
}

CycleRun::CycleRun(Children& children, const Clock& clock, AgentState state, CyclePrograms programs)
    : children_(children), clock_(clock), state_(std::move(state)), programs_(std::move(programs)) {}

Status CycleRun::Start(Done done) {
  auto lock = StateLock::Take(state_);
  if (!lock) return std::unexpected(std::move(lock.error()));
  lock_ = std::move(*lock);
  RemoveLeftovers(state_);
  done_ = std::move(done);
  started_at_ = clock_.Now();
  own_cpu_at_start_ = OwnCost().cpu_microseconds;
  running_ = 1;  // this function itself: `done` must not come before both children had their chance
  StartChildren();
  children_.Defer([this] {
    if (--running_ == 0) Finish();
  });
  return {};
}

void CycleRun::StartChildren() {
  auto pipe = NewPipe();
  auto answer = NewMemoryFile();
  if (!pipe || !answer) {
    warnings_.push_back(pipe ? answer.error().message : pipe.error().message);
    return;
  }
  answer_ = std::move(*answer);
  const ChildSpec uplink{programs_.uplink, pipe->read.get(), answer_.get(), programs_.uplink_limits,
                         programs_.uplink_sandbox};
  const ChildSpec collection{programs_.collection, -1, pipe->write.get(), programs_.collection_limits,
                             programs_.collection_sandbox};
  const auto start = [&](const ChildSpec& spec, bool is_uplink) {
    auto started = children_.Start(spec, [this, limits = spec.limits, is_uplink](const ChildEnd& end) {
      if (is_uplink) uplink_end_ = end;
      Ended(limits, end);
    });
    started ? static_cast<void>(++running_) : warnings_.push_back(started.error().message);
  };
  // The uplink first: it connects while the collection reads.
  start(uplink, true);
  start(collection, false);
}

void CycleRun::Ended(const ChildLimits& limits, const ChildEnd& end) {
  child_cpu_ += end.cpu_microseconds;
  peak_rss_kib_ = std::max(peak_rss_kib_, end.peak_rss_kib);
  if (std::string overrun = OverrunOf(limits, end); !overrun.empty()) {
    overruns_.push_back(std::move(overrun));
  } else if (end.signal != 0 || (limits.name == programs_.collection_limits.name && end.exit_code != 0)) {
    warnings_.push_back(HowEnded(limits, end));
  }
  if (--running_ == 0) Finish();
}

CycleRecord CycleRun::UplinkRecord() {
  if (!uplink_end_) {
    return FailedRecord(Code::kInternal,
                        "the uplink did not start" + (warnings_.empty() ? "" : ": " + warnings_.back()));
  }
  const std::string overrun = OverrunOf(programs_.uplink_limits, *uplink_end_);
  if (!overrun.empty()) return FailedRecord(Code::kDeadlineExceeded, overrun);
  const auto answer = ReadMemoryFile(answer_);
  auto record = answer ? ParseCycleRecord(*answer, "answer of the uplink") : std::unexpected(answer.error());
  if (!record) return FailedRecord(Code::kInternal, record.error().message);
  if (answer->empty()) {
    return FailedRecord(Code::kInternal, HowEnded(programs_.uplink_limits, *uplink_end_) + " and gave no answer");
  }
  return std::move(*record);
}

void CycleRun::AddOwnCost(CycleRecord& record) const {
  const ChildEnd own = OwnCost();
  record.cpu_ms = static_cast<std::uint32_t>((child_cpu_ + own.cpu_microseconds - own_cpu_at_start_ + 999) / 1000);
  record.peak_rss_kib = std::max(peak_rss_kib_, own.peak_rss_kib);
}

// What no collector has been told yet stays until one has.
void CycleRun::CarryOverruns(CycleRecord& record) const {
  if (!record.CheckedIn()) {
    if (const auto last = LoadCycleRecord(state_)) record.overruns = last->overruns;
  }
  record.overruns.insert(record.overruns.end(), overruns_.begin(), overruns_.end());
  if (record.overruns.size() > kMaxOverruns) {
    record.overruns.erase(record.overruns.begin(), record.overruns.end() - kMaxOverruns);
  }
}

void CycleRun::Finish() {
  CycleRecord record = UplinkRecord();
  record.started_at = started_at_;
  record.finished_at = clock_.Now();
  record.warnings.insert(record.warnings.end(), warnings_.begin(), warnings_.end());
  AddOwnCost(record);
  CarryOverruns(record);
  // `done` may destroy this object; it runs under the lock because it writes the record.
  const std::optional<StateLock> lock = std::exchange(lock_, std::nullopt);
  const Done done = std::move(done_);
  done(std::move(record));
}

Result<CycleRecord> RunOneCycle(const AgentState& state, const CyclePrograms& programs, const Clock& clock) {
  asio::io_context context(1);
  Children children(context);
  asio::signal_set stop(context, SIGTERM, SIGINT);
  stop.async_wait([&](const asio::error_code& canceled, int) {
    if (!canceled) context.stop();
  });
  CycleRun run(children, clock, state, programs);
  std::optional<CycleRecord> result;
  Status saved;
  auto started = run.Start([&](CycleRecord record) {
    saved = SaveCycleRecord(state, record);
    result = std::move(record);
    context.stop();
  });
  if (!started) return std::unexpected(std::move(started.error()));
  context.run();
  if (!saved) return std::unexpected(std::move(saved.error()));
  if (!result) return Fail(Code::kAborted, "stopped by a signal before the cycle was done; nothing is lost");
  return std::move(*result);
}

}  // namespace daicho::agent
