// daicho-fleet: thousands of simulated devices that enrol and report over real mTLS.
#include <CLI/CLI.hpp>
#include <atomic>
#include <csignal>
#include <exception>
#include <iostream>
#include <map>
#include <string>

#include "agent/uplink/channel.h"
#include "tests/bench/fleet/fleet_run.h"

namespace daicho::fleet {

namespace {

constexpr const char* kHelp = R"HELP(
Every device has 2,000 real package names, 37 accounts and the rest; all of it follows from --seed, its number and its
generation. Keys, certificates and what was acknowledged stand in TOKENS.fleet, so that runs follow each other:

  first      enrol those that are not yet (a token each), then report everything
  unchanged  check in; nothing is wanted
  changed    one generation on: 1 % of the packages upgraded, reported as a change
  storm      all at once, each with a new connection, every second one changed
  health     ask whether it serves, and nothing else: what TLS and gRPC cost it without a check-in

Whoever is told to come again does, after the time he is told; a visit is counted with its waits and, as its last try,
without. With --profile everything acknowledged is read back and compared: "acknowledged and not exact" must be 0.

Example, after deploy/quickstart (100 devices, about a minute; as root for the packages):
  deploy/install-packages deploy/packages/build.txt deploy/packages/test.txt
  cmake --preset release -DDAICHO_TESTS=ON && cmake --build --preset release --target daicho-fleet
  S=~/.local/state/daicho-quickstart
  fleet() { build/release/bin/daicho-fleet --ca $S/collector/ca.pem --tokens $S/fleet-tokens --devices 100 \
    --collector "$(sed -n 's/.*"agent":"\([^"]*\)".*/\1/p' $S/collector/endpoints.json)" --parallel 8 \
    --profile $S/collector/admin/profile.toml --collector-pid "$(cat $S/collector.pid)" \
    --store $S/collector/ledger.sqlite "$@"; }
  (umask 077; build/release/bin/daicho --profile $S/collector/admin/profile.toml token create --count 100 >$S/fleet-tokens)
  fleet --mode first && fleet --mode unchanged && fleet --mode changed && fleet --mode storm --parallel 64

)HELP";

std::atomic<bool> stop{false};

void Stop(int) { stop = true; }

template <typename Choice>
std::map<std::string, Choice> Named(std::initializer_list<Choice> choices, std::string (*name)(Choice)) {
  std::map<std::string, Choice> named;
  for (const Choice choice : choices) named.emplace(name(choice), choice);
  return named;
}

struct Options {
  RunOptions run;
  bool held = false;
  bool json = false;
};

void AddOptions(CLI::App& app, Options& options) {
  RunOptions& run = options.run;
  app.option_defaults()->take_last();  // a script's own word comes after those it always has
  app.add_option("--collector", run.collector, "where agents connect to")->required()->option_text("HOST:PORT");
  app.add_option("--ca", run.ca, "the collector's authority")->required()->option_text("FILE");
  app.add_option("--tokens", run.tokens, "one token a line, a line for each device")->required()->option_text("FILE");
  app.add_option("--state", run.state, "identities of the devices (default: TOKENS.fleet)")->option_text("FILE");
  app.add_option("--devices", run.devices, "how many")->required()->check(CLI::Range(1, 100'000))->option_text("N");
  app.add_option("--packages", run.packages, "of each device (2000)")
      ->check(CLI::Range(kLeastPackages, kMostPackages))
      ->option_text("N");
  app.add_option("--mode", run.mode, "first (default), unchanged, changed, storm or health")
      ->transform(CLI::CheckedTransformer(
          Named<Mode>({Mode::kFirst, Mode::kUnchanged, Mode::kChanged, Mode::kStorm, Mode::kHealth}, ModeName)))
      ->option_text("MODE");
  app.add_option("--parallel", run.parallel, "workers (1)")->check(CLI::Range(1, 1000))->option_text("P");
  app.add_flag("--held", options.held,
               "unchanged, health: one held connection a worker, the same as --connections worker");
  app.add_option("--connections", run.connections,
                 "new (default): a handshake for each visit; worker: as --held; held: one for every device, kept open "
                 "(the collector's connections_per_address must allow it)")
      ->transform(CLI::CheckedTransformer(
          Named<Connections>({Connections::kNew, Connections::kWorker, Connections::kHeld}, ConnectionsName)))
      ->option_text("KIND");
  app.add_option("--rounds", run.rounds, "unchanged, health: visits of every device (1)")
      ->check(CLI::Range(1, 10'000))
      ->option_text("N");
  app.add_option("--tries", run.tries, "of each visit that is told to come again (20)")
      ->check(CLI::Range(1, 1000))
      ->option_text("N");
  app.add_option("--longest-wait", run.longest_wait_ms, "comes again after so many ms, if told to wait for longer")
      ->option_text("MS");
  app.add_option("--seconds", run.seconds, "bound of the run, and again of the reading back (600)")
      ->check(CLI::Range(1, 86'400))
      ->option_text("LIMIT");
  app.add_option("--seed", run.seed, "of everything the devices have (1)")->option_text("N");
  app.add_option("--collector-pid", run.collector_pid, "measures the CPU time and memory of this process")
      ->check(CLI::PositiveNumber)
      ->option_text("PID");
  app.add_option("--store", run.store,
                 "measures the bytes of this ledger and, on PostgreSQL on this machine, the server's CPU time")
      ->option_text("PATH|URL");
  app.add_option("--profile", run.profile, "reads everything back with this admin's profile.toml")->option_text("FILE");
  app.add_flag("--json", options.json, "one JSON object instead of a table");
  app.set_version_flag("--version", DAICHO_VERSION);
  app.footer(std::string(kHelp) + kExitCodesHelp +
             ". 1 also means: not every visit was acknowledged, or something acknowledged is not exact.\n");
}

// Held connections are those of devices that have nothing to say; empty: nothing is wrong.
std::string WhyWrong(Options& options) {
  RunOptions& run = options.run;
  if (options.held && run.connections == Connections::kNew) run.connections = Connections::kWorker;
  if (run.mode == Mode::kUnchanged || run.mode == Mode::kHealth) return "";
  if (run.connections != Connections::kNew) return "--held and --connections go with --mode unchanged and health";
  if (run.rounds != 1) return "--rounds goes with --mode unchanged and health";
  return "";
}

ExitCode Main(int argc, char** argv) {
  CLI::App app("Simulated devices that enrol and report to a collector over real mTLS.", "daicho-fleet");
  Options options;
  AddOptions(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? ExitCode::kDone : ExitCode::kUsage;
  }
  if (const std::string wrong = WhyWrong(options); !wrong.empty()) {
    std::cerr << "daicho-fleet: " << wrong << '\n';
    return ExitCode::kUsage;
  }
  const auto figures = Run(options.run, stop);
  if (!figures) {
    std::cerr << "daicho-fleet: " << figures.error().message << '\n';
    return ExitCodeFor(figures.error().code);
  }
  std::cout << (options.json ? ToJson(*figures) + "\n" : ToTable(*figures)) << std::flush;
  return Judge(*figures);
}

}  // namespace

}  // namespace daicho::fleet

int main(int argc, char** argv) {
  try {
    std::signal(SIGINT, daicho::fleet::Stop);
    std::signal(SIGTERM, daicho::fleet::Stop);
    std::signal(SIGPIPE, SIG_IGN);
    daicho::agent::PrepareGrpc();
    return static_cast<int>(daicho::fleet::Main(argc, argv));
  } catch (const std::exception& error) {
    std::cerr << "daicho-fleet: " << error.what() << '\n';
    return static_cast<int>(daicho::ExitCode::kBadData);
  }
}
