// Commands as scripts and schedulers use them: forms, exports, exit codes, and stores or rules that cannot be used.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <sstream>

#include "tests/e2e/site.h"

namespace daicho::e2e {
namespace {

constexpr long kDay = 86'400;

class Commands : public Site {
 protected:
  void Report() {
    StartCollector();
    Machine machine(*this, "検査室-PC1");
    machine.AddAccount("tanaka", 1000, "$6$salt$abcdefgh");
    machine.AddLogin("tanaka", ::time(nullptr) - 200 * kDay);
    ASSERT_EQ(machine.Enrol(NewToken()).exit_code, 0);
    machine.CycleReport();
  }
};

TEST_F(Commands, InitRefusesAFolderThatIsInUse) {
  EXPECT_EQ(Collector({"init", "--state", State()}).exit_code, 4);
  EXPECT_EQ(Collector({"run", "--state", Path("nothing-here")}).exit_code, 2);
}

TEST_F(Commands, SecondCollectorOnOneStateIsRefused) {
  StartCollector();
  const Outcome second = Collector({"run", "--state", State()});
  EXPECT_EQ(second.exit_code, 4) << second.err;
}

TEST_F(Commands, EveryHelpHasAnExampleAndExitCodes) {
  const std::vector<std::vector<std::string>> commands = {{"daicho-agent", "snapshot"},
                                                          {"daicho-agent", "enrol"},
                                                          {"daicho-agent", "cycle"},
                                                          {"daicho-agent", "run"},
                                                          {"daicho-agent", "status"},
                                                          {"daicho-collector", "init"},
                                                          {"daicho-collector", "run"},
                                                          {"daicho-collector", "backup"},
                                                          {"daicho-collector", "restore"},
                                                          {"daicho-collector", "migrate-store"},
                                                          {"daicho-collector", "verify"},
                                                          {"daicho", "token"},
                                                          {"daicho", "devices"},
                                                          {"daicho", "show"},
                                                          {"daicho", "software"},
                                                          {"daicho", "accounts"},
                                                          {"daicho", "findings"},
                                                          {"daicho", "checklist"},
                                                          {"daicho", "revoke"},
                                                          {"daicho", "query"},
                                                          {"daicho", "export"},
                                                          {"daicho", "exports"},
                                                          {"daicho", "diff"},
                                                          {"daicho", "verify"},
                                                          {"daicho", "waive"}};
  for (const auto& command : commands) {
    const Outcome help = Execute(Command(command[0], {command[1], "--help"}));
    EXPECT_EQ(help.exit_code, 0) << command[1];
    EXPECT_NE(help.out.find("xample"), std::string::npos) << command[1];
    EXPECT_NE(help.out.find("Exit codes"), std::string::npos) << command[1];
    EXPECT_EQ(Execute(Command(command[0], {command[1], "--no-such-option"})).exit_code, 2) << command[1];
  }
}

TEST_F(Commands, UnreachableCollectorIsExitCode3) {
  const Outcome devices = Daicho({"devices"});
  EXPECT_EQ(devices.exit_code, 3) << devices.err;
  EXPECT_NE(devices.err.find("127.0.0.1"), std::string::npos) << devices.err;
}

TEST_F(Commands, NothingFoundWhereAskedIsExitCode1) {
  Report();
  EXPECT_EQ(Daicho({"software", "no-such-package"}).exit_code, 1);
  EXPECT_EQ(Daicho({"show", "no-such-device"}).exit_code, 1);
}

TEST_F(Commands, SoftwareBelowComparesAsDpkgDoes) {
  Report();
  EXPECT_EQ(DaichoJson({"software", "openssl", "--below", "3.0.15-1~deb12u2"}).size(), 1u);
  EXPECT_EQ(Daicho({"software", "openssl", "--below", "3.0.9"}).exit_code, 1);
}

TEST_F(Commands, QueryReadsTheViewsAndNothingElse) {
  Report();
  const std::vector<Json> rows = DaichoJson({"query", "SELECT hostname, account_count FROM device"});
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(Text(rows[0], "hostname"), "検査室-PC1");
  for (const char* refused : {"DELETE FROM device", "SELECT 1; SELECT 2", "PRAGMA user_version", "ATTACH 'x' AS y",
                              "SELECT * FROM sqlite_master", "SELECT token_hash FROM token", "no sql at all"}) {
    EXPECT_EQ(Daicho({"query", refused}).exit_code, 2) << refused;
  }
  const Outcome endless =
      Daicho({"query", "--limit", "1",
              "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT count(*) FROM n"});
  EXPECT_EQ(endless.exit_code, 4) << endless.err;
  EXPECT_NE(endless.err.find("after 1 s"), std::string::npos) << endless.err;
  EXPECT_EQ(DaichoJson({"devices"}).size(), 1u);
}

TEST_F(Commands, ExportedCsvIsForAJapaneseSpreadsheet) {
  Report();
  const std::string file = Path("ledger.csv");
  ASSERT_EQ(Daicho({"export", "--what", "ledger", "--format", "csv", "--lang", "ja", "-o", file}).exit_code, 0);
  const std::string csv = ReadText(file);
  EXPECT_TRUE(csv.starts_with("\xef\xbb\xbf管理番号,機器区分,機器名,")) << csv.substr(0, 200);
  EXPECT_NE(csv.find("検査室-PC1"), std::string::npos);
  for (const char* what : {"software", "accounts", "findings"}) {
    const Outcome json = Daicho({"export", "--what", what, "--format", "json"});
    EXPECT_EQ(json.exit_code, 0) << json.err;
    EXPECT_FALSE(json.Lines().empty()) << what;
  }
}

TEST_F(Commands, ScheduledExportRunsOnceAfterAMissedTime) {
  std::filesystem::create_directory(Path("out"));
  const std::string config = State() + "/collector.toml";
  WriteText(config, ReadText(config) +
                        "\n[[export]]\nname = \"nightly\"\nwhat = \"accounts\"\nformat = \"csv\"\nlang = \"ja\"\n"
                        "folder = \"" +
                        Path("out") + "\"\nschedule = \"daily 02:00 Asia/Tokyo\"\nkeep = 3\n");
  Report();
  EXPECT_EQ(Text(Only(DaichoJson({"exports"}), "name", "nightly"), "last_result"), "");
  StopCollector();
  ShiftClock(5 * kDay);  // five times were missed
  StartCollector();
  const auto written = [&] {
    return !std::filesystem::is_empty(Path("out")) &&
           Text(Only(DaichoJson({"exports"}), "name", "nightly"), "last_result").starts_with("ok");
  };
  ASSERT_TRUE(WaitUntil(written));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(Path("out")), {}), 1);
}

