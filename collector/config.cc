#include "collector/config.h"

#include <filesystem>
#include <set>
#include <utility>

#include "collector/host_port.h"
#include "collector/rules/rule_parameters.h"
#include "collector/rules/toml_reader.h"
#include "collector/store/postgres_store.h"
#include "common/files.h"
#include "common/text.h"

namespace daicho::collector {

namespace {

constexpr std::size_t kMaxConfigBytes = 1u << 20;
constexpr std::int64_t kMaxDays = 3650;
constexpr std::int64_t kMaxHistoryDays = 36'500;
constexpr std::int64_t kMinInterval = 10;
constexpr std::int64_t kMaxInterval = 7 * 24 * 3600;
constexpr std::int64_t kMaxJitter = 50;
constexpr std::int64_t kFewestConnections = 4;  // an agent has one, `daicho` one, and each may come twice
constexpr std::int64_t kMostConnections = 1'000'000;

// HOST:PORT with a port that is one.
std::string ReadEndpoint(TomlReader& listen, const char* key) {
  std::string text = listen.Text(key);
  if (!listen.ok()) return text;
  const auto endpoint = ParseHostPort(text);
  if (!endpoint) {
    listen.Wrong(key, std::string(key) + ": " + endpoint.error().message);
  } else if (endpoint->port == 0) {
    listen.Wrong(key, std::string(key) + ": port 0 names no port; only init takes it");
  }
  return text;
}

// Who scrapes is not asked for anything, so only this machine may.
void ReadMetrics(TomlReader& top, const std::string& file, CollectorConfig& config) {
  const toml::table* const table = top.Table("metrics");
  if (table == nullptr) return;
  TomlReader metrics(*table, file, "[metrics]", {"listen"});
  config.metrics_listen = ReadEndpoint(metrics, "listen");
  const auto endpoint = ParseHostPort(config.metrics_listen);
  if (metrics.ok() && endpoint && !IsLoopback(endpoint->host)) {
    metrics.Wrong("listen", "listen: metrics are plain HTTP and go to a loopback address only, such as " +
                                std::string("127.0.0.1:9464, not to ") + config.metrics_listen +
                                "; for other machines put a reverse proxy with TLS in front of it");
  }
  top.Adopt(metrics.Finish());
}

void ReadLog(TomlReader& top, const std::string& file, CollectorConfig& config) {
  const toml::table* const table = top.Table("log");
  if (table == nullptr) return;
  TomlReader log(*table, file, "[log]", {"format", "level"});
  const bool json = log.OneOf("format", {"text", "json"}, "text") == "json";
  config.log.format = json ? LogFormat::kJson : LogFormat::kText;
  config.log.level = spdlog::level::from_str(log.OneOf("level", {"debug", "info", "warn", "error"}, "info"));
  top.Adopt(log.Finish());
}

void ReadListen(TomlReader& top, const std::string& file, CollectorConfig& config) {
  const toml::table* const table = top.Table("listen");
  if (table == nullptr) {
    top.Wrong("listen", "[listen] is missing; it has agent = \"HOST:PORT\" and admin = \"HOST:PORT\"");
    return;
  }
  TomlReader listen(*table, file, "[listen]", {"agent", "admin", "connections_per_address"});
  config.agent_listen = ReadEndpoint(listen, "agent");
  config.admin_listen = ReadEndpoint(listen, "admin");
  config.connections_per_address = static_cast<int>(
      listen.Number("connections_per_address", kFewestConnections, kMostConnections, config.connections_per_address));
  top.Adopt(listen.Finish());
}

void ReadNames(TomlReader& top, CollectorConfig& config) {
  config.names = top.Texts("names");
  for (const std::string& name : config.names) {
    if (!IsServerName(name)) {
      top.Wrong("names", "names: \"" + CleanText(name) + "\" is neither a DNS name nor an IP address");
    }
  }
}

void ReadNumbers(TomlReader& top, const std::string& file, CollectorConfig& config) {
  if (const toml::table* const table = top.Table("check_in")) {
    TomlReader check_in(*table, file, "[check_in]", {"interval_seconds", "jitter_percent"});
    config.interval_seconds = static_cast<std::uint32_t>(
        check_in.Number("interval_seconds", kMinInterval, kMaxInterval, config.interval_seconds));
    config.jitter_percent =
        static_cast<std::uint32_t>(check_in.Number("jitter_percent", 0, kMaxJitter, config.jitter_percent));
    top.Adopt(check_in.Finish());
  }
  if (const toml::table* const table = top.Table("certificates")) {
    TomlReader certificates(*table, file, "[certificates]", {"device_days", "admin_days"});
    config.device_days = static_cast<int>(certificates.Number("device_days", 1, kMaxDays, config.device_days));
    config.admin_days = static_cast<int>(certificates.Number("admin_days", 1, kMaxDays, config.admin_days));
    top.Adopt(certificates.Finish());
  }
  if (const toml::table* const table = top.Table("history")) {
    TomlReader history(*table, file, "[history]", {"keep_days"});
    config.history_keep_days =
        static_cast<int>(history.Number("keep_days", 0, kMaxHistoryDays, config.history_keep_days));
    top.Adopt(history.Finish());
  }
}

void ReadRules(TomlReader& top, const std::string& file, CollectorConfig& config) {
  const toml::table* const rules = top.Table("rules");
  if (rules == nullptr) return;
  auto parameters = ParseRuleParameters(*rules, file);
  if (parameters) {
    config.rule_parameters = std::move(*parameters);
  } else {
    top.Adopt(std::unexpected(parameters.error()));
  }
}

void ReadExports(TomlReader& top, const std::string& file, CollectorConfig& config) {
  std::set<std::string> names;
  for (const toml::table* const entry : top.Tables("export")) {
    auto job = ParseExportJob(*entry, file);
    if (!job) {
      top.Adopt(std::unexpected(job.error()));
      return;
    }
    if (!names.insert(job->name).second) {
      top.WrongAt(entry->source(), "export \"" + job->name + "\": there is one of this name already");
    }
    config.exports.push_back(std::move(*job));
  }
}

Result<CollectorConfig> Read(const toml::table& table, const std::string& file) {
  const std::filesystem::path folder = std::filesystem::path(file).parent_path();
  CollectorConfig config;
  TomlReader top(table, file, "the collector's configuration",
                 {"names", "store", "share_dir", "listen", "check_in", "certificates", "history", "metrics", "log",
                  "rules", "export"});
  ReadListen(top, file, config);
  ReadNames(top, config);
  ReadNumbers(top, file, config);
  ReadMetrics(top, file, config);
  ReadLog(top, file, config);
  ReadRules(top, file, config);
  ReadExports(top, file, config);
  const bool has_store = top.Node("store") != nullptr;
  const std::string store = has_store ? top.Text("store") : kSqliteFile;
  if (IsPostgresUrl(store)) {
    if (const Status good = CheckPostgresUrl(store); !good) top.Wrong("store", "store: " + good.error().message);
  }
  config.store = IsPostgresUrl(store) ? store : (folder / store).string();
  const bool has_share = top.Node("share_dir") != nullptr;
  config.share_dir = has_share ? (folder / top.Text("share_dir")).string() : DefaultShareFolder();
  if (auto good = top.Finish(); !good) return std::unexpected(good.error());
  return config;
}

}  // namespace

Result<CollectorConfig> LoadConfig(const std::string& file) {
  const auto text = ReadFile(file, kMaxConfigBytes);
  if (!text) return std::unexpected(text.error());
  const auto table = ParseToml(*text, file);
  if (!table) return std::unexpected(table.error());
  return Read(*table, file);
}

std::string NewConfigText(const std::string& agent_listen, const std::string& admin_listen,
                          const std::vector<std::string>& names, const std::string& store) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "\"" : ", \"") + name + "\"";
  return "# Configuration of the Daicho collector. After a change: restart the collector.\n"
         "\n"
         "# More names and addresses in the server's certificate. Agents and the daicho command need none of them.\n"
         "names = [" +
         list +
         "]\n"
         "# The ledger: a file (a relative path starts at the folder of this file), or a PostgreSQL database as\n"
         "# postgresql://USER@HOST:PORT/DATABASE (keep its password in ~/.pgpass of the collector's user).\n"
         "store = \"" +
         (IsPostgresUrl(store) ? store : kSqliteFile) +
         "\"\n"
         "\n"
         "[listen]\n"
         "agent = \"" +
         agent_listen +
         "\"\n"
         "admin = \"" +
         admin_listen +
         "\"\n"
         "\n"
         "[check_in]\n"
         "interval_seconds = 3600\n"
         "jitter_percent = 10  # of the interval, to either side: agents do not all come at once\n"
         "\n"
         "[certificates]\n"
         "device_days = 365  # agents renew theirs by themselves in the middle of this time\n"
         "admin_days = 365\n"
         "\n"
         "[history]\n"
         "keep_days = 1826  # what was longer ago is forgotten each night; 0: never\n"
         "\n"
         "# A rule's parameters at this site, for example:\n"
         "# [rules.account-unused]\n"
         "# days = 60\n"
         "\n"
         "# Files written on a schedule, for example:\n"
         "# [[export]]\n"
         "# name = \"ledger-weekly\"\n"
         "# what = \"ledger\"  # ledger, software, accounts, findings\n"
         "# format = \"csv\"  # csv, json\n"
         "# lang = \"ja\"\n"
         "# folder = \"/srv/share/ledger\"\n"
         "# schedule = \"weekly monday 06:30 Asia/Tokyo\"\n"
         "# keep = 12\n";
}

std::string DefaultShareFolder() {
  std::error_code error;
  const auto binary = std::filesystem::read_symlink("/proc/self/exe", error);
  return (binary.parent_path().parent_path() / "share" / "daicho").string();
}

}  // namespace daicho::collector
