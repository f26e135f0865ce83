#include "tests/bench/fleet/fleet_run.h"

#include <algorithm>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "common/files.h"
#include "tests/bench/fleet/fleet_state.h"
#include "tests/bench/fleet/visit.h"

namespace daicho::fleet {

namespace {

// The admin service answers few at a time, and each reading is a scan of a whole device.
constexpr std::uint32_t kMostReaders = 4;

void Add(const PoolResult& pool, PhaseFigures& figures) {
  figures.done += static_cast<std::uint64_t>(std::ranges::count(pool.done, true));
  figures.seconds += pool.seconds;
  for (const auto& [code, count] : pool.errors) figures.errors[code] += count;
  for (const auto& [code, count] : pool.retried) figures.retried[code] += count;
  figures.messages.insert(pool.messages.begin(), pool.messages.end());
}

class FleetRun {
 public:
  FleetRun(const RunOptions& options, const std::atomic<bool>& stop)
      : options_(options),
        stop_(stop),
        deadline_(SteadyClock::now() + std::chrono::seconds(options.seconds)),
        state_path_(options.state.empty() ? options.tokens + ".fleet" : options.state),
        facts_({.seed = options.seed, .packages = options.packages}) {}

  Result<Figures> Run() {
    if (auto begun = Begin(); !begun) return std::unexpected(begun.error());
    if (auto enrolled = Enrol(); !enrolled) return std::unexpected(enrolled.error());
    MakePlans();
    OpenHeld();
    VisitAll();
    if (auto saved = SaveFleet(state_path_, fleet_); !saved) return std::unexpected(saved.error());
    if (auto read = ReadBack(); !read) return std::unexpected(read.error());
    return std::move(figures_);
  }

 private:
  Status Begin() {
    figures_.mode = ModeName(options_.mode);
    figures_.connections = ConnectionsName(options_.connections);
    figures_.devices = options_.devices;
    figures_.packages = options_.packages;
    figures_.parallel = Parallel();
    figures_.seed = options_.seed;
    if (options_.connections == Connections::kHeld && meters::RaiseOpenFiles() < options_.devices + 200) {
      return Fail(Code::kResourceExhausted, "too many devices for the limit of open files (ulimit -Hn)");
    }
    auto authority = ReadFile(options_.ca);
    if (!authority) return std::unexpected(authority.error());
    site_ = {.endpoint = options_.collector, .authority_pem = std::move(*authority)};
    if (options_.collector_pid != 0) {
      if (const auto use = CollectorUse(); !use) return std::unexpected(use.error());
    }
    if (meters::IsPostgres(options_.store)) postmaster_ = meters::PostmasterOf(options_.store);
    auto fleet = LoadFleet(state_path_, facts_.spec(), facts_.catalogue_digest(), options_.devices);
    if (!fleet) return std::unexpected(fleet.error());
    fleet_ = std::move(*fleet);
    return {};
  }

  // More workers than devices would have two of them be the same one.
  std::uint32_t Parallel() const { return std::min(options_.parallel, options_.devices); }

  FleetDevice& Device(std::uint32_t machine) { return *fleet_.mutable_devices(static_cast<int>(machine)); }

  PoolSettings Settings(const std::string& progress, std::uint32_t parallel) const {
    PoolSettings settings{
        .parallel = parallel, .tries = options_.tries, .deadline = deadline_, .stop = stop_, .progress = progress};
    if (options_.longest_wait_ms) settings.longest_wait = std::chrono::milliseconds(*options_.longest_wait_ms);
    return settings;
  }

  Result<meters::ProcessUse> CollectorUse() const { return meters::UseOf(static_cast<pid_t>(options_.collector_pid)); }

