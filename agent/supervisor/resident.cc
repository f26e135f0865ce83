#include "agent/supervisor/resident.h"

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <random>
#include <utility>

#include "agent/supervisor/idle_memory.h"
#include "common/service_manager.h"
#include "common/time_format.h"

namespace daicho::agent {

namespace {

void Log(const std::string& line) { std::fprintf(stderr, "daicho-agent: %s\n", line.c_str()); }

class Resident {
 public:
  Resident(const ResidentOptions& options, const Clock& clock)
      : options_(options),
        clock_(clock),
        context_(1),
        children_(context_),
        stop_(context_, SIGTERM, SIGINT),
        timer_(context_),
        schedule_(options.schedule, std::random_device{}()) {}

  void Run() {
    stop_.async_wait([this](const asio::error_code& canceled, int) {
      if (!canceled) Stop();
    });
    CycleAfter(schedule_.FirstDelay());
    Notify("READY=1\nSTATUS=waiting for the first cycle");
    ReleaseIdleMemory();
    context_.run();
  }

 private:
  void Notify(const std::string& message) {
    if (auto told = NotifyServiceManager(message); !told) Log(told.error().message);
  }

  void Stop() {
    Notify("STOPPING=1");
    children_.KillAll();
    context_.stop();
  }

  void CycleAfter(std::uint32_t seconds) {
    timer_.expires_after(std::chrono::seconds(seconds));
    timer_.async_wait([this](const asio::error_code& canceled) {
      if (!canceled) StartCycle();
    });
  }

  void StartCycle() {
    cycle_.emplace(children_, clock_, options_.state, options_.programs);
    auto started = cycle_->Start([this](CycleRecord record) { Finish(std::move(record)); });
    if (started) return;
    CycleRecord failed;
    failed.code = static_cast<int>(started.error().code);
    failed.message = started.error().message;
    const std::uint32_t delay = schedule_.DelayAfter(failed);
    Log(failed.message + "; trying again in " + std::to_string(delay) + " s");
    CycleAfter(delay);
  }

  void Finish(CycleRecord record) {
    const std::uint32_t delay = schedule_.DelayAfter(record);
    record.next_at = clock_.Now() + delay;
    if (auto saved = SaveCycleRecord(options_.state, record); !saved) Log(saved.error().message);
    const std::string summary = Summary(record);
    Log(summary);
    Notify("STATUS=" + summary);
    CycleAfter(delay);
    ReleaseIdleMemory();
  }

  const ResidentOptions& options_;
  const Clock& clock_;
  asio::io_context context_;
  Children children_;
  asio::signal_set stop_;
  asio::steady_timer timer_;
  Schedule schedule_;
  std::optional<CycleRun> cycle_;
};

}  // namespace

std::string Summary(const CycleRecord& record) {
  std::string text;
  if (record.CheckedIn()) {
    text = "checked in, " + std::to_string(record.sections_sent.size()) + " sections sent";
  } else {
    text = "no check-in: " + record.message;
  }
  text += ", " + std::to_string(record.cpu_ms) + " ms CPU";
  for (const std::string& overrun : record.overruns) text += "; " + overrun;
  for (const std::string& warning : record.warnings) text += "; " + warning;
  if (record.next_at != 0) text += "; next " + FormatTime(record.next_at);
  return text;
}

Status RunResident(const ResidentOptions& options, const Clock& clock) {
  try {
    Resident(options, clock).Run();
  } catch (const std::exception& error) {  // Asio's constructors: no epoll, no signals
    return Fail(Code::kInternal, std::string("the event loop failed: ") + error.what());
  }
  return {};
}

}  // namespace daicho::agent
