// What monitoring asks for by plain HTTP (RFC 9112), on a loopback address:
//
//   GET /metrics   200 and the metrics in Prometheus' text format (exposition.h)
//   GET /healthz   200 "ok", or 503 and why not
//
// Any other path is 404, any other method 405; what is no HTTP, or too large, is closed without an answer (RESTinio
// does so). A connection is one request: it has kHttpSeconds to come and as many for the answer to go, so that a slow
// or silent peer is gone before a scrape times out; beyond kHttpConnections others wait for their turn. Runs on the
// io_context's thread; used from that thread, or while it does not run.
#pragma once

#include <asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>

#include "common/error.h"

namespace daicho::collector {

inline constexpr int kHttpSeconds = 3;
inline constexpr int kHttpConnections = 256;

class HttpEndpoint {
 public:
  struct Answers {
    std::function<std::string()> metrics;
    std::function<std::string()> problem;  // why this collector does not serve; empty: it does
  };

  // `listen`: HOST:PORT, the host an address or "localhost"; port 0 takes a free one. kUnavailable: it cannot be bound.
  static Result<std::unique_ptr<HttpEndpoint>> Start(asio::io_context& io, const std::string& listen, Answers answers);
  ~HttpEndpoint();
  HttpEndpoint(const HttpEndpoint&) = delete;
  HttpEndpoint& operator=(const HttpEndpoint&) = delete;

  // HOST:PORT with the port that was taken.
  const std::string& endpoint() const { return endpoint_; }

 private:
  struct Server;  // RESTinio takes long to compile: its headers are in one file
  HttpEndpoint(std::unique_ptr<Server> server, std::string endpoint);

  std::unique_ptr<Server> server_;
  std::string endpoint_;
};

}  // namespace daicho::collector
