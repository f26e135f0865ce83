#include "collector/connection_gate.h"

#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <asio/ip/v6_only.hpp>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

namespace daicho::collector {

namespace {

using asio::ip::tcp;

constexpr std::chrono::milliseconds kPause(100);

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

Status ListenOn(tcp::acceptor& acceptor, const tcp::endpoint& address) {
  asio::error_code error;
  const auto step = [&](auto&& call) {
    if (!error) call();
  };
  step([&] { acceptor.open(address.protocol(), error); });
  if (address.protocol() == tcp::v6()) {
    step([&] { acceptor.set_option(asio::ip::v6_only(!address.address().is_unspecified()), error); });
  }
  step([&] { acceptor.set_option(tcp::acceptor::reuse_address(true), error); });
  step([&] { acceptor.set_option(tcp::no_delay(true), error); });  // what is accepted has it too
  step([&] { acceptor.bind(address, error); });
  step([&] { acceptor.listen(asio::socket_base::max_listen_connections, error); });
  step([&] { acceptor.native_non_blocking(true, error); });
  if (!error) return {};
  asio::error_code ignored;
  acceptor.close(ignored);  // NOLINT(bugprone-unused-return-value): the same as `ignored`
  return Fail(error == asio::error::address_in_use ? Code::kAlreadyExists : Code::kUnavailable, error.message());
}

asio::ip::address AddressOf(const sockaddr_storage& peer) {
  if (peer.ss_family == AF_INET) {
    return asio::ip::address_v4(ntohl(reinterpret_cast<const sockaddr_in&>(peer).sin_addr.s_addr));
  }
  const auto& from = reinterpret_cast<const sockaddr_in6&>(peer).sin6_addr.s6_addr;
  asio::ip::address_v6::bytes_type bytes;
  std::ranges::copy(from, bytes.begin());
  const asio::ip::address_v6 address(bytes);
  if (address.is_v4_mapped()) return asio::ip::make_address_v4(asio::ip::v4_mapped, address);
  return address;
}

}  // namespace

Result<std::unique_ptr<ConnectionGate>> ConnectionGate::Open(const HostPort& endpoint, int connections_per_address) {
  std::unique_ptr<ConnectionGate> gate(new ConnectionGate(static_cast<std::size_t>(connections_per_address)));
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
    if (everywhere && !acceptors_.empty()) break;  // the one of IPv6 takes all
    address.port(port_ != 0 ? port_ : endpoint.port);
    tcp::acceptor& acceptor = acceptors_.emplace_back(io_);
    last = ListenOn(acceptor, address);
    if (last) {
      port_ = acceptor.local_endpoint().port();
      continue;
    }
    acceptors_.pop_back();
    if (last.error().code == Code::kAlreadyExists) break;
  }
  const bool taken = !last && last.error().code == Code::kAlreadyExists;
  if (!acceptors_.empty() && !taken) return {};
  return Fail(Code::kUnavailable, last.error().message);
}

ConnectionGate::~ConnectionGate() {
  io_.stop();
  if (thread_.joinable()) thread_.join();
}

void ConnectionGate::Begin(Take take) {
  take_ = std::move(take);
  for (tcp::acceptor& acceptor : acceptors_) Wait(acceptor);
  thread_ = std::thread([this] { io_.run(); });
}

void ConnectionGate::Wait(tcp::acceptor& acceptor) {
  acceptor.async_wait(tcp::acceptor::wait_read, [this, &acceptor](const asio::error_code& error) {
    if (!error) AcceptAll(acceptor);
  });
}

void ConnectionGate::AcceptAll(tcp::acceptor& acceptor) {
  for (;;) {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    const int fd =
        ::accept4(acceptor.native_handle(), reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      LetIn(fd, AddressOf(peer));
      continue;
    }
    // accept(2): the two that mean "nobody is waiting", and the two that mean "try again at once".
    if (errno == EAGAIN || errno == EWOULDBLOCK) break;
    if (errno == EINTR || errno == ECONNABORTED) continue;
    spdlog::error("a connection cannot be taken: {}; if it says too many open files, raise LimitNOFILE of the service",
                  std::generic_category().message(errno));
    pause_.expires_after(kPause);
    pause_.async_wait([this, &acceptor](const asio::error_code&) { Wait(acceptor); });  // or another one pauses
    return;
  }
  Wait(acceptor);
}

void ConnectionGate::LetIn(int fd, const asio::ip::address& address) {
  struct stat opened{};
  if (::fstat(fd, &opened) != 0) {
    ::close(fd);
    return;
  }
  Connections& here = connections_[address];
  if (here.IsWorthALook(limit_)) here.ForgetClosed();
  if (here.open.size() >= limit_) {
    ::close(fd);
    spdlog::warn("{} has {} connections open; more are refused (connections_per_address of [listen])",
                 address.to_string(), here.open.size());
    return;
  }
  here.open.push_back({.fd = fd, .inode = opened.st_ino});
  take_(fd);
  if (connections_.size() >= look_at_addresses_) ForgetQuietAddresses();
}

bool ConnectionGate::Connections::IsWorthALook(std::size_t limit) const {
  return open.size() >= std::min(limit, look_at);
}

void ConnectionGate::Connections::ForgetClosed() {
  std::erase_if(open, [](const Connection& one) {
    struct stat now{};
    return ::fstat(one.fd, &now) != 0 || now.st_ino != one.inode;
  });
  look_at = std::max(kFew, 2 * open.size());
}

void ConnectionGate::ForgetQuietAddresses() {
  for (auto& [address, here] : connections_) here.ForgetClosed();
  std::erase_if(connections_, [](const auto& entry) { return entry.second.open.empty(); });
  look_at_addresses_ = std::max(kManyAddresses, 2 * connections_.size());
}

}  // namespace daicho::collector