TEST_F(Commands, RuleFileWithAWrongKeyNamesItsPlace) {
  const std::string share = Path("share");
  std::filesystem::copy(std::string(DAICHO_BIN "/../share/daicho"), share, std::filesystem::copy_options::recursive);
  WriteText(share + "/rules/mine.toml", "id = \"mine\"\nseverty = \"low\"\n");
  const std::string config = State() + "/collector.toml";
  WriteText(config, "share_dir = \"" + share + "\"\n" + ReadText(config));
  const Outcome run = Collector({"run", "--state", State()});
  EXPECT_EQ(run.exit_code, 2) << run.err;
  EXPECT_NE(run.err.find("mine.toml:2:1"), std::string::npos) << run.err;
  EXPECT_NE(run.err.find("severty"), std::string::npos) << run.err;
}

TEST_F(Commands, ConfigurationWithAWrongKeyNamesItsPlace) {
  const std::string config = State() + "/collector.toml";
  WriteText(config, "lisen = 1\n" + ReadText(config));
  const Outcome run = Collector({"run", "--state", State()});
  EXPECT_EQ(run.exit_code, 2) << run.err;
  EXPECT_NE(run.err.find("collector.toml:1:1"), std::string::npos) << run.err;
}

class ServiceManager : public Site {
 protected:
  // The socket a service manager listens on (sd_notify(3)).
  int NotifySocket(const std::string& path) {
    const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    return fd;
  }
};

