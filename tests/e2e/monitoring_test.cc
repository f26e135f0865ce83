// What whoever watches a collector sees: metrics, health, and its log.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <memory>
#include <regex>
#include <set>
#include <sstream>

#include "tests/collector/metrics/exposition_reader.h"
#include "tests/e2e/site.h"

namespace daicho::e2e {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing_metrics::ReadExposition;
using testing_metrics::ReadMetrics;

// A connection to a port of this machine.
class Connection {
 public:
  explicit Connection(const std::string& endpoint) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1))));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0) << endpoint;
    const timeval limit{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { ::close(fd_); }

  void Send(const std::string& text) const { (void)!::send(fd_, text.data(), text.size(), MSG_NOSIGNAL); }
  std::string ReadAll() const {
    std::string all;
    char buffer[65536];
    for (ssize_t size = 0; (size = ::recv(fd_, buffer, sizeof buffer, 0)) > 0;) {
      all.append(buffer, static_cast<std::size_t>(size));
    }
    return all;
  }

 private:
  const int fd_;
};

class Monitoring : public Site {
 protected:
  void SetUp() override {
    Site::SetUp();
    // A port that was free for another collector a moment ago.
    const Outcome other = Collector({"init", "--state", Path("other"), "--listen", "127.0.0.1:0"});
    ASSERT_EQ(other.exit_code, 0) << other.err;
    std::smatch found;
    const std::string config = ReadText(Path("other") + "/collector.toml");
    ASSERT_TRUE(std::regex_search(config, found, std::regex("agent = \"(127[^\"]*)\"")));
    metrics_ = found[1];
  }
  void Start(const std::string& more = {}) {
    const std::string file = State() + "/collector.toml";
    WriteText(file, ReadText(file) + "\n[metrics]\nlisten = \"" + metrics_ + "\"\n" + more);
    StartCollector();
  }
  std::string Get(const std::string& path) const {
    const Connection connection(metrics_);
    connection.Send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    return connection.ReadAll();
  }
  int HealthStatus() const {
    const std::string answer = Get("/healthz");
    return answer.size() > 12 ? std::stoi(answer.substr(9, 3)) : 0;
  }
  ReadMetrics Scrape() const {
    const std::string answer = Get("/metrics");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer.substr(0, 200);
    ReadMetrics read = ReadExposition(answer.substr(answer.find("\r\n\r\n") + 4));
    EXPECT_THAT(read.faults, IsEmpty());
    return read;
  }
  std::string Log() const { return ReadText(Path("collector.log")); }
  // The lines of the log about the call that a command's error message names.
  std::vector<std::string> LinesOfCall(const std::string& message) const {
    std::smatch id;
    EXPECT_TRUE(std::regex_search(message, id, std::regex("\\(request ([0-9a-f]{8})\\)"))) << message;
    if (id.empty()) return {};
    std::vector<std::string> lines;
    const auto find = [&] {
      lines.clear();
      std::istringstream text(Log());
      for (std::string line; std::getline(text, line);) {
        if (line.find(id[1]) != std::string::npos) lines.push_back(line);
      }
      return !lines.empty();
    };
    WaitUntil(find);  // the line is written once the answer is on its way
    return lines;
  }

  std::string metrics_;
};

