#include "collector/connection_gate.h"

#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <asio/ip/v6_only.hpp>
#include <asio/system_error.hpp>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

namespace daicho::collector {

namespace {

using asio::ip::tcp;

constexpr std::chrono::milliseconds kPause(100);
constexpr std::chrono::minutes kTellEvery(1);
constexpr int kAcceptAtOnce = 64;
constexpr const char* kRaiseFiles = "too many open files; raise LimitNOFILE of the service";

Result<std::vector<tcp::endpoint>> AddressesOf(const HostPort& endpoint) {
  asio::error_code error;
  asio::io_context io;
  const auto found = tcp::resolver(io).resolve(endpoint.host, std::to_string(endpoint.port),
                                               tcp::resolver::passive | tcp::resolver::numeric_service, error);
  if (error) return Fail(Code::kUnavailable, endpoint.host + ": " + error.message());
  std::vector<tcp::endpoint> addresses;
  for (const auto& entry : found) {
    if (std::ranges::find(addresses, entry.endpoint()) == addresses.end()) addresses.push_back(entry.endpoint());
  }
  return addresses;
}

// kAlreadyExists: the port is another's.
Status ListenOn(tcp::acceptor& acceptor, const tcp::endpoint& address) {
  try {
    acceptor.open(address.protocol());
    if (address.protocol() == tcp::v6()) {
      acceptor.set_option(asio::ip::v6_only(!address.address().is_unspecified()));
    }
    acceptor.set_option(tcp::acceptor::reuse_address(true));
    acceptor.set_option(tcp::no_delay(true));  // what is accepted has it too
    acceptor.bind(address);
    acceptor.listen();
    acceptor.native_non_blocking(true);
    return {};
  } catch (const asio::system_error& error) {
    const bool taken = error.code() == asio::error::address_in_use;
    return Fail(taken ? Code::kAlreadyExists : Code::kUnavailable, error.code().message());
  }
}

// Absent: there is no such file.
std::optional<ino_t> InodeOf(int fd) {
  struct stat now{};
  return ::fstat(fd, &now) == 0 ? std::optional(now.st_ino) : std::nullopt;
}

// It ended before it was taken; gRPC would write a line about it.
bool HasGone(int fd) {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  return ::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0;
}

// What counts as one: an address of IPv4, or the /64 that a machine of IPv6 chooses its addresses from (RFC 4291).
asio::ip::address NetworkOf(const sockaddr_storage& peer) {
  if (peer.ss_family == AF_INET) {
    return asio::ip::address_v4(ntohl(reinterpret_cast<const sockaddr_in&>(peer).sin_addr.s_addr));
  }
  const auto& from = reinterpret_cast<const sockaddr_in6&>(peer).sin6_addr.s6_addr;
  asio::ip::address_v6::bytes_type bytes;
  std::ranges::copy(from, bytes.begin());
  const asio::ip::address_v6 address(bytes);
  if (address.is_v4_mapped()) return asio::ip::make_address_v4(asio::ip::v4_mapped, address);
  if (address.is_loopback()) return address;
  std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
  return asio::ip::address_v6(bytes);
}

}  // namespace

Result<std::unique_ptr<ConnectionGate>> ConnectionGate::Open(const HostPort& endpoint, const GateLimits& limits) {
  std::unique_ptr<ConnectionGate> gate(new ConnectionGate(limits));
  if (const Status listening = gate->Listen(endpoint); !listening) return std::unexpected(listening.error());
  return gate;
}

Status ConnectionGate::Listen(const HostPort& endpoint) {
  auto addresses = AddressesOf(endpoint);
  if (!addresses) return std::unexpected(addresses.error());
  const bool everywhere = std::ranges::any_of(
      *addresses, [](const tcp::endpoint& address) { return address.address() == asio::ip::address_v4::any(); });
  // As everything that listens on all addresses does: one socket for both families, if there is IPv6.
  if (everywhere) addresses->insert(addresses->begin(), tcp::endpoint(tcp::v6(), endpoint.port));
  Status last = Fail(Code::kUnavailable, "no address");
  for (tcp::endpoint& address : *addresses) {
    if (everywhere && !doors_.empty()) break;  // the one of IPv6 takes all
    address.port(port_ != 0 ? port_ : endpoint.port);
    tcp::acceptor& acceptor = doors_.emplace_back(io_).acceptor;
    last = ListenOn(acceptor, address);
    if (last) {
      port_ = acceptor.local_endpoint().port();
      continue;
    }
    doors_.pop_back();
    if (last.error().code == Code::kAlreadyExists) return Fail(Code::kUnavailable, last.error().message);
  }
  return doors_.empty() ? last : Status();
}

ConnectionGate::~ConnectionGate() {
  io_.stop();
  if (thread_.joinable()) thread_.join();
}

void ConnectionGate::Begin(Take take) {
  take_ = std::move(take);
  for (Door& door : doors_) Wait(door);
  thread_ = std::thread([this] { io_.run(); });
}

void ConnectionGate::Wait(Door& door) {
  door.acceptor.async_wait(tcp::acceptor::wait_read, [this, &door](const asio::error_code& error) {
    if (!error) AcceptSome(door);
  });
}

// A few in one turn: a signal, and the other door, must not wait until nobody comes any more.
void ConnectionGate::AcceptSome(Door& door) {
  for (int turn = 0; turn < kAcceptAtOnce; ++turn) {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    const int fd = ::accept4(door.acceptor.native_handle(), reinterpret_cast<sockaddr*>(&peer), &size,
                             SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      LetIn(fd, NetworkOf(peer));
      continue;
    }
    const int why = errno;
    // accept(2): the two that mean "nobody is waiting", and the two that mean "try again at once".
    if (why == EAGAIN || why == EWOULDBLOCK) break;
    if (why == EINTR || why == ECONNABORTED) continue;
    spdlog::error("a connection cannot be taken: {}",
                  why == EMFILE ? kRaiseFiles : std::generic_category().message(why));
    door.pause.expires_after(kPause);
    door.pause.async_wait([this, &door](const asio::error_code& error) {
      if (!error) Wait(door);
    });
    return;
  }
  Wait(door);
}

bool ConnectionGate::IsKeptForOthers(int fd) const {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return false;
  const auto kept = std::min(static_cast<rlim_t>(limits_.files_kept), files.rlim_cur / 4);
  return static_cast<rlim_t>(fd) >= files.rlim_cur - kept;
}

void ConnectionGate::LetIn(int fd, const asio::ip::address& network) {
  if (HasGone(fd)) {
    ::close(fd);
    return;
  }
  if (IsKeptForOthers(fd)) {
    ::close(fd);
    spdlog::error("a connection of {} is refused: {}", network.to_string(), kRaiseFiles);
    return;
  }
  Connections& here = connections_[network];
  here.LookAtSome();
  if (here.open.size() >= static_cast<std::size_t>(limits_.connections_per_address)) {
    ::close(fd);
    const auto now = std::chrono::steady_clock::now();
    if (!here.told_at || now - *here.told_at >= kTellEvery) {
      here.told_at = now;
      spdlog::error("{} has {} connections open; more are refused (connections_per_address of [listen])",
                    network.to_string(), here.open.size());
    }
    return;
  }
  here.open.push_back({.fd = fd, .inode = InodeOf(fd)});
  take_(fd);
  if (connections_.size() >= look_at_networks_) ForgetQuietNetworks();
}

void ConnectionGate::Connections::LookAtSome() {
  for (std::size_t looks = std::min(kLooks, open.size()); looks > 0; --looks) {
    if (next >= open.size()) next = 0;
    if (open[next].IsOpen()) {
      ++next;
    } else {
      open[next] = open.back();
      open.pop_back();
    }
  }
}

bool ConnectionGate::Connection::IsOpen() const { return InodeOf(fd) == inode; }

void ConnectionGate::ForgetQuietNetworks() {
  for (auto& [network, here] : connections_) {
    std::erase_if(here.open, [](const Connection& one) { return !one.IsOpen(); });
  }
  std::erase_if(connections_, [](const auto& entry) { return entry.second.open.empty(); });
  look_at_networks_ = std::max(kManyNetworks, 2 * connections_.size());
}

}  // namespace daicho::collector
