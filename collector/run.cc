#include "collector/run.h"

#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <optional>
#include <random>
#include <utility>

#include "collector/admin/admin_service.h"
#include "collector/config.h"
#include "collector/enrol/authority.h"
#include "collector/enrol/enrolment_service.h"
#include "collector/enrol/journal.h"
#include "collector/housekeeping.h"
#include "collector/http_endpoint.h"
#include "collector/ingest/inventory_service.h"
#include "collector/leadership.h"
#include "collector/listener.h"
#include "collector/log/log.h"
#include "collector/metrics/call_metrics.h"
#include "collector/metrics/commit_metrics.h"
#include "collector/metrics/ledger_metrics.h"
#include "collector/metrics/process_metrics.h"
#include "collector/metrics/report_metrics.h"
#include "collector/rule_check.h"
#include "collector/setup.h"
#include "collector/state_lock.h"
#include "collector/store/open_store.h"
#include "collector/store_health.h"
#include "common/files.h"
#include "common/json.h"
#include "common/service_manager.h"

namespace daicho::collector {

namespace {

constexpr int kAgentThreads = 96;
constexpr int kAdminThreads = 16;
// An agent is done in seconds; its first report over a slow line, in a minute.
constexpr std::chrono::minutes kAgentConnection(10);
constexpr std::chrono::minutes kLongestAgentCall(2);
// When connections come without end, the ledger, exports and backups go on, and an admin can look.
constexpr int kFilesKeptFromAdmins = 100;
constexpr int kFilesKeptFromAgents = 200;

std::vector<std::string> ExportNames(const CollectorConfig& config) {
  std::vector<std::string> names;
  for (const ExportJob& job : config.exports) names.push_back(job.name);
  return names;
}

// The parts in the order in which they need each other: destroyed backwards, so that no call meets a part that is gone.
class Site {
 public:
  Site(std::string state, CollectorConfig config, Authority authority, RuleSet rules, std::unique_ptr<Store> store)
      : state_(std::move(state)),
        config_(std::move(config)),
        authority_(std::move(authority)),
        store_(std::move(store)),
        ledger_metrics_(ExportNames(config_)),
        committer_(*store_, [this](const CommitOutcome& commit) { Note(commit); }),
        leadership_(MayHaveOthers() ? std::optional<Leadership>(std::in_place, committer_, steady_clock_, NewHolder())
                                    : std::nullopt),
        journal_(committer_, clock_),
        findings_(*store_, committer_, clock_, std::move(rules)),
        proof_({.store = *store_, .journal = journal_, .metrics = ledger_metrics_, .clock = clock_}),
        retention_({.store = *store_, .committer = committer_, .journal = journal_, .clock = clock_},
                   config_.history_keep_days),
        exports_(*store_, committer_, findings_.rules(), findings_, clock_, config_.exports),
        enrolment_({authority_, *store_, committer_, journal_, clock_}, config_.device_days),
        inventory_({authority_, committer_, journal_, clock_}, {.interval_seconds = config_.interval_seconds,
                                                                .jitter_percent = config_.jitter_percent,
                                                                .device_days = config_.device_days}),
        admin_({*store_, committer_, journal_, clock_, findings_, [this] { return exports_.Jobs(); }}) {}

  Status Listen() {
    auto server = authority_.IssueServer(config_.names, clock_.Now());
    if (!server) return std::unexpected(server.error());
    server_certificate_ = server->certificate_pem;
    const CallMeters meters{.calls = call_metrics_, .reports = report_metrics_};
    ListenerSettings settings{
        .address = config_.agent_listen,
        .max_threads = kAgentThreads,
        .gate = {.connections_per_address = config_.connections_per_address, .files_kept = kFilesKeptFromAgents},
        .age = ConnectionAge{.last_call = kAgentConnection, .to_finish = kLongestAgentCall},
        .health = &health_,
        .meters = meters};
    auto agents = Listener::Start(settings, authority_, *server, {&enrolment_, &inventory_});
    if (!agents) return std::unexpected(agents.error());
    settings.address = config_.admin_listen;
    settings.certificate_required = true;
    settings.max_threads = kAdminThreads;
    settings.gate.files_kept = kFilesKeptFromAdmins;
    settings.age.reset();  // an export takes what it takes; who does not read it is cut off (ReaderWatch)
    auto admins = Listener::Start(settings, authority_, *server, {&admin_});
    if (!admins) return std::unexpected(admins.error());
    agents_ = std::move(*agents);
    admins_ = std::move(*admins);
    return WriteEndpoints();
  }

  // Answers to monitoring once the io_context runs, if the configuration wants it.
  Status OfferMetrics(asio::io_context& io) {
    if (config_.metrics_listen.empty()) return {};
    auto started =
        HttpEndpoint::Start(io, config_.metrics_listen,
                            {.metrics = [this] { return Metrics(); }, .problem = [this] { return health_.Problem(); }});
    if (!started) return std::unexpected(started.error());
    http_ = std::move(*started);
    return {};
  }

