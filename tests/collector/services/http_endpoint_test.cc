#include "collector/http_endpoint.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "collector/host_port.h"

namespace daicho::collector {
namespace {

using Seconds = std::chrono::duration<double>;

// A client that sends what it likes.
class Client {
 public:
  explicit Client(const std::string& endpoint) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(ParseHostPort(endpoint)->port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    const timeval limit{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { ::close(fd_); }

  // False: the other side has closed.
  bool Send(const std::string& text) const {
    return ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
  }
  // Everything until the other side closes.
  std::string ReadAll() const {
    std::string all;
    char buffer[4096];
    for (ssize_t size = 0; (size = ::recv(fd_, buffer, sizeof buffer, 0)) > 0;) {
      all.append(buffer, static_cast<std::size_t>(size));
    }
    return all;
  }
  // Waits for the other side to close, at most that long.
  bool ClosesWithin(std::chrono::milliseconds limit) const {
    const timeval wait{.tv_sec = limit.count() / 1000, .tv_usec = limit.count() % 1000 * 1000};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    char byte = 0;
    return ::recv(fd_, &byte, 1, 0) == 0;
  }

 private:
  const int fd_;
};

class Http : public testing::Test {
 protected:
  Http() {
    auto started = HttpEndpoint::Start(io_, "127.0.0.1:0",
                                       {.metrics =
                                            [this] {
                                              ++scrapes_;
                                              return std::string("x 1\n");
                                            },
                                        .problem = [this] { return std::string(healthy_ ? "" : "disk full"); }});
    EXPECT_TRUE(started) << started.error().message;
    http_ = std::move(*started);
    thread_ = std::thread([this] { io_.run(); });
  }
  ~Http() override {
    io_.stop();
    thread_.join();
  }

  std::string Ask(const std::string& request) const {
    const Client client(http_->endpoint());
    client.Send(request);
    return client.ReadAll();
  }
  std::string Get(const std::string& path) const { return Ask("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n"); }

  asio::io_context io_{1};
  std::unique_ptr<HttpEndpoint> http_;
  std::atomic<int> scrapes_ = 0;
  std::atomic<bool> healthy_ = true;
  std::thread thread_;
};

TEST_F(Http, MetricsAreTextOfTheFormatsVersion) {
  const std::string answer = Get("/metrics");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
  EXPECT_NE(answer.find("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\nx 1\n")) << answer;
  EXPECT_TRUE(Get("/metrics?name=x").starts_with("HTTP/1.1 200 "));
}

TEST_F(Http, HealthIsInTheStatus) {
  EXPECT_TRUE(Get("/healthz").starts_with("HTTP/1.1 200 "));
  healthy_ = false;
  const std::string answer = Get("/healthz");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 "));
  EXPECT_TRUE(answer.ends_with("\r\n\r\ndisk full\n")) << answer;
}

struct BadCase {
  const char* name;
  std::string request;
  const char* answer;  // how it begins; empty: closed without one
};

class BadRequest : public Http, public testing::WithParamInterface<BadCase> {};

TEST_P(BadRequest, IsRefusedAndTheNextIsServed) {
  const std::string answer = Ask(GetParam().request);
  if (*GetParam().answer == '\0') {
    EXPECT_EQ(answer, "");
  } else {
    EXPECT_TRUE(answer.starts_with(GetParam().answer)) << answer;
  }
  EXPECT_EQ(scrapes_, 0);
  EXPECT_TRUE(Get("/metrics").starts_with("HTTP/1.1 200 "));
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadRequest,
    testing::Values(
        BadCase{"other_path", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404 "},
        BadCase{"path_below", "GET /metrics/ HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404 "},
        BadCase{"dots", "GET /../metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404 "},
        BadCase{"post", "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab", "HTTP/1.1 405 "},
        BadCase{"head", "HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 405 "},
        BadCase{"upgrade", "POST /metrics HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
                "HTTP/1.1 405 "},
        BadCase{"unknown_method", "BREW /metrics HTTP/1.1\r\nHost: x\r\n\r\n", ""},
        BadCase{"no_http", "\x16\x03\x01\x02", ""}, BadCase{"http_2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", ""},
        BadCase{"long_path", "GET /" + std::string(2000, 'a') + " HTTP/1.1\r\n\r\n", ""},
        BadCase{"long_field", "GET /metrics HTTP/1.1\r\nX: " + std::string(10'000, 'a') + "\r\n\r\n", ""},
        BadCase{"large_body", "POST /metrics HTTP/1.1\r\nContent-Length: 4000\r\n\r\n" + std::string(4000, 'a'), ""}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST_F(Http, PipelinedSecondRequestIsNotAnswered) {
  const std::string request = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
  Ask(request + request + request);
  EXPECT_EQ(scrapes_, 1);
}

// A byte now and then must not keep a connection: the time is for the whole request.
TEST_F(Http, SlowRequestIsClosedInTime) {
  const Client client(http_->endpoint());
  const auto begun = std::chrono::steady_clock::now();
  bool closed = false;
  for (const char c : std::string("GET /metrics HTTP/1.1\r\nHost: localhost.localdomain\r\nX: slow\r\n")) {
    if (!client.Send(std::string(1, c)) || client.ClosesWithin(std::chrono::milliseconds(200))) {
      closed = true;
      break;
    }
  }
  EXPECT_TRUE(closed);
  EXPECT_LT(Seconds(std::chrono::steady_clock::now() - begun).count(), kHttpSeconds + 3);
}

TEST_F(Http, SilentClientsHoldAScrapeUpForNoLongerThanTheirTime) {
  std::vector<std::unique_ptr<Client>> silent;
  for (int i = 0; i < kHttpConnections + 50; ++i) silent.push_back(std::make_unique<Client>(http_->endpoint()));
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_TRUE(Get("/metrics").starts_with("HTTP/1.1 200 "));
  EXPECT_LT(Seconds(std::chrono::steady_clock::now() - begun).count(), kHttpSeconds + 3);
}

TEST_F(Http, ClientThatDoesNotReadIsLeft) {
  const Client client(http_->endpoint());
  client.Send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(Get("/metrics").starts_with("HTTP/1.1 200 "));
}

TEST_F(Http, PortInUseIsAnErrorWithItsAddress) {
  const auto second = HttpEndpoint::Start(io_, http_->endpoint(), {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::kUnavailable);
  EXPECT_NE(second.error().message.find(http_->endpoint()), std::string::npos) << second.error().message;
}

TEST(HttpNames, LocalhostIsTheFirstLoopbackAddress) {
  asio::io_context io(1);
  const auto http = HttpEndpoint::Start(io, "localhost:0", {});
  ASSERT_TRUE(http) << http.error().message;
  const auto six = HttpEndpoint::Start(io, "[::1]:0", {});
  EXPECT_TRUE(six || six.error().code == Code::kUnavailable);
}

}  // namespace
}  // namespace daicho::collector
