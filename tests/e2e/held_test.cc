// Connections that are held: others are served beside them, and what they cost comes back.
#include <sys/resource.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/site.h"
#include "tests/e2e/slow_build.h"
#include "tests/silent_client.h"

namespace daicho::e2e {
namespace {

constexpr int kClients = kSlowBuild ? 500 : 10'000;
constexpr rlim_t kOtherFiles = 500;
constexpr in_addr_t kFirstAddress = INADDR_LOOPBACK + 256;  // 127.0.1.1
constexpr int kFromOneAddress = 50;

class Held : public Site {
 protected:
  void SetUp() override {
    rlimit files{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &files), 0);
    if (files.rlim_max < kClients + kOtherFiles) GTEST_SKIP() << "this process may open too few files (ulimit -Hn)";
    Site::SetUp();
    // With what a shell gives; the collector sees to its own limit.
    files.rlim_cur = 1024;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &files), 0);
    StartCollector();
    files.rlim_cur = kClients + kOtherFiles;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &files), 0);
    const std::string endpoint = AgentEndpoint();
    port_ = std::stoi(endpoint.substr(endpoint.rfind(':') + 1));
  }

  long CollectorMib() const {
    std::ifstream status("/proc/" + std::to_string(collector_.pid()) + "/status");
    for (std::string word; status >> word;) {
      long kib = 0;
      if (word == "VmRSS:" && status >> kib) return kib / 1024;
    }
    ADD_FAILURE() << "no VmRSS";
    return 0;
  }

  void Open(std::vector<SilentClient>& clients, int count) {
    clients.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count && !HasFailure(); ++i) {
      SilentClient& client = clients.emplace_back(port_, kFirstAddress + static_cast<in_addr_t>(i / kFromOneAddress));
      ASSERT_TRUE(client.connected()) << i;
      ASSERT_TRUE(client.OpenTls(*context_)) << i;
      ASSERT_TRUE(client.BeginHttp2()) << i;
    }
  }

  const std::unique_ptr<SSL_CTX, CloseTls> context_{SSL_CTX_new(TLS_client_method())};
  int port_ = 0;
};

TEST_F(Held, TenThousandConnectionsLeaveOthersServedAndTheirMemoryComesBack) {
  Machine before(*this, "before");
  ASSERT_EQ(before.Enrol(NewToken()).exit_code, 0);
  before.CycleReport();
  const long without = CollectorMib();
  std::vector<SilentClient> clients;
  Open(clients, kClients);
  Machine ward(*this, "ward");
  EXPECT_EQ(ward.Enrol(NewToken()).exit_code, 0);
  ward.CycleReport();
  EXPECT_EQ(DaichoJson({"devices"}).size(), 2U);
  const long with = CollectorMib();
  std::size_t held = 0;
  for (const SilentClient& client : clients) held += client.IsClosed() ? 0 : 1;
  EXPECT_EQ(held, clients.size()) << "some were cut off";
  clients.clear();
  EXPECT_TRUE(WaitUntil([&] { return kSlowBuild || CollectorMib() < without + 100; }))
      << without << " MiB without them, " << with << " MiB with them, " << CollectorMib() << " MiB after them";
  ward.CycleReport();
  RecordProperty("mib_without", static_cast<int>(without));
  RecordProperty("mib_with", static_cast<int>(with));
  RecordProperty("mib_after", static_cast<int>(CollectorMib()));
}

// One machine with a certificate, or a thousand programs on it, must not take what all share.
TEST_F(Held, ConnectionsOfOneAddressAreBoundedAndOthersServed) {
  Machine ward(*this, "ward");
  ASSERT_EQ(ward.Enrol(NewToken()).exit_code, 0);
  StopCollector();
  const std::string config = State() + "/collector.toml";
  const std::string text = ReadText(config);
  const std::size_t end = text.find("[listen]\n") + std::string("[listen]\n").size();
  WriteText(config, text.substr(0, end) + "connections_per_address = 20\n" + text.substr(end));
  StartCollector();
  std::vector<SilentClient> clients;
  for (int i = 0; i < 20; ++i) {
    SilentClient& client = clients.emplace_back(port_, kFirstAddress);
    ASSERT_TRUE(client.connected() && client.OpenTls(*context_) && client.BeginHttp2()) << i;
  }
  for (int i = 0; i < 20; ++i) {
    SilentClient over(port_, kFirstAddress);
    EXPECT_TRUE(over.WaitUntilClosed()) << i;
  }
  ward.CycleReport();
  for (const SilentClient& client : clients) EXPECT_FALSE(client.IsClosed());
  clients.pop_back();
  EXPECT_TRUE(WaitUntil([&] {
    SilentClient next(port_, kFirstAddress);
    return !next.IsClosed(200) && next.OpenTls(*context_) && next.BeginHttp2();
  })) << "one has gone, so there is place for one";
}

}  // namespace
}  // namespace daicho::e2e
