#include "collector/http_endpoint.h"

#include <chrono>
#include <cstdint>
#include <exception>
#include <restinio/http_server.hpp>
#include <restinio/message_builders.hpp>
#include <utility>

#include "collector/host_port.h"
#include "collector/log/log.h"
#include "collector/metrics/exposition.h"

namespace daicho::collector {

namespace {

struct Traits : restinio::default_single_thread_traits_t {
  static constexpr bool use_connection_count_limiter = true;
};
using HttpServer = restinio::http_server_t<Traits>;

struct Answer {
  restinio::http_status_line_t status = restinio::status_ok();
  std::string type = "text/plain; charset=utf-8";
  std::string body;
};

Answer AnswerTo(const restinio::http_request_header_t& header, const HttpEndpoint::Answers& answers) {
  const auto path = header.path();
  const bool metrics = path == "/metrics";
  if (!metrics && path != "/healthz") return {.status = restinio::status_not_found(), .body = "not found\n"};
  if (header.method() != restinio::http_method_get()) {
    return {.status = restinio::status_method_not_allowed(), .body = "GET alone is answered\n"};
  }
  if (metrics) return {.type = kExpositionType, .body = answers.metrics()};
  const std::string problem = answers.problem();
  if (problem.empty()) return {.body = "ok\n"};
  return {.status = restinio::status_service_unavailable(), .body = problem + "\n"};
}

restinio::request_handling_status_t Handle(const restinio::request_handle_t& request,
                                           const HttpEndpoint::Answers& answers) {
  Answer answer = AnswerTo(request->header(), answers);
  spdlog::debug("http {} {}", request->header().path().substr(0, 64), answer.status.status_code().raw_code());
  auto response = request->create_response(answer.status);
  response.append_header(restinio::http_field::content_type, answer.type);
  response.append_header(restinio::http_field::cache_control, "no-store");
  if (answer.status.status_code() == restinio::status_code::method_not_allowed) {
    response.append_header(restinio::http_field::allow, "GET");
  }
  return response.connection_close().set_body(std::move(answer.body)).done();
}

restinio::server_settings_t<Traits> Settings(const HostPort& endpoint, std::uint16_t& port,
                                             HttpEndpoint::Answers answers) {
  constexpr std::chrono::seconds kLimit(kHttpSeconds);
  restinio::server_settings_t<Traits> settings;
  settings.address(endpoint.host == "localhost" ? "127.0.0.1" : endpoint.host)
      .port(endpoint.port)
      .read_next_http_message_timelimit(kLimit)
      .write_http_response_timelimit(kLimit)
      .handle_request_timeout(kLimit)
      .max_parallel_connections(kHttpConnections)
      .incoming_http_msg_limits(restinio::incoming_http_msg_limits_t{}
                                    .max_url_size(1024)
                                    .max_field_name_size(256)
                                    .max_field_value_size(4096)
                                    .max_field_count(64)
                                    .max_body_size(1024))
      .acceptor_post_bind_hook([&port](asio::ip::tcp::acceptor& acceptor) { port = acceptor.local_endpoint().port(); })
      .request_handler([answers = std::move(answers)](const auto& request) { return Handle(request, answers); });
  return settings;
}

}  // namespace

struct HttpEndpoint::Server {
  Server(asio::io_context& io, restinio::server_settings_t<Traits>&& settings)
      : http(restinio::external_io_context(io), std::move(settings)) {}
  HttpServer http;
};

HttpEndpoint::HttpEndpoint(std::unique_ptr<Server> server, std::string endpoint)
    : server_(std::move(server)), endpoint_(std::move(endpoint)) {}

Result<std::unique_ptr<HttpEndpoint>> HttpEndpoint::Start(asio::io_context& io, const std::string& listen,
                                                          Answers answers) {
  auto endpoint = ParseHostPort(listen);
  if (!endpoint) return std::unexpected(endpoint.error());
  try {
    std::uint16_t port = 0;
    auto server = std::make_unique<Server>(io, Settings(*endpoint, port, std::move(answers)));
    server->http.open_sync();
    endpoint->port = port;
    return std::unique_ptr<HttpEndpoint>(new HttpEndpoint(std::move(server), ToText(*endpoint)));
  } catch (const std::exception& error) {
    return Fail(Code::kUnavailable, "cannot listen on " + listen + " for metrics: " + error.what());
  }
}

HttpEndpoint::~HttpEndpoint() = default;

}  // namespace daicho::collector