  // Serves until a signal. An error: the ports could not be taken again for a new server certificate.
  Status Serve(asio::io_context& io) {
    Status outcome;
    asio::signal_set signals(io, SIGTERM, SIGINT);
    signals.async_wait([&](const asio::error_code& error, int signal) {
      if (error) return;
      spdlog::info("collector stops: signal {}", signal);
      io.stop();
    });
    auto housekeeping =
        std::make_unique<Housekeeping>(io, Housekeeping::Parts{.store = *store_,
                                                               .clock = clock_,
                                                               .findings = findings_,
                                                               .exports = exports_,
                                                               .proof = proof_,
                                                               .retention = retention_,
                                                               .journal = journal_,
                                                               .health = health_,
                                                               .metrics = ledger_metrics_,
                                                               .leadership = leadership_ ? &*leadership_ : nullptr,
                                                               .read_metrics = http_ != nullptr,
                                                               .hourly = [&] {
                                                                 outcome = RenewIfDue();
                                                                 if (!outcome) io.stop();
                                                               }});
    Notify("READY=1");
    spdlog::info("collector ready: agents {} admins {} metrics {}", agents_->endpoint(), admins_->endpoint(),
                 http_ ? http_->endpoint() : "off");
    (void)journal_.Write("collector", "collector.start", "agents=" + agents_->endpoint());
    io.run();
    Notify("STOPPING=1");
    std::remove(EndpointsPath().c_str());
    agents_.reset();
    admins_.reset();
    housekeeping.reset();
    if (leadership_) leadership_->Resign();
    journal_.WriteKept();
    (void)journal_.Write("collector", "collector.stop", "");
    return outcome;
  }

 private:
  // A ledger in a file of the state folder is this collector's alone (StateLock).
  bool MayHaveOthers() const { return IsPostgresUrl(config_.store); }

  static std::string NewHolder() {
    std::random_device random;
    return std::to_string(::getpid()) + "-" + std::to_string(random()) + "-" + std::to_string(random());
  }

  static void Notify(const char* message) {
    if (const auto told = NotifyServiceManager(message); !told) spdlog::warn("{}", told.error().message);
  }

  std::string EndpointsPath() const { return state_ + "/endpoints.json"; }

  Status WriteEndpoints() const {
    std::string json = "{\"agent\":";
    AppendJsonString(agents_->endpoint(), json);
    json += ",\"admin\":";
    AppendJsonString(admins_->endpoint(), json);
    return WriteFileAtomically(EndpointsPath(), json + "}\n");
  }

  // Called on the committer's thread.
  void Note(const CommitOutcome& commit) {
    if (!commit.done && health_.serving()) spdlog::error("the store takes no writes: {}", commit.done.error().message);
    if (commit.done && !health_.serving()) spdlog::info("the store takes writes again");
    commit_metrics_.Count(commit);
    health_.Note(commit.done, clock_.Now());
  }

  std::string Metrics() const {
    Exposition out;
    call_metrics_.WriteTo(out);
    report_metrics_.WriteTo(out);
    commit_metrics_.WriteTo({.waiting = committer_.QueueLength(), .serving = health_.serving()}, out);
    ledger_metrics_.WriteTo(out);
    WriteProcessMetrics(DAICHO_VERSION, started_at_, out);
    return out.Take();
  }

  Status RenewIfDue() {
    if (!ServerRenewalDue(server_certificate_, clock_.Now())) return {};
    spdlog::info("collector takes a new server certificate");
    agents_.reset();
    admins_.reset();
    return Listen();
  }

  const SystemClock clock_;
  const BootClock steady_clock_;
  const UnixTime started_at_ = clock_.Now();
  const std::string state_;
  const CollectorConfig config_;
  const Authority authority_;
  const std::unique_ptr<Store> store_;
  StoreHealth health_;
  CallMetrics call_metrics_;
  ReportMetrics report_metrics_;
  CommitMetrics commit_metrics_;
  LedgerMetrics ledger_metrics_;
  GroupCommitter committer_;
  std::optional<Leadership> leadership_;
  Journal journal_;
  FindingsEngine findings_;
  NightlyProof proof_;
  Retention retention_;
  ExportScheduler exports_;
  EnrolmentService enrolment_;
  InventoryService inventory_;
  AdminService admin_;
  std::string server_certificate_;
  std::unique_ptr<Listener> agents_;
  std::unique_ptr<Listener> admins_;
  std::unique_ptr<HttpEndpoint> http_;
};

// Each connection is an open file, and a shell gives 1,024: whoever comes next would wait unheard.
void AllowOpenFiles() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &files) != 0) spdlog::warn("limit of open files: {}", std::strerror(errno));
}

Result<CollectorConfig> LoadStateConfig(const std::string& state) {
  const std::string file = state + "/collector.toml";
  auto config = LoadConfig(file);
  if (!config && config.error().code == Code::kNotFound) {
    return Fail(Code::kInvalidArgument, file + ": not there; `daicho-collector init --state " + state + "` makes it");
  }
  return config;
}

}  // namespace

Status Run(const std::string& state) {
  auto config = LoadStateConfig(state);
  if (!config) return std::unexpected(config.error());
  StartLog(config->log);
  AllowOpenFiles();
  const auto lock = StateLock::Take(state);
  if (!lock) return std::unexpected(lock.error());
  // Left behind by a collector that was killed: nobody must take it for ours.
  std::remove((state + "/endpoints.json").c_str());
  auto authority = Authority::Load(state);
  if (!authority) return std::unexpected(authority.error());
  auto rules = LoadShare(config->share_dir, config->rule_parameters);
  if (!rules) return std::unexpected(rules.error());
  // A rule that cannot run would be a finding less and look like a clean ledger.
  if (auto proven = ProveSelects(*rules); !proven) return proven;
  auto store = OpenStore(config->store);
  if (!store && store.error().code == Code::kNotFound) store.error().code = Code::kDataLoss;  // it was there
  if (!store) return std::unexpected(store.error());
  try {
    asio::io_context io(1);
    Site site(state, std::move(*config), std::move(*authority), std::move(*rules), std::move(*store));
    if (auto done = site.OfferMetrics(io); !done) return done;
    if (auto done = site.Listen(); !done) return done;
    return site.Serve(io);
  } catch (const std::exception& error) {  // Asio and thread creation throw
    return Fail(Code::kInternal, std::string("collector: ") + error.what());
  }
}

}  // namespace daicho::collector
