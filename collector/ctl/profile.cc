#include "collector/ctl/profile.h"

#include <array>
#include <filesystem>
#include <string_view>
#include <utility>

#include "collector/ctl/texts.h"
#include "common/files.h"
#include "common/text.h"
#include "common/toml.h"

namespace daicho::collector {

namespace {

constexpr std::size_t kMaxProfileBytes = 64u << 10;
constexpr std::string_view kKnownKeys = "endpoint, ca, certificate, key, role";

std::string Place(const std::string& path, const toml::source_position& position) {
  return path + ":" + std::to_string(position.line) + ":" + std::to_string(position.column);
}

// HOST:PORT, [IPV6]:PORT.
bool IsEndpoint(std::string_view endpoint) {
  const auto colon = endpoint.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const auto port = ParseUint32(endpoint.substr(colon + 1));
  const std::string_view host = endpoint.substr(0, colon);
  const bool bare_ipv6 = host.find(':') != std::string_view::npos && !(host.starts_with('[') && host.ends_with(']'));
  return port && *port > 0 && *port < 65536 && !bare_ipv6 && host.find_first_of(" \t/") == std::string_view::npos;
}

Status CheckValues(const Profile& profile, const toml::table& table, Language language) {
  const auto place = [&](const char* key) { return Place(profile.path, table.get(key)->source().begin); };
  for (const char* key : {"endpoint", "ca", "certificate", "key"}) {
    if (!table.contains(key)) {
      return Fail(Code::kInvalidArgument, Say(language, Text::kErrProfileMissing, {profile.path, key}));
    }
  }
  if (!IsEndpoint(profile.endpoint)) {
    return Fail(Code::kInvalidArgument,
                Say(language, Text::kErrProfileEndpoint, {place("endpoint"), CleanText(profile.endpoint)}));
  }
  const std::string& role = profile.role;
  if (table.contains("role") && role != "viewer" && role != "operator" && role != "admin") {
    return Fail(Code::kInvalidArgument, Say(language, Text::kErrProfileRole, {place("role"), CleanText(role)}));
  }
  return {};
}

Result<Profile> Read(const toml::table& table, const std::string& path, Language language) {
  Profile profile;
  profile.path = path;
  const std::array<std::pair<std::string_view, std::string*>, 5> known = {{{"endpoint", &profile.endpoint},
                                                                           {"ca", &profile.ca},
                                                                           {"certificate", &profile.certificate},
                                                                           {"key", &profile.key},
                                                                           {"role", &profile.role}}};
  for (const auto& [key, node] : table) {
    std::string* target = nullptr;
    for (const auto& [name, value] : known) {
      if (key.str() == name) target = value;
    }
    const std::string name = CleanText(key.str());
    if (target == nullptr) {
      const std::string place = Place(path, key.source().begin);
      return Fail(Code::kInvalidArgument, Say(language, Text::kErrProfileUnknownKey, {place, name, kKnownKeys}));
    }
    const auto* text = node.as_string();
    if (text == nullptr) {
      const std::string place = Place(path, node.source().begin);
      return Fail(Code::kInvalidArgument, Say(language, Text::kErrProfileWrongType, {place, name}));
    }
    *target = text->get();
  }
  if (Status status = CheckValues(profile, table, language); !status) return std::unexpected(status.error());
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  for (std::string* file : {&profile.ca, &profile.certificate, &profile.key}) *file = (folder / *file).string();
  return profile;
}

}  // namespace

Result<std::string> FindProfile(const std::string& given, const Environment& environment, Language language) {
  if (!given.empty()) return given;
  if (const std::string named = environment("DAICHO_PROFILE"); !named.empty()) return named;
  std::string searched;
  for (const std::string& folder : {environment("HOME") + "/.config", std::string("/etc")}) {
    if (!folder.starts_with('/') || folder == "/.config") continue;  // no HOME
    const std::string path = folder + "/daicho/profile.toml";
    std::error_code error;
    if (std::filesystem::exists(path, error)) return path;
    searched += (searched.empty() ? "" : ", ") + path;
  }
  return Fail(Code::kInvalidArgument, Say(language, Text::kErrNoProfile, {searched}));
}

Result<Profile> LoadProfile(const std::string& path, Language language) {
  const Result<std::string> content = ReadFile(path, kMaxProfileBytes);
  if (!content) return Fail(Code::kInvalidArgument, content.error().message);
  const Result<toml::table> table = ParseToml(*content, path);
  if (!table) return std::unexpected(table.error());
  return Read(*table, path, language);
}

}  // namespace daicho::collector
