// agent.toml: TOML 1.0.
//
//   schema = 1
//   collectors = ["collector.example:7443", "192.0.2.7:7443"]   # tried in this order
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/identity/agent_state.h"
#include "common/error.h"

namespace daicho::agent {

inline constexpr int kConfigSchema = 1;

struct AgentConfig {
  std::vector<std::string> collectors;  // "HOST:PORT" or "[IPv6]:PORT"; at least one
};

// `file` is for messages. kInvalidArgument: not TOML, a key that is unknown or of the wrong type, no collector
// (message: file:line:column); kFailedPrecondition: schema newer than this agent's.
Result<AgentConfig> ParseConfig(std::string_view toml, const std::string& file);
std::string FormatConfig(const AgentConfig& config);

// kFailedPrecondition: the file is missing, this device is not enrolled.
Result<AgentConfig> LoadConfig(const AgentState& state);

// kInvalidArgument unless `endpoint` is HOST:PORT or [IPv6]:PORT with a port in 1..65535.
Status CheckEndpoint(std::string_view endpoint);

// `text` as a TOML basic string with its quotes, in ASCII with \u escapes; what is not UTF-8 is replaced.
std::string TomlString(std::string_view text);

}  // namespace daicho::agent
