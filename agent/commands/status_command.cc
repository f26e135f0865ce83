#include <CLI/CLI.hpp>
#include <memory>

#include "agent/commands/commands.h"
#include "agent/commands/print.h"
#include "agent/cycle/cycle_record.h"
#include "agent/identity/identity.h"
#include "agent/identity/row_file.h"
#include "agent/supervisor/resident.h"
#include "agent/supervisor/sandbox.h"
#include "common/exit_code.h"
#include "common/json.h"
#include "common/sections.h"
#include "common/time_format.h"

namespace daicho::agent {

namespace {

struct Options {
  std::string state = kDefaultStateFolder;
  bool json = false;
};

struct AgentStatus {
  Identity identity;  // without the key
  AgentConfig config;
  Result<CycleRecord> last_cycle;
  std::vector<std::pair<std::string, RowFile>> acknowledged;  // headers
};

Result<AgentStatus> ReadStatus(const AgentState& state) {
  auto config = LoadConfig(state);
  if (!config) return std::unexpected(std::move(config.error()));
  auto identity = LoadCertificate(state);
  if (!identity) return std::unexpected(std::move(identity.error()));
  AgentStatus status{std::move(*identity), std::move(*config), LoadCycleRecord(state), {}};
  for (const SectionType& type : AllSections()) {
    auto header = LoadRowFileHeader(state.Acknowledged(type.name));
    if (header) status.acknowledged.emplace_back(type.name, std::move(*header));
  }
  return status;
}

std::string Json(const AgentStatus& status) {
  std::string out = "{\"device_id\":\"" + status.identity.device_id + "\",\"collectors\":[";
  for (const std::string& endpoint : status.config.collectors) {
    if (&endpoint != &status.config.collectors.front()) out += ',';
    AppendJsonString(endpoint, out);
  }
  out += std::string("],\"uplink_files_confined\":") + (CanConfineFiles() ? "true" : "false");
  out += ",\"certificate_not_after\":\"" + FormatTime(status.identity.not_after) + '"';
  if (status.last_cycle) out += ",\"last_cycle\":" + CycleRecordJson(*status.last_cycle);
  out += ",\"acknowledged\":[";
  for (const auto& [name, header] : status.acknowledged) {
    if (name != status.acknowledged.front().first) out += ',';
    out += "{\"name\":\"" + name + "\",\"digest\":\"" + Hex(header.digest) + "\",\"collected_at\":\"" +
           FormatTime(header.time) + "\"}";
  }
  return out + "]}\n";
}

std::string ForPeople(const AgentStatus& status) {
  std::string out = "device       " + status.identity.device_id + "\n";
  for (const std::string& endpoint : status.config.collectors) out += "collector    " + endpoint + "\n";
  out += "certificate  valid until " + FormatTime(status.identity.not_after) + "\n";
  if (!CanConfineFiles()) {
    out += "note         this kernel has no Landlock: only file modes keep the uplink from other files\n";
  }
  if (status.last_cycle) {
    out += "last cycle   " + FormatTime(status.last_cycle->finished_at) + " " + Summary(*status.last_cycle) + "\n";
  } else {
    out += "last cycle   " +
           (status.last_cycle.error().code == Code::kNotFound ? "none yet; run daicho-agent cycle"
                                                              : status.last_cycle.error().message) +
           "\n";
  }
  for (const auto& [name, header] : status.acknowledged) {
    out += "acknowledged " + name + " " + Hex(header.digest).substr(0, 16) + " of " + FormatTime(header.time) + "\n";
  }
  return out;
}

int Status(const Options& options) {
  const auto status = ReadStatus(AgentState(options.state));
  if (!status) return Complain(status.error());
  Print(options.json ? Json(*status) : ForPeople(*status));
  return static_cast<int>(ExitCode::kDone);
}

}  // namespace

void AddStatus(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("status", "Show who this agent is, its last cycle and what the collector has.");
  command->add_option("--state", options->state, "state folder of the agent")->capture_default_str();
  command->add_flag("--json", options->json, "one JSON object");
  command->footer(HelpFooter("daicho-agent status --json"));
  command->callback([&action, options] { action = [options] { return Status(*options); }; });
}

}  // namespace daicho::agent
