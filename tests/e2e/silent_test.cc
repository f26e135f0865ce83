// Clients that take a connection and say nothing.
#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/site.h"

namespace daicho::e2e {
namespace {

constexpr int kClients = 500;

struct CloseTls {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* session) const { SSL_free(session); }
};

// A connection to a port of 127.0.0.1; says nothing beyond what it is asked to.
class SilentClient {
 public:
  explicit SilentClient(int port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  SilentClient(SilentClient&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), connected_(other.connected_), tls_(std::move(other.tls_)) {}
  SilentClient& operator=(SilentClient&&) = delete;
  ~SilentClient() {
    tls_.reset();
    if (fd_ >= 0) ::close(fd_);
  }

  bool connected() const { return connected_; }

  bool OpenTls(SSL_CTX& context) {
    tls_.reset(SSL_new(&context));
    static constexpr unsigned char kHttp2[] = {2, 'h', '2'};
    SSL_set_alpn_protos(tls_.get(), kHttp2, sizeof kHttp2);
    SSL_set_fd(tls_.get(), fd_);
    return SSL_connect(tls_.get()) == 1;
  }

  // Reads away what has come; true: the other side has ended the connection.
  bool IsClosed() const {
    char bytes[4096];
    for (;;) {
      const ssize_t got = ::recv(fd_, bytes, sizeof bytes, MSG_DONTWAIT);
      if (got > 0) continue;
      return got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
    }
  }

 private:
  int fd_;
  bool connected_ = false;
  std::unique_ptr<SSL, CloseTls> tls_;
};

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