TEST_F(ServiceManager, IsToldByTheAgentWhichReportsAndEndsAtOnceOnSigterm) {
  StartCollector();
  Machine machine(*this, "pc-1");
  ASSERT_EQ(machine.Enrol(NewToken()).exit_code, 0);
  const int notify = NotifySocket(Path("notify"));
  Background agent(machine.Command({"run", "--state", machine.State(), "--root", machine.Root("")}),
                   {"NOTIFY_SOCKET=" + Path("notify")}, Path("agent.log"));
  std::string messages;
  ASSERT_TRUE(WaitUntil([&] {
    char buffer[512];
    const ssize_t size = ::recv(notify, buffer, sizeof buffer, 0);
    if (size > 0) messages.append(buffer, static_cast<std::size_t>(size));
    return messages.find("READY=1") != std::string::npos;
  })) << ReadText(Path("agent.log"));
  EXPECT_TRUE(WaitUntil([&] {
    const std::vector<Json> devices = DaichoJson({"devices"});
    return !devices.empty() && Text(devices[0], "software_count") == "2";
  })) << ReadText(Path("agent.log"));
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(agent.Stop(SIGTERM), 0);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
  ::close(notify);
}

// `systemctl start` returns with this, and the next command of the guide must not find the port closed.
TEST_F(ServiceManager, IsToldByTheCollectorWhenItServes) {
  const int notify = NotifySocket(Path("notify"));
  const Background collector(Command("daicho-collector", {"run", "--state", State()}),
                             {"NOTIFY_SOCKET=" + Path("notify")}, Path("collector.log"));
  char buffer[100];
  ssize_t size = -1;
  ASSERT_TRUE(WaitUntil([&] { return (size = ::recv(notify, buffer, sizeof buffer, 0)) > 0; }))
      << ReadText(Path("collector.log"));
  EXPECT_EQ(std::string(buffer, static_cast<std::size_t>(size)), "READY=1");
  EXPECT_EQ(Daicho({"token", "create"}).exit_code, 0);
  ::close(notify);
}

TEST_F(Commands, StoreOfANewerVersionIsLeftAlone) {
  const Outcome newer =
      Execute({"sqlite3", State() + "/ledger.sqlite", "UPDATE store_meta SET value = '999' WHERE key = 'schema'"});
  ASSERT_EQ(newer.exit_code, 0) << newer.err;
  const Outcome run = Collector({"run", "--state", State()});
  EXPECT_EQ(run.exit_code, 4) << run.err;
  EXPECT_NE(run.err.find("newer"), std::string::npos) << run.err;
}

// The main job on this very machine.
TEST_F(Commands, SoftwareOfThisMachineEqualsDpkgQuery) {
  const Outcome dpkg =
      Execute({"dpkg-query", "-W", "-f", "${Package}\\t${Version}\\t${Architecture}\\t${db:Status-Status}\\n"});
  if (dpkg.exit_code != 0) GTEST_SKIP() << "no dpkg here";
  StartCollector();
  const std::string state = Path("this-machine");
  ASSERT_EQ(Execute(Command("daicho-agent", {"enrol", "--collector", AgentEndpoint(), "--ca", State() + "/ca.pem",
                                             "--token", NewToken(), "--state", state}))
                .exit_code,
            0);
  const Outcome cycle = Execute(Command("daicho-agent", {"cycle", "--state", state, "--json"}));
  ASSERT_EQ(cycle.exit_code, 0) << cycle.err;
  std::vector<std::string> expected;
  std::istringstream lines(dpkg.out);
  for (std::string line; std::getline(lines, line);) expected.push_back(line);
  std::vector<std::string> actual;
  for (const Json& row : DaichoJson({"software"})) {
    actual.push_back(Text(row, "name") + "\t" + Text(row, "version") + "\t" + Text(row, "architecture") + "\t" +
                     Text(row, "state"));
  }
  std::sort(expected.begin(), expected.end());
  std::sort(actual.begin(), actual.end());
  EXPECT_EQ(actual, expected);
}

}  // namespace
}  // namespace daicho::e2e
