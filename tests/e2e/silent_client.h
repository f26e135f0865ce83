// A client that takes a connection and says nothing beyond what it is asked to.
#pragma once

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

namespace daicho::e2e {

struct CloseTls {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* session) const { SSL_free(session); }
};

// A connection to a port of 127.0.0.1.
class SilentClient {
 public:
  explicit SilentClient(int port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
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

}  // namespace daicho::e2e
