// The collector's configuration, STATE/collector.toml (TOML v1.0):
//
//   names = ["ledger.example.jp", "192.0.2.1"]     more DNS names and addresses in the server certificate
//   store = "ledger.sqlite"                        path of the SQLite ledger, or postgresql://USER@HOST:PORT/DATABASE
//   share_dir = "/usr/share/daicho"                rules/ and checklists/; default: ../share/daicho beside the binary
//   [listen]        agent = "0.0.0.0:7443", admin = "127.0.0.1:7444"      HOST:PORT, port not 0;
//                   connections_per_address = 1000                        open at once from one address (IPv6: a /64),
//                   on each port
//   [check_in]      interval_seconds = 3600, jitter_percent = 10
//   [certificates]  device_days = 365, admin_days = 365
//   [history]       keep_days = 1826        what ended longer ago is forgotten; 0: nothing is
//   [rules.RULE-ID] parameters of a rule that differ at this site (see the rule's file for their names)
//   [metrics]       listen = "127.0.0.1:9464"       Prometheus' text at /metrics, plain HTTP on loopback; absent: none
//   [log]           format = "text" (or "json"), level = "info" (debug, info, warn, error)
//   [[export]]      a scheduled export (collector/reports/export_job.h)
//
// Only [listen] is required. Relative paths start at the configuration's folder. Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "collector/log/log.h"
#include "collector/reports/export_job.h"
#include "collector/rules/rule_set.h"
#include "common/error.h"

namespace daicho::collector {

struct CollectorConfig {
  std::string agent_listen;
  std::string admin_listen;
  int connections_per_address = 1000;
  std::vector<std::string> names;
  std::string store;
  std::string share_dir;
  std::uint32_t interval_seconds = 3600;
  std::uint32_t jitter_percent = 10;
  int device_days = 365;
  int admin_days = 365;
  int history_keep_days = 1826;  // five years; 0: for ever
  std::string metrics_listen;    // empty: no metrics
  LogSettings log;
  RuleParameters rule_parameters;
  std::vector<ExportJob> exports;
};

// kInvalidArgument: `file:line:column: what`, naming the key and those that are valid; other codes: the file cannot be
// read.
Result<CollectorConfig> LoadConfig(const std::string& file);

// The SQLite ledger's file in the state folder, where init makes it.
inline constexpr const char* kSqliteFile = "ledger.sqlite";

// What `daicho-collector init` writes, with comments. Values are ones that need no quoting (ParseHostPort,
// IsServerName). `store`: as InitOptions has it (setup.h).
std::string NewConfigText(const std::string& agent_listen, const std::string& admin_listen,
                          const std::vector<std::string>& names, const std::string& store);

// ../share/daicho beside the running binary.
std::string DefaultShareFolder();

}  // namespace daicho::collector