  // Does `work` and adds what it cost to `figures`.
  template <typename Work>
  void Measure(PhaseFigures& figures, const Work& work) {
    const auto before = CollectorUse();
    const auto server = meters::ServerCpuSeconds(postmaster_);
    const double own = meters::OwnCpuSeconds();
    work();
    figures.own_cpu_seconds = meters::OwnCpuSeconds() - own;
    const auto after = CollectorUse();
    if (const auto then = meters::ServerCpuSeconds(postmaster_); server && then) {
      figures.server_cpu_seconds = *then - *server;
    }
    if (options_.collector_pid == 0 || !before || !after) return;
    figures.collector_cpu_seconds = after->cpu_seconds - before->cpu_seconds;
    figures_.collector = *after;
  }

  Status Enrol() {
    std::vector<std::uint32_t> machines;
    for (std::uint32_t machine = 0; machine < options_.devices; ++machine) {
      if (Device(machine).device_id().empty()) machines.push_back(machine);
    }
    if (machines.empty()) return {};
    if (options_.mode != Mode::kFirst) {
      return Fail(Code::kFailedPrecondition, std::to_string(machines.size()) + " of " +
                                                 std::to_string(options_.devices) + " devices are not enrolled (" +
                                                 state_path_ + "); begin with --mode first");
    }
    const auto tokens = LoadTokens(options_.tokens);
    if (!tokens) return std::unexpected(tokens.error());
    if (tokens->size() <= machines.back()) {
      return Fail(Code::kFailedPrecondition, options_.tokens + ": " + std::to_string(tokens->size()) + " tokens for " +
                                                 std::to_string(options_.devices) + " devices");
    }
    Measure(figures_.enrolment, [&] {
      const PoolResult pool = RunJobs(static_cast<std::uint32_t>(machines.size()), Settings("enrolling", Parallel()),
                                      [&](auto position, auto) {
                                        const std::uint32_t machine = machines[position];
                                        return EnrolDevice(site_, (*tokens)[machine], machine, Device(machine));
                                      });
      Add(pool, figures_.enrolment);
      figures_.enrolment.visit_ms = SpreadOf(pool.visit_ms);
    });
    return SaveFleet(state_path_, fleet_);
  }

  std::uint32_t NextGeneration(std::uint32_t machine) {
    const FleetDevice& device = Device(machine);
    const bool changes = options_.mode == Mode::kChanged || (options_.mode == Mode::kStorm && machine % 2 == 1);
    return device.has_generation() ? device.generation() + (changes ? 1 : 0) : 0;
  }

  void MakePlans() {
    plans_.resize(options_.devices);
    const std::uint32_t threads = std::max(std::thread::hardware_concurrency(), 1u);
    RunJobs(options_.devices, Settings("planning", threads), [&](auto machine, auto) {
      plans_[machine] = MakePlan(facts_, Device(machine), machine, NextGeneration(machine));
      return Attempt{};
    });
  }

  Attempt OneVisit(std::uint32_t machine, Line& line) {
    if (options_.mode == Mode::kHealth) return AskHealth(line);
    Visit visit = VisitCollector(facts_, plans_[machine], Device(machine), line.session);
    reports_ += visit.reports;
    sent_bytes_ += visit.sent_bytes;
    if (visit.attempt.status && visit.reports > 0 && options_.mode == Mode::kUnchanged) {
      visit.attempt.status = Fail(Code::kFailedPrecondition, "the collector wanted rows of a device that is unchanged");
    }
    return std::move(visit.attempt);
  }

  // Connected, and visited once, so that no handshake is measured.
  void OpenHeld() {
    if (options_.connections == Connections::kNew) return;
    lines_.resize(options_.connections == Connections::kHeld ? options_.devices : Parallel());
    RunJobs(static_cast<std::uint32_t>(lines_.size()), Settings("connecting", Parallel()), [&](auto machine, auto) {
      lines_[machine] = Connect(site_, Device(machine));
      return VisitCollector(facts_, plans_[machine], Device(machine), lines_[machine]->session).attempt;
    });
  }

