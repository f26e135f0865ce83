#include "agent/identity/config.h"

#include <cstdio>
#include <utility>

#include "common/files.h"
#include "common/text.h"
#include "common/toml.h"

namespace daicho::agent {

namespace {

constexpr std::size_t kMaxConfigFileBytes = 64u << 10;

Status ReadCollectors(const toml::node& node, const std::string& file, AgentConfig& config) {
  const toml::array* list = node.as_array();
  if (!list) {
    return Fail(Code::kInvalidArgument, At(file, node.source(), "collectors must be a list: [\"HOST:PORT\"]"));
  }
  for (const toml::node& item : *list) {
    const auto endpoint = item.value<std::string>();
    const std::string place = At(file, item.source(), "");
    if (!endpoint) return Fail(Code::kInvalidArgument, place + "a collector must be a string \"HOST:PORT\"");
    if (auto good = CheckEndpoint(*endpoint); !good) return Fail(Code::kInvalidArgument, place + good.error().message);
    config.collectors.push_back(*endpoint);
  }
  return {};
}

Status CheckSchema(const toml::table& table, const std::string& file) {
  const auto schema = table["schema"].value<std::int64_t>();
  if (!schema) return Fail(Code::kInvalidArgument, file + ":1:1: schema is missing; write schema = 1");
  if (*schema > kConfigSchema) {
    return Fail(Code::kFailedPrecondition, file + ": schema " + std::to_string(*schema) +
                                               " was written by a newer agent; this one reads schema 1, update it");
  }
  return {};
}

}  // namespace

Status CheckEndpoint(std::string_view endpoint) {
  const std::size_t colon = endpoint.rfind(':');
  const bool bracketed = endpoint.starts_with('[') && colon > 0 && colon != endpoint.npos && endpoint[colon - 1] == ']';
  const std::string_view host = endpoint.substr(0, colon);
  const auto port = colon == endpoint.npos ? std::nullopt : ParseUint32(endpoint.substr(colon + 1));
  if (!port || *port == 0 || *port > 65535 || host.empty() || (!bracketed && host.find(':') != host.npos) ||
      host.find_first_of(" \t/\"'\\") != host.npos) {
    return Fail(Code::kInvalidArgument, "'" + CleanText(endpoint) + "' is not HOST:PORT (IPv6: [ADDRESS]:PORT)");
  }
  return {};
}

Result<AgentConfig> ParseConfig(std::string_view text, const std::string& file) {
  const auto parsed = ParseToml(text, file, Code::kInvalidArgument);
  if (!parsed) return std::unexpected(parsed.error());
  const toml::table& table = *parsed;
  if (auto schema = CheckSchema(table, file); !schema) return std::unexpected(schema.error());
  AgentConfig config;
  for (auto&& [key, node] : table) {
    if (key.str() == "collectors") {
      if (auto read = ReadCollectors(node, file, config); !read) return std::unexpected(read.error());
    } else if (key.str() != "schema") {
      return Fail(
          Code::kInvalidArgument,
          At(file, node.source(), "unknown key '" + std::string(key.str()) + "'; known are schema and collectors"));
    }
  }
  if (config.collectors.empty()) {
    return Fail(Code::kInvalidArgument, file + ": collectors names no collector; write collectors = [\"HOST:PORT\"]");
  }
  return config;
}

std::string FormatConfig(const AgentConfig& config) {
  std::string text = "schema = " + std::to_string(kConfigSchema) + "\ncollectors = [";
  for (std::size_t i = 0; i < config.collectors.size(); ++i) {
    if (i > 0) text += ", ";
    text += TomlString(config.collectors[i]);
  }
  return text + "]\n";
}

Result<AgentConfig> LoadConfig(const AgentState& state) {
  auto text = ReadFile(state.Config(), kMaxConfigFileBytes);
  if (!text && text.error().code == Code::kNotFound) {
    return Fail(Code::kFailedPrecondition,
                state.Folder() +
                    ": this device is not enrolled; get a token from the administrator and run daicho-agent "
                    "enrol");
  }
  if (!text) return std::unexpected(std::move(text.error()));
  return ParseConfig(*text, state.Config());
}

std::string TomlString(std::string_view text) {
  std::string quoted = "\"";
  const std::string clean = CleanText(text);
  for (std::string_view left = clean; !left.empty();) {
    const Utf8Char next = NextUtf8(left);
    if (next.code >= 0x80) {
      char escape[16];
      std::snprintf(escape, sizeof escape, "\\U%08X", static_cast<unsigned>(next.code));
      quoted += escape;
    } else {
      if (left.front() == '"' || left.front() == '\\') quoted += '\\';
      quoted += left.front();
    }
    left.remove_prefix(next.size);
  }
  return quoted + '"';
}

}  // namespace daicho::agent
