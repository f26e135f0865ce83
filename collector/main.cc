#include <absl/synchronization/mutex.h>
#include <grpc/support/log.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <exception>
#include <iostream>
#include <string>
#include <utility>

#include "collector/backup/backup.h"
#include "collector/listener.h"
#include "collector/log/log.h"
#include "collector/migrate_store.h"
#include "collector/run.h"
#include "collector/setup.h"
#include "collector/verify_run.h"
#include "common/exit_code.h"
#include "common/tls.h"

namespace daicho::collector {

namespace {

// gRPC's own words (failed handshakes, ports) in our log's form.
void LogOfGrpc(gpr_log_func_args* said) {
  const auto level = said->severity == GPR_LOG_SEVERITY_ERROR  ? spdlog::level::warn
                     : said->severity == GPR_LOG_SEVERITY_INFO ? spdlog::level::info
                                                               : spdlog::level::debug;
  spdlog::log(level, "grpc: {}", said->message);
}

std::string Footer(const std::string& examples) { return "Examples:\n" + examples + "\n" + kExitCodesHelp + "\n"; }

// The commands, each setting `outcome` when it is the one that was asked for.
class CommandLine {
 public:
  CommandLine() : app_("The collector of Daicho: keeps the ledger that agents report to.", "daicho-collector") {
    app_.require_subcommand(1);
    app_.set_version_flag("--version", DAICHO_VERSION);
    app_.footer(
        Footer("  daicho-collector init --state /var/lib/daicho-collector --listen 0.0.0.0:7443 --admin-listen "
               "127.0.0.1:7444\n"
               "  daicho-collector run --state /var/lib/daicho-collector\n"));
    AddInit();
    AddRun();
    AddCredential();
    AddCheckRules();
    AddBackup();
    AddRestore();
    AddMigrateStore();
    AddVerify();
  }

  int Run(int argc, char** argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      // CLI11 has exit codes of its own above 100.
      return app_.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::kUsage);
    }
    if (outcome_) return 0;
    std::cerr << "daicho-collector: " << outcome_.error().message << '\n';
    return static_cast<int>(ExitCodeFor(outcome_.error().code));
  }

 private:
  void AddState(CLI::App& command, std::string& state) {
    command.add_option("--state", state, "folder of the collector's state")->required();
  }

  void AddInit() {
    CLI::App& command =
        *app_.add_subcommand("init", "Make a new collector: authority, first admin, ledger, configuration");
    AddState(command, init_.state);
    command.add_option("--listen", init_.listen, "HOST:PORT for agents; port 0 picks a free one and keeps it")
        ->capture_default_str();
    command.add_option("--admin-listen", init_.admin_listen, "HOST:PORT for the daicho command")->capture_default_str();
    command.add_option("--name", init_.names, "one more DNS name or IP address for the server's certificate")
        ->expected(1)
        ->take_all();
    command.add_option("--store", init_.store,
                       "sqlite (a file in DIR; the default), or a PostgreSQL database: "
                       "postgresql://USER@HOST:PORT/DATABASE");
    command.add_option(
        "--join", init_.join,
        "another collector's backup FILE, state folder, or a copy of it: this one shares its authority and "
        "its PostgreSQL ledger");
    command.footer(
        Footer("  daicho-collector init --state DIR --listen 0.0.0.0:7443 --name ledger.example.jp\n"
               "  daicho-collector init --state DIR --listen 0.0.0.0:7443 --join first.tar.zst\n"
               "A state that is initialised already is refused (4) and left as it is.\n"));
    command.callback([this] { outcome_ = Init(init_); });
  }

  void AddRun() {
    CLI::App& command = *app_.add_subcommand("run", "Serve agents and admins until SIGTERM");
    AddState(command, run_state_);
    command.footer(Footer("  daicho-collector run --state DIR\nWrites DIR/endpoints.json when it is ready.\n"));
    command.callback([this] { outcome_ = collector::Run(run_state_); });
  }

  void AddCredential() {
    CLI::App& command = *app_.add_subcommand("admin-credential", "Make a profile for one more person");
    AddState(command, credential_.state);
    command.add_option("--name", credential_.name, "who: stands in the journal with every call")->required();
    command.add_option("--role", role_, "viewer, operator or admin")->required();
    command.add_option("-o,--output", credential_.folder, "new folder for profile, key and certificate")->required();
    command.footer(
        Footer("  daicho-collector admin-credential --state DIR --name sato --role operator -o ./sato\n"
               "The folder has a private key: give it to that person alone.\n"));
    command.callback([this] {
      const auto role = ParseRole(role_);
      if (role) credential_.role = *role;
      outcome_ = role ? WriteCredential(credential_) : std::unexpected(role.error());
    });
  }

