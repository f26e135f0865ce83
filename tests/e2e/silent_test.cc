// Clients that take a connection and say nothing.
#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/site.h"
#include "tests/silent_client.h"

namespace daicho::e2e {
namespace {

constexpr int kClients = 500;

class Silent : public Site {
 protected:
  void SetUp() override {
    Site::SetUp();
    StartCollector();
    ward_.SetPackages({{"openssl", "3.0.11-1"}});
    ASSERT_EQ(ward_.Enrol(NewToken()).exit_code, 0);
    const std::string endpoint = AgentEndpoint();
    port_ = std::stoi(endpoint.substr(endpoint.rfind(':') + 1));
  }

  void ExpectServedBesideThemAndThemCutOff(const std::vector<SilentClient>& clients) const {
    ward_.CycleReport();
    std::size_t closed = 0;
    EXPECT_TRUE(WaitUntil(
        [&] {
          closed = 0;
          for (const SilentClient& client : clients) closed += client.IsClosed() ? 1 : 0;
          return closed == clients.size();
        },
        std::chrono::seconds(60)))
        << clients.size() - closed << " are still connected";
    ward_.CycleReport();
  }

  const Machine ward_{*this, "ward"};
  int port_ = 0;
};

TEST_F(Silent, FiveHundredThatBeginNoHandshake) {
  std::vector<SilentClient> clients;
  clients.reserve(kClients);
  for (int i = 0; i < kClients; ++i) ASSERT_TRUE(clients.emplace_back(port_).connected()) << i;
  ExpectServedBesideThemAndThemCutOff(clients);
}

TEST_F(Silent, FiveHundredThatOpenTlsAndThenSayNothing) {
  const std::unique_ptr<SSL_CTX, CloseTls> context(SSL_CTX_new(TLS_client_method()));
  std::vector<SilentClient> clients;
  clients.reserve(kClients);
  for (int i = 0; i < kClients; ++i) {
    SilentClient& client = clients.emplace_back(port_);
    ASSERT_TRUE(client.connected()) << i;
    ASSERT_TRUE(client.OpenTls(*context)) << i;
  }
  ExpectServedBesideThemAndThemCutOff(clients);
}

}  // namespace
}  // namespace daicho::e2e
