// A client that takes a connection and says nothing beyond what it is asked to.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace daicho {

struct CloseTls {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* session) const { SSL_free(session); }
};

// A connection to a port of 127.0.0.1.
class SilentClient {
 public:
  // `from`: an address of this machine (127.0.0.0/8).
  explicit SilentClient(int port, in_addr_t from = INADDR_LOOPBACK)
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(from);
    const int later = 1;  // the port is chosen when the other end is known: otherwise there are 28,000 for all (ip(7))
    ::setsockopt(fd_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &later, sizeof later);
    if (::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval limit{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
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

  // After OpenTls: an HTTP/2 connection that asks for nothing (RFC 9113, 3.4: the preface and empty settings). True:
  // the other side has taken it.
  bool BeginHttp2() {
    static constexpr std::string_view kBegin("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33);
    char bytes[4096];
    return SSL_write(tls_.get(), kBegin.data(), kBegin.size()) > 0 && SSL_read(tls_.get(), bytes, sizeof bytes) > 0;
  }

  // After BeginHttp2: a call whose request is to follow (RFC 9113, 6.2; RFC 7541, 6.2.2: names and values as they are).
  bool BeginCall(std::string_view path) {
    std::string fields;
    for (const auto& [name, value] :
         std::initializer_list<std::pair<std::string_view, std::string_view>>{{":method", "POST"},
                                                                              {":scheme", "https"},
                                                                              {":path", path},
                                                                              {":authority", "127.0.0.1"},
                                                                              {"content-type", "application/grpc"},
                                                                              {"te", "trailers"}}) {
      fields += '\0';
      for (const std::string_view text : {name, value}) (fields += static_cast<char>(text.size())) += text;
    }
    static constexpr char kHeaders = 1;
    static constexpr char kEndOfHeaders = 4;
    return SendFrame(kHeaders, kEndOfHeaders, fields);
  }

  // After BeginCall: the next bytes of the request.
  bool SendData(std::string_view bytes) { return SendFrame(0, 0, bytes); }

  // Up to the limit of waiting. True: the other side has ended the connection; nothing may have come before.
  bool WaitUntilClosed() {
    char byte = 0;
    const ssize_t got = ::recv(fd_, &byte, 1, 0);
    return got == 0 || (got < 0 && errno == ECONNRESET);
  }

  // Reads away what has come, and waits that long if there is nothing; true: the other side has ended the connection.
  bool IsClosed(int wait_milliseconds = 0) const {
    pollfd ready = {.fd = fd_, .events = POLLIN, .revents = 0};
    ::poll(&ready, 1, wait_milliseconds);
    char bytes[4096];
    for (;;) {
      const ssize_t got = ::recv(fd_, bytes, sizeof bytes, MSG_DONTWAIT);
      if (got > 0) continue;
      return got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
    }
  }

 private:
  // Of the first stream a client may open.
  bool SendFrame(char type, char flags, std::string_view payload) {
    std::string frame = {0, 0, static_cast<char>(payload.size()), type, flags, 0, 0, 0, 1};
    frame += payload;
    return SSL_write(tls_.get(), frame.data(), static_cast<int>(frame.size())) > 0;
  }

  int fd_;
  bool connected_ = false;
  std::unique_ptr<SSL, CloseTls> tls_;
};

}  // namespace daicho
