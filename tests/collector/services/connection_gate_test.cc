#include "collector/connection_gate.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "tests/silent_client.h"

namespace daicho::collector {
namespace {

constexpr std::chrono::seconds kPatience(20);

// This process may open so many files more, until the object is gone.
class FewFiles {
 public:
  explicit FewFiles(rlim_t more) {
    const int next = ::dup(0);
    ::close(next);
    EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &before_), 0);
    Set({.rlim_cur = static_cast<rlim_t>(next) + more, .rlim_max = before_.rlim_max});
  }
  FewFiles(const FewFiles&) = delete;
  FewFiles& operator=(const FewFiles&) = delete;
  ~FewFiles() { Set(before_); }

 private:
  static void Set(const rlimit& files) { EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &files), 0); }
  rlimit before_{};
};

class Gate : public ::testing::Test {
 protected:
  ~Gate() override {
    gate_.reset();
    for (const int fd : taken_) ::close(fd);
  }
  void Open(const std::string& host, int connections_per_address) {
    auto gate = ConnectionGate::Open({.host = host, .port = 0}, {.connections_per_address = connections_per_address});
    ASSERT_TRUE(gate) << gate.error().message;
    gate_ = std::move(*gate);
    Begin();
  }
  void Begin() {
    gate_->Begin([this](int fd) {
      const std::lock_guard lock(mutex_);
      taken_.push_back(fd);
      came_.notify_all();
    });
  }
  SilentClient Connect(in_addr_t from = INADDR_LOOPBACK) const { return SilentClient(gate_->port(), from); }
  bool WaitForTaken(std::size_t count) {
    std::unique_lock lock(mutex_);
    return came_.wait_for(lock, kPatience, [&] { return taken_.size() >= count; });
  }
  // What the server does when a connection has ended.
  void CloseOne() {
    const std::lock_guard lock(mutex_);
    ::close(taken_.back());
    taken_.pop_back();
  }
  std::size_t taken() {
    const std::lock_guard lock(mutex_);
    return taken_.size();
  }

  std::unique_ptr<ConnectionGate> gate_;
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<int> taken_;
};

TEST_F(Gate, TakesAsManyOfAnAddressAsTheLimitAndAnyNumberOfAddresses) {
  Open("127.0.0.1", 3);
  std::vector<SilentClient> clients;
  for (in_addr_t address = INADDR_LOOPBACK; address < INADDR_LOOPBACK + 20; ++address) {
    for (int i = 0; i < 3; ++i) clients.push_back(Connect(address));
  }
  EXPECT_TRUE(WaitForTaken(60));
  SilentClient over = Connect(INADDR_LOOPBACK + 7);
  EXPECT_TRUE(over.WaitUntilClosed());
  EXPECT_EQ(taken(), 60U);
}

// The count of an address is looked through in turns; 50 is more than one turn.
TEST_F(Gate, OneOfManyThatHasEndedMakesPlaceSoon) {
  Open("127.0.0.1", 50);
  std::vector<SilentClient> clients;
  for (int i = 0; i < 50; ++i) clients.push_back(Connect());
  ASSERT_TRUE(WaitForTaken(50));
  CloseOne();
  int refused = 0;
  for (bool closed = true; closed && refused < 10; ++refused) closed = clients.emplace_back(Connect()).IsClosed(100);
  EXPECT_LE(refused, 4);
  EXPECT_TRUE(WaitForTaken(50));
}

// A collector that is told to stop must not accept until nobody comes any more.
TEST_F(Gate, EndsWhileConnectionsKeepComing) {
  Open("127.0.0.1", 4);
  std::atomic<bool> stop = false;
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&, port = gate_->port()] {
      while (!stop) const SilentClient caller(port);
    });
  }
  ASSERT_TRUE(WaitForTaken(4));
  gate_.reset();
  stop = true;
  for (std::thread& caller : callers) caller.join();
}