  Attempt VisitOf(std::uint32_t machine, std::uint32_t worker) {
    if (options_.connections == Connections::kWorker) machine = worker;
    if (Device(machine).device_id().empty()) {
      return {.status = Fail(Code::kUnauthenticated, "the device is not enrolled")};
    }
    if (options_.connections != Connections::kNew) return OneVisit(machine, *lines_[machine]);
    return OneVisit(machine, *Connect(site_, Device(machine)));
  }

  void VisitAll() {
    if (!options_.store.empty()) figures_.store_before = meters::StoreBytes(options_.store);
    std::vector<double> visit_ms;
    std::vector<double> try_ms;
    std::vector<bool> good(options_.devices, true);
    Measure(figures_.visits, [&] {
      for (std::uint32_t round = 0; round < options_.rounds; ++round) {
        const PoolResult pool = RunJobs(options_.devices, Settings("visiting", Parallel()),
                                        [&](auto machine, auto worker) { return VisitOf(machine, worker); });
        Add(pool, figures_.visits);
        visit_ms.insert(visit_ms.end(), pool.visit_ms.begin(), pool.visit_ms.end());
        try_ms.insert(try_ms.end(), pool.try_ms.begin(), pool.try_ms.end());
        for (std::uint32_t machine = 0; machine < options_.devices; ++machine) {
          good[machine] = good[machine] && pool.done[machine];
        }
      }
    });
    figures_.visits.visit_ms = SpreadOf(std::move(visit_ms));
    figures_.visits.try_ms = SpreadOf(std::move(try_ms));
    figures_.reports = reports_;
    figures_.sent_bytes = sent_bytes_;
    if (!options_.store.empty()) figures_.store_after = meters::StoreBytes(options_.store);
    Acknowledge(good);
  }

  void Acknowledge(const std::vector<bool>& good) {
    const std::uint32_t visited = options_.connections == Connections::kWorker ? Parallel() : options_.devices;
    for (std::uint32_t machine = 0; machine < visited; ++machine) {
      if (!good[machine]) continue;
      FleetDevice& device = Device(machine);
      device.set_generation(plans_[machine].generation);
      expected_.push_back(
          {.device_id = device.device_id(), .machine = machine, .generation = plans_[machine].generation});
    }
  }

  Status ReadBack() {
    if (options_.profile.empty()) return {};
    PoolSettings settings = Settings("reading back", std::min(Parallel(), kMostReaders));
    settings.deadline = SteadyClock::now() + std::chrono::seconds(options_.seconds);
    auto exactness = CheckExactness(options_.profile, facts_, expected_, settings);
    if (!exactness) return std::unexpected(exactness.error());
    figures_.exactness = std::move(*exactness);
    return {};
  }

  const RunOptions& options_;
  const std::atomic<bool>& stop_;
  const SteadyClock::time_point deadline_;
  const std::string state_path_;
  const FleetFacts facts_;
  Site site_;
  Fleet fleet_;
  std::vector<Plan> plans_;                   // by machine
  std::vector<std::unique_ptr<Line>> lines_;  // held ones, by machine
  std::vector<Expected> expected_;
  std::atomic<std::uint64_t> reports_{0};
  std::atomic<std::uint64_t> sent_bytes_{0};
  pid_t postmaster_ = -1;  // of the ledger's PostgreSQL server
  Figures figures_;
};

}  // namespace

Result<Figures> Run(const RunOptions& options, const std::atomic<bool>& stop) { return FleetRun(options, stop).Run(); }

std::string ModeName(Mode mode) {
  switch (mode) {
    case Mode::kFirst:
      return "first";
    case Mode::kUnchanged:
      return "unchanged";
    case Mode::kChanged:
      return "changed";
    case Mode::kStorm:
      return "storm";
    case Mode::kHealth:
      return "health";
  }
  return "";
}

std::string ConnectionsName(Connections connections) {
  switch (connections) {
    case Connections::kNew:
      return "new";
    case Connections::kWorker:
      return "worker";
    case Connections::kHeld:
      return "held";
  }
  return "";
}

}  // namespace daicho::fleet