  void AddCheckRules() {
    CLI::App& command =
        *app_.add_subcommand("check-rules", "Try rules: what they say, their SELECTs and their own cases");
    command.add_option("--rules", rules_,
                       "folder of rules; the checklist is in ../checklists (default: those installed)");
    command.footer(
        Footer("  daicho-collector check-rules --rules /srv/daicho/rules\n"
               "A rule file that is wrong: 2; a SELECT that does not run or a case that fails: 5.\n"));
    command.callback([this] { outcome_ = CheckRules(rules_); });
  }

  void AddBackup() {
    CLI::App& command = *app_.add_subcommand("backup", "Everything that a new machine needs to go on, in one file");
    AddState(command, backup_.state);
    command.add_option("file", backup_.file, "new file, a .tar.zst")->required();
    command.add_flag("--force", backup_.force, "replace FILE if it is there");
    command.add_flag("--json", backup_.json, "one JSON object");
    command.footer(Footer(
        "  daicho-collector backup --state DIR /srv/backup/daicho-20260401.tar.zst\n"
        "The collector may run meanwhile. FILE has the authority's private key. A ledger on PostgreSQL is not in "
        "it: pg_dump.\n"));
    command.callback([this] { outcome_ = Backup(backup_); });
  }

  void AddRestore() {
    CLI::App& command = *app_.add_subcommand("restore", "Put a backup into a new state folder, proved");
    AddState(command, restore_.state);
    command.add_option("file", restore_.file, "what `backup` wrote")->required();
    command.add_flag("--force", restore_.force, "move a state that is there to DIR.before-restore-TIME");
    command.add_flag("--json", restore_.json, "one JSON object");
    command.footer(
        Footer("  daicho-collector restore --state DIR /srv/backup/daicho-20260401.tar.zst\n"
               "DIR is absent or empty (otherwise 4); after an error it is as it was.\n"));
    command.callback([this] { outcome_ = Restore(restore_); });
  }

  void AddMigrateStore() {
    CLI::App& command = *app_.add_subcommand("migrate-store", "Move the ledger from its SQLite file to PostgreSQL");
    AddState(command, migrate_.state);
    command
        .add_option("--to", migrate_.to,
                    "empty database: postgresql://USER@HOST:PORT/DATABASE (or what a killed move left in one)")
        ->required();
    command.add_flag("--json", migrate_.json, "one JSON object");
    command.footer(
        Footer("  daicho-collector migrate-store --state DIR --to postgresql://daicho@db.example.jp/daicho\n"
               "Stop the collector first (otherwise 4). The SQLite file stays as it is; after an error so does "
               "collector.toml.\n"));
    command.callback([this] { outcome_ = MigrateStore(migrate_); });
  }

  void AddVerify() {
    CLI::App& command = *app_.add_subcommand("verify", "Prove the ledger: recompute all of it, with the past");
    AddState(command, verify_.state);
    command.add_flag("--json", verify_.json, "one JSON object on standard output");
    command.footer(
        Footer("  daicho-collector verify --state DIR\n"
               "Reads only; the collector may run meanwhile. A ledger that is broken: 5, and where.\n"));
    command.callback([this] { outcome_ = VerifyState(verify_); });
  }

  CLI::App app_;
  InitOptions init_;
  std::string run_state_;
  CredentialOptions credential_;
  std::string role_;
  std::string rules_;
  BackupOptions backup_;
  RestoreOptions restore_;
  MigrateOptions migrate_;
  VerifyOptions verify_;
  Status outcome_;
};

}  // namespace

}  // namespace daicho::collector

int main(int argc, char** argv) {
  try {
    // The ledger has people's names in it: nothing the collector makes is for everybody.
    ::umask(027);
    std::signal(SIGPIPE, SIG_IGN);
    // A limit on the size of files (setrlimit(2)) is an error of the write, as a full disk is.
    std::signal(SIGXFSZ, SIG_IGN);
    daicho::PrepareTls();
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
    daicho::collector::StartLog({});
    gpr_set_log_function(daicho::collector::LogOfGrpc);
    return daicho::collector::CommandLine().Run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "daicho-collector: " << error.what() << '\n';
    return static_cast<int>(daicho::ExitCode::kBadData);
  }
}