TEST_F(Gate, OneThatHasEndedMakesPlaceForOne) {
  Open("127.0.0.1", 4);
  std::vector<SilentClient> clients;
  for (int i = 0; i < 4; ++i) clients.push_back(Connect());
  ASSERT_TRUE(WaitForTaken(4));
  for (int round = 0; round < 50; ++round) {
    CloseOne();
    clients.push_back(Connect());
    ASSERT_TRUE(WaitForTaken(4)) << round;
    SilentClient over = Connect();
    EXPECT_TRUE(over.WaitUntilClosed()) << round;
  }
}

TEST_F(Gate, WhoComesBeforeItBeginsIsTakenThen) {
  gate_ = ConnectionGate::Open({.host = "localhost", .port = 0}, {}).value();
  const SilentClient early = Connect();
  EXPECT_TRUE(early.connected());
  Begin();
  EXPECT_TRUE(WaitForTaken(1));
}

TEST_F(Gate, ConnectionsWaitWhileNoMoreFilesMayBeOpened) {
  Open("127.0.0.1", 4);
  const SilentClient first = Connect();
  ASSERT_TRUE(WaitForTaken(1));
  std::optional<FewFiles> few(1);
  const SilentClient second = Connect();  // has the last file
  EXPECT_TRUE(second.connected());
  few.reset();
  EXPECT_TRUE(WaitForTaken(2));
}

TEST_F(Gate, LastFilesAreNotForConnections) {
  Open("127.0.0.1", 4);
  std::optional<FewFiles> few(3);
  SilentClient refused = Connect();
  EXPECT_TRUE(refused.WaitUntilClosed());
  few.reset();
  const SilentClient client = Connect();
  EXPECT_TRUE(WaitForTaken(1));
}

TEST_F(Gate, AddressesOfIpv6AreListenedOnAndCounted) {
  for (const std::string host : {"::1", "::"}) {
    if (!ConnectionGate::Open({.host = host, .port = 0}, {})) GTEST_SKIP() << "this machine has no IPv6";
    Open(host, 1);
    const std::size_t taken_before = taken();
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_addr = in6addr_loopback;
    address.sin6_port = htons(gate_->port());
    const int first = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int second = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(::connect(first, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_TRUE(WaitForTaken(taken_before + 1)) << host;
    EXPECT_EQ(::connect(second, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    char byte = 0;
    EXPECT_LE(::recv(second, &byte, 1, 0), 0) << host;
    ::close(first);
    ::close(second);
    gate_.reset();
  }
}

// In both families: a name that has no address of IPv4 only must not be half open.
TEST_F(Gate, EveryAddressOfAllIsListenedOn) {
  Open("0.0.0.0", 1);
  const SilentClient client = Connect();
  EXPECT_TRUE(WaitForTaken(1));
  SilentClient over = Connect();
  EXPECT_TRUE(over.WaitUntilClosed()) << "an address of IPv4 counts as the same when a socket of IPv6 takes it";
}

TEST_F(Gate, PortOfAnotherIsRefused) {
  Open("127.0.0.1", 1);
  for (const std::string host : {"127.0.0.1", "localhost", "0.0.0.0"}) {
    const auto second = ConnectionGate::Open({.host = host, .port = gate_->port()}, {});
    ASSERT_FALSE(second) << host;
    EXPECT_EQ(second.error().code, Code::kUnavailable);
  }
}

TEST_F(Gate, AddressOfAnotherMachineIsRefused) {
  for (const std::string host : {"192.0.2.1", "no-such-host.invalid"}) {
    const auto gate = ConnectionGate::Open({.host = host, .port = 0}, {});
    ASSERT_FALSE(gate) << host;
    EXPECT_EQ(gate.error().code, Code::kUnavailable);
    EXPECT_FALSE(gate.error().message.empty());
  }
}

}  // namespace
}  // namespace daicho::collector
