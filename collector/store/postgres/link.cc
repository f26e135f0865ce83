#include "collector/store/postgres/link.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "collector/store/postgres/url.h"
#include "common/text.h"

namespace daicho::collector {

namespace {

// A server that does not answer for this long is not there: agents wait for us, and there may be another one.
constexpr const char* kConnectSeconds = "5";
constexpr const char* kUnansweredMilliseconds = "15000";
// One that took a statement and then lost its power sends nothing at all: the kernel asks it from time to time.
constexpr const char* kSilentSeconds = "10";
constexpr const char* kAskAgainSeconds = "5";

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using Options = std::unique_ptr<PQconninfoOption, FreeOptions>;

Result<Options> ParseUrl(const std::string& url) {
  if (const Status good = CheckPostgresUrl(url); !good)
    return Fail(good.error().code, "store: " + good.error().message);
  char* words = nullptr;
  Options options(PQconninfoParse(url.c_str(), &words));
  if (options) return options;
  std::string why = words ? std::string(Trim(words)) : "out of memory";
  if (const auto quoted = why.find(url); quoted != std::string::npos)
    why.replace(quoted, url.size(), WithoutPassword(url));
  PQfreemem(words);
  return Fail(Code::kInvalidArgument,
              "store: not a PostgreSQL URL (postgresql://USER@HOST:PORT/DATABASE is the form): " + why);
}

std::string ValueOf(const Options& options, std::string_view keyword) {
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->keyword == keyword && option->val != nullptr) return option->val;
  }
  return {};
}

std::string NameOf(const Options& options) {
  std::string name = "postgresql://";
  const std::string hosts = ValueOf(options, "host");
  const std::string ports = ValueOf(options, "port");
  const auto host_list = Split(hosts, ',');
  const auto port_list = Split(ports, ',');
  for (std::size_t i = 0; i < host_list.size(); ++i) {
    if (i > 0) name += ',';
    name += host_list[i];
    const std::string_view port = i < port_list.size() ? port_list[i] : port_list.front();
    if (!port.empty()) name.append(":").append(port);
  }
  return name + "/" + ValueOf(options, "dbname");
}

constexpr std::chrono::milliseconds kMoment(20);
constexpr std::string_view kForeignKeyViolation = "23503";

// A row is larger than an index takes (class 54, program limit exceeded; 54001 is a statement too complex).
bool IsOverALimit(std::string_view state) { return state.starts_with("54") && state != "54001"; }

Code CodeOf(std::string_view state) {
  if (state == "40001" || state == "40P01") return Code::kAborted;  // serialization failure, deadlock
  // What a row refers to is always there, unless another collector forgets it in this moment (RetentionWrite).
  if (state == kForeignKeyViolation) return Code::kAborted;
  if (state == "57014") return Code::kDeadlineExceeded;  // canceled: statement_timeout
  if (state == "25006") return Code::kUnavailable;       // a server that takes no writes (any more)
  if (state == "53100" || state == "53200") return Code::kResourceExhausted;  // disk full, out of memory
  const std::string_view group = state.substr(0, 2);
  if (group == "08" || group == "53" || group == "55" || group == "57") return Code::kUnavailable;
  if (group == "28" || state == "42501") return Code::kPermissionDenied;
  if (group == "58" || group == "XX") return Code::kDataLoss;  // I/O error, corrupted data
  if (group == "22" || group == "42" || IsOverALimit(state)) return Code::kInvalidArgument;
  return Code::kInternal;
}

bool IsOfTheData(std::string_view state) {
  if (state == kForeignKeyViolation) return false;
  return state.starts_with("22") || state.starts_with("23") || IsOverALimit(state);
}

// The server did not take the session; libpq has no SQLSTATE for that.
Code CodeOfRefusedConnection(std::string_view words) {
  for (const char* refusal : {"password", "authentication", "pg_hba.conf", "role \"", "database \""}) {
    if (words.find(refusal) != std::string_view::npos) return Code::kPermissionDenied;
  }
  return Code::kUnavailable;
}

}  // namespace

struct PostgresLink::Warnings {
  std::optional<std::string> last;

  static void Receive(void* self, const PGresult* notice) {
    const char* severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (severity == nullptr || std::string_view(severity) != "WARNING") return;
    static_cast<Warnings*>(self)->last = PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY);
  }
};

void ClearPgResult::operator()(pg_result* result) const { PQclear(result); }

Result<std::string> PostgresName(const std::string& url) {
  const auto options = ParseUrl(url);
  if (!options) return std::unexpected(options.error());
  return NameOf(*options);
}

PostgresLink::PostgresLink(pg_conn* handle, std::string name)
    : handle_(handle), name_(std::move(name)), warnings_(std::make_unique<Warnings>()) {
  PQsetNoticeReceiver(handle_, Warnings::Receive, warnings_.get());
  PQsetnonblocking(handle_, 1);
}

PostgresLink::PostgresLink(PostgresLink&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)),
      name_(std::move(other.name_)),
      warnings_(std::move(other.warnings_)),
      patience_(other.patience_),
      ran_out_of_patience_(other.ran_out_of_patience_),
      given_up_(other.given_up_) {}