TEST_F(Monitoring, ScrapeShowsWhatHappened) {
  Start();
  Machine machine(*this, "pc-1");
  ASSERT_EQ(machine.Enrol(NewToken()).exit_code, 0);
  machine.CycleReport();
  machine.CycleReport();
  EXPECT_EQ(machine.Enrol("made-up", {"--force"}).exit_code, 4);
  const auto calls = [](const ReadMetrics& read, const std::string& service, const std::string& method,
                        const std::string& code) {
    return read.Value("daicho_calls_total", {{"service", "daicho.v1." + service}, {"method", method}, {"code", code}});
  };
  ReadMetrics read;
  // Devices are read once a minute at most; the first time before the machine came.
  EXPECT_TRUE(WaitUntil([&] {
    read = Scrape();
    return read.families.contains("daicho_devices") && calls(read, "Enrolment", "Enrol", "PERMISSION_DENIED") == 1;
  }));
  EXPECT_EQ(calls(read, "Inventory", "CheckIn", "OK"), 2);
  EXPECT_EQ(calls(read, "Inventory", "Report", "OK"), 1);
  EXPECT_EQ(calls(read, "Enrolment", "Enrol", "OK"), 1);
  EXPECT_EQ(read.Value("daicho_report_sections_total", {{"section", "software"}, {"outcome", "APPLIED"}}), 1);
  EXPECT_GT(read.Value("daicho_report_row_bytes_total"), 100);
  EXPECT_GT(read.Value("daicho_commits_total"), 4);
  EXPECT_EQ(read.Value("daicho_commit_failures_total"), 0);
  EXPECT_EQ(read.Value("daicho_findings_sweep_ok"), 1);
  EXPECT_EQ(read.families.at("daicho_open_findings").samples.size(), 4u);
  EXPECT_GT(read.Value("process_resident_memory_bytes"), 1e6);
  EXPECT_EQ(read.families.at("daicho_build_info").samples.size(), 1u);
}

TEST_F(Monitoring, RefusedCallsAreFoundInTheLogByTheIdInTheirMessage) {
  Start();
  Machine machine(*this, "pc-1");
  const Outcome enrol = machine.Enrol("made-up-token");
  EXPECT_EQ(enrol.exit_code, 4);
  const std::vector<std::string> refused = LinesOfCall(enrol.err);
  ASSERT_EQ(refused.size(), 1u) << Log();
  EXPECT_THAT(refused[0], HasSubstr("method=daicho.v1.Enrolment/Enrol"));
  EXPECT_THAT(refused[0], HasSubstr("code=PERMISSION_DENIED"));

  ASSERT_EQ(machine.Enrol(NewToken()).exit_code, 0);
  machine.CycleReport();
  const std::string device = Text(DaichoJson({"devices"}).at(0), "device_id");
  ASSERT_EQ(Daicho({"revoke", device, "--reason", "test", "--yes"}).exit_code, 0);
  const Outcome cycle = machine.Cycle();
  EXPECT_EQ(cycle.exit_code, 4);
  const std::vector<std::string> revoked = LinesOfCall(cycle.err);
  ASSERT_EQ(revoked.size(), 1u) << Log();
  EXPECT_THAT(revoked[0], HasSubstr("actor=device/" + device));

  const Outcome query = Daicho({"query", "SELECT no_such_column FROM device", "--lang", "en"});
  EXPECT_EQ(query.exit_code, 2) << query.err;
  const std::vector<std::string> failed = LinesOfCall(query.err);
  ASSERT_EQ(failed.size(), 1u) << Log();
  EXPECT_THAT(failed[0], HasSubstr("actor=admin/admin"));
  EXPECT_EQ(failed[0].find("no_such_column"), std::string::npos) << failed[0];
}

// A file that must not grow any more is what a full disk is to the store, also for root.
TEST_F(Monitoring, StoreThatTakesNoWritesIsNotServingUntilItDoes) {
  Start();
  EXPECT_EQ(Daicho({"health"}).exit_code, 0);
  EXPECT_EQ(HealthStatus(), 200);
  rlimit before{};
  ASSERT_EQ(::prlimit(collector_.pid(), RLIMIT_FSIZE, nullptr, &before), 0);
  const rlimit none{.rlim_cur = 1, .rlim_max = before.rlim_max};
  ASSERT_EQ(::prlimit(collector_.pid(), RLIMIT_FSIZE, &none, nullptr), 0);
  EXPECT_NE(Daicho({"token", "create"}).exit_code, 0) << "what cannot be journaled is not done";
  const Outcome down = Daicho({"health", "--json"});
  EXPECT_EQ(down.exit_code, 1) << down.err;
  EXPECT_EQ(Text(down.Lines().at(0), "status"), "NOT_SERVING");
  EXPECT_EQ(HealthStatus(), 503);
  EXPECT_THAT(Get("/healthz"), HasSubstr(State() + "/ledger.sqlite: disk I/O error: File too large\n"));
  const ReadMetrics read = Scrape();
  EXPECT_GE(read.Value("daicho_commit_failures_total"), 1);
  EXPECT_EQ(read.Value("daicho_store_serving"), 0);
  EXPECT_TRUE(collector_.Running());

  // Nobody sends anything: the collector finds out by itself.
  ASSERT_EQ(::prlimit(collector_.pid(), RLIMIT_FSIZE, &before, nullptr), 0);
  EXPECT_TRUE(WaitUntil([&] { return HealthStatus() == 200; }));
  EXPECT_EQ(Daicho({"health"}).exit_code, 0);
  EXPECT_EQ(DaichoJson({"query", "SELECT 1 FROM journal WHERE action = 'store.recovered'"}).size(), 1u);
  StopCollector();
  EXPECT_EQ(Daicho({"health"}).exit_code, 3);
}

