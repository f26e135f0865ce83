#include "collector/verify_run.h"

#include <unistd.h>

#include <chrono>
#include <iostream>
#include <utility>
#include <vector>

#include "collector/config.h"
#include "collector/store/open_store.h"
#include "common/json.h"

namespace daicho::collector {

namespace {

// Once a second, on a terminal alone: a file or a mail wants the outcome.
class ProgressLine {
 public:
  bool Show(std::uint64_t done, std::uint64_t of) {
    const auto now = std::chrono::steady_clock::now();
    if (!is_terminal_ || now - shown_at_ < std::chrono::seconds(1)) return true;
    shown_at_ = now;
    is_shown_ = true;
    std::cerr << "\r\x1b[K" << "proved " << done << " of " << of << std::flush;
    return true;
  }
  void Clear() const {
    if (is_shown_) std::cerr << "\r\x1b[K" << std::flush;
  }

 private:
  const bool is_terminal_ = ::isatty(STDERR_FILENO) != 0;
  bool is_shown_ = false;
  std::chrono::steady_clock::time_point shown_at_ = std::chrono::steady_clock::now();
};

std::vector<std::pair<const char*, std::uint64_t>> Counted(const VerifyCounts& counts) {
  return {{"devices", counts.devices},
          {"sections", counts.sections},
          {"items", counts.items},
          {"sets", counts.sets},
          {"journal_entries", counts.journal_entries}};
}

std::string ToJson(const Result<VerifyCounts>& proved) {
  std::string json = proved ? "{\"sound\":true" : "{\"sound\":false,\"problem\":";
  if (!proved) AppendJsonString(proved.error().message, json);
  for (const auto& [name, count] : Counted(proved.value_or(VerifyCounts()))) {
    if (proved) json += ",\"" + std::string(name) + "\":" + std::to_string(count);
  }
  return json + "}\n";
}

std::string ToText(const VerifyCounts& counts) {
  std::string text = "The ledger is sound:";
  const char* comma = " ";
  for (const auto& [name, count] : Counted(counts)) {
    text +=
        comma + std::to_string(count) + " " + (name == std::string_view("journal_entries") ? "journal entries" : name);
    comma = ", ";
  }
  return text + "\n";
}

// "Not there" is the command line's fault here, not "nothing found" (exit code 1).
Error OfCommandLine(Error error) {
  if (error.code == Code::kNotFound) error.code = Code::kInvalidArgument;
  return error;
}

}  // namespace

Status VerifyState(const VerifyOptions& options) {
  const auto config = LoadConfig(options.state + "/collector.toml");
  if (!config) return std::unexpected(OfCommandLine(config.error()));
  const auto store = OpenStoreToRead(config->store);
  if (!store && store.error().code != Code::kDataLoss) return std::unexpected(OfCommandLine(store.error()));
  ProgressLine progress;
  const Result<VerifyCounts> proved =
      store ? (*store)->Verify([&](std::uint64_t done, std::uint64_t of) { return progress.Show(done, of); })
            : std::unexpected(store.error());
  progress.Clear();
  const bool is_verdict = proved || proved.error().code == Code::kDataLoss;
  if (options.json && is_verdict) std::cout << ToJson(proved);
  if (!proved) return std::unexpected(proved.error());
  if (!options.json) std::cout << ToText(*proved);
  if (!std::cout.flush()) return Fail(Code::kResourceExhausted, "standard output takes nothing");
  return {};
}

}  // namespace daicho::collector