PostgresLink::~PostgresLink() { PQfinish(handle_); }

Result<PostgresLink> PostgresLink::Open(const std::string& url) {
  const auto options = ParseUrl(url);
  if (!options) return std::unexpected(options.error());
  // What stands before the URL are defaults; the URL's own options win.
  const std::array<const char*, 9> keywords = {"connect_timeout",
                                               "tcp_user_timeout",
                                               "keepalives_idle",
                                               "keepalives_interval",
                                               "target_session_attrs",
                                               "application_name",
                                               "client_encoding",
                                               "dbname",
                                               nullptr};
  const std::array<const char*, 9> values = {kConnectSeconds, kUnansweredMilliseconds, kSilentSeconds, kAskAgainSeconds,
                                             "read-write",    "daicho-collector",      "UTF8",         url.c_str(),
                                             nullptr};
  PostgresLink link(PQconnectdbParams(keywords.data(), values.data(), 1), "store " + NameOf(*options));
  if (PQstatus(link.handle_) != CONNECTION_OK) {
    const std::string words(Trim(PQerrorMessage(link.handle_)));
    return Fail(CodeOfRefusedConnection(words), link.name_ + ": " + words);
  }
  return link;
}

bool PostgresLink::Wait(bool unsent) const {
  const auto end = std::chrono::steady_clock::now() + patience_.value_or(std::chrono::milliseconds(0));
  pollfd socket{.fd = PQsocket(handle_), .events = POLLIN, .revents = 0};
  if (unsent) socket.events |= POLLOUT;
  for (;;) {
    int milliseconds = -1;
    if (patience_) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
      milliseconds = static_cast<int>(std::max<std::int64_t>(left.count(), 0));
    }
    const int ready = ::poll(&socket, 1, milliseconds);
    if (ready < 0 && errno == EINTR) continue;
    return ready != 0;  // of an error libpq tells
  }
}

PgResult PostgresLink::NextResult() {
  while (!given_up_) {
    const int unsent = PQflush(handle_);
    if (unsent >= 0 && PQisBusy(handle_) != 0) {
      if (Wait(unsent > 0)) {
        // Twice: a TLS record has up to 16 KiB, and libpq takes 8 at least at a time. What is left is there already,
        // and the socket has nothing to say of it.
        if (PQconsumeInput(handle_) != 0 && PQconsumeInput(handle_) != 0) continue;
      } else {
        ran_out_of_patience_ = true;
        given_up_ = true;
        break;
      }
    }
    return PgResult(PQgetResult(handle_));
  }
  return nullptr;
}

void PostgresLink::EndResult() {
  const auto end = std::chrono::steady_clock::now() + kMoment;
  while (!given_up_ && std::chrono::steady_clock::now() < end) {
    if (PQisBusy(handle_) == 0) {
      if (!PgResult(PQgetResult(handle_))) return;
      continue;
    }
    pollfd more = {.fd = PQsocket(handle_), .events = POLLIN, .revents = 0};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0 || ::poll(&more, 1, static_cast<int>(left.count())) <= 0) break;
    if (PQconsumeInput(handle_) == 0 || PQconsumeInput(handle_) == 0) break;  // twice: as in NextResult
  }
  given_up_ = true;
}

Status PostgresLink::Script(const std::string& sql) {
  Status done;
  bool answered = false;
  if (PQsendQuery(handle_, sql.c_str()) != 0) {
    while (const PgResult result = NextResult()) {
      const ExecStatusType status = PQresultStatus(result.get());
      answered = true;
      if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY) continue;
      if (done) done = std::unexpected(ErrorOf(result.get()));
    }
  }
  if (done && (!answered || is_lost())) return std::unexpected(ErrorOf(nullptr));
  return done;
}

Error PostgresLink::ErrorOf(const pg_result* result, bool* of_the_data) const {
  const char* state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : nullptr;
  if (state == nullptr && ran_out_of_patience_) {
    return {Code::kUnavailable, name_ + ": the server has not answered for " +
                                    std::to_string(patience_->count() / 1000) + " s; the session is given up"};
  }
  if (state == nullptr) {
    const std::string_view words = Trim(result ? PQresultErrorMessage(result) : PQerrorMessage(handle_));
    return {Code::kUnavailable, name_ + ": " + (words.empty() ? "the connection is lost" : std::string(words))};
  }
  if (of_the_data) *of_the_data = IsOfTheData(state);
  const char* words = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  return {CodeOf(state), name_ + ": " + (words ? words : "error") + " (SQLSTATE " + state + ")"};
}

bool PostgresLink::is_lost() const { return given_up_ || PQstatus(handle_) != CONNECTION_OK; }

bool PostgresLink::has_unasked_words() const {
  pollfd waiting{.fd = PQsocket(handle_), .events = POLLIN, .revents = 0};
  return ::poll(&waiting, 1, 0) > 0;
}

std::optional<std::string> PostgresLink::TakeWarning() { return std::exchange(warnings_->last, std::nullopt); }

}  // namespace daicho::collector