TEST_F(Monitoring, SilentAndSlowHttpClientsHoldNobodyUp) {
  Start();
  std::vector<std::unique_ptr<Connection>> clients;
  for (int i = 0; i < 200; ++i) {
    clients.push_back(std::make_unique<Connection>(metrics_));
    if (i % 2 == 0) clients.back()->Send("GET /metrics HTTP/1.1\r\nX: slow");
  }
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_TRUE(Scrape().families.contains("daicho_calls_total"));
  EXPECT_EQ(Daicho({"devices"}).exit_code, 0);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(3));
  for (const auto& client : clients) EXPECT_EQ(client->ReadAll(), "") << "closed without an answer";
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(10));
}

TEST_F(Monitoring, LogInJsonIsOneObjectALineWithoutSecrets) {
  Start("[log]\nformat = \"json\"\nlevel = \"debug\"\n");
  const std::string token = NewToken();
  Machine machine(*this, "pc-1");
  machine.AddAccount("yamada-hanako", 1001, "$6$salt$secret-hash");
  EXPECT_EQ(machine.Enrol("refused-secret-token").exit_code, 4);
  EXPECT_EQ(machine.Enrol(token).exit_code, 0);
  machine.CycleReport();
  EXPECT_EQ(Daicho({"query", "SELECT name FROM account WHERE name = 'yamada-hanako'"}).exit_code, 0);
  EXPECT_NE(Daicho({"query", "SELECT 'yamada-hanako' FROM nowhere"}).exit_code, 0);
  EXPECT_EQ(Daicho({"export", "--what", "accounts", "--format", "csv"}).exit_code, 0);
  EXPECT_THAT(Get("/metrics"), HasSubstr("200 OK"));
  StopCollector();
  const std::string log = Log();
  for (const std::string& secret : {token, std::string("refused-secret-token"), std::string("yamada"),
                                    std::string("SELECT"), std::string("secret-hash"), std::string("BEGIN ")}) {
    EXPECT_EQ(log.find(secret), std::string::npos) << secret;
  }
  std::set<std::string> methods;
  for (const Json& line : Outcome{0, log, ""}.Lines()) {
    EXPECT_NE(Text(line, "time"), "");
    EXPECT_NE(Text(line, "level"), "");
    EXPECT_NE(Text(line, "message"), "");
    if (Text(line, "message") != "call") continue;
    methods.insert(Text(line, "method"));
    EXPECT_EQ(Text(line, "request_id").size(), 8u);
    EXPECT_NE(Text(line, "code"), "");
  }
  for (const char* method : {"daicho.v1.Enrolment/Enrol", "daicho.v1.Inventory/CheckIn", "daicho.v1.Inventory/Report",
                             "daicho.v1.Admin/Query", "daicho.v1.Admin/Export"}) {
    EXPECT_TRUE(methods.contains(method)) << method;
  }
}

TEST_F(Monitoring, MetricsPortInUseEndsTheStartAndLeavesNoTrace) {
  Start();
  WriteText(Path("other") + "/collector.toml",
            ReadText(Path("other") + "/collector.toml") + "\n[metrics]\nlisten = \"" + metrics_ + "\"\n");
  const Outcome second = Collector({"run", "--state", Path("other")});
  EXPECT_EQ(second.exit_code, 3) << second.err;
  EXPECT_THAT(second.err, HasSubstr(metrics_));
  EXPECT_EQ(ReadText(Path("other") + "/endpoints.json"), "");
}

}  // namespace
}  // namespace daicho::e2e
