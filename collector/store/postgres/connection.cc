#include "collector/store/postgres/connection.h"

#include <arpa/inet.h>
#include <endian.h>
#include <libpq-fe.h>

#include <charconv>
#include <cstring>

namespace daicho::collector {

namespace {

// Type numbers of pg_type.dat; libpq-fe.h has none.
constexpr Oid kBool = 16;
constexpr Oid kInt8 = 20;
constexpr Oid kInt2 = 21;
constexpr Oid kInt4 = 23;

constexpr int kText = 0;
constexpr int kBinary = 1;
// Answers that wait to be read take memory on the server and the wire.
constexpr std::size_t kMaxUnanswered = 512;

template <typename Number>
Number FromWire(const char* bytes) {
  Number number;
  std::memcpy(&number, bytes, sizeof number);
  return number;
}

std::int64_t ToInt(const PGresult* rows, int row, int column) {
  const char* bytes = PQgetvalue(rows, row, column);
  switch (PQftype(rows, column)) {
    case kBool:
      return bytes[0] != 0;
    case kInt2:
      return static_cast<std::int16_t>(ntohs(FromWire<std::uint16_t>(bytes)));
    case kInt4:
      return static_cast<std::int32_t>(ntohl(FromWire<std::uint32_t>(bytes)));
    case kInt8:
      return static_cast<std::int64_t>(be64toh(FromWire<std::uint64_t>(bytes)));
    default:
      return 0;
  }
}

// All rows are there when the statement is answered: own statements give few.
class ResultCursor final : public Cursor {
 public:
  explicit ResultCursor(PgResult rows) : rows_(std::move(rows)), count_(PQntuples(rows_.get())) {}

  bool Next() override { return ++row_ < count_; }
  std::int64_t Int(int column) const override { return IsNull(column) ? 0 : ToInt(rows_.get(), row_, column); }
  std::string_view Text(int column) const override { return Bytes(column); }
  std::string_view Bytes(int column) const override {
    return {PQgetvalue(rows_.get(), row_, column), static_cast<std::size_t>(PQgetlength(rows_.get(), row_, column))};
  }
  bool IsNull(int column) const override { return PQgetisnull(rows_.get(), row_, column) != 0; }

 private:
  const PgResult rows_;
  const int count_;
  int row_ = -1;
};

// A standby, or a server that was set to be read only: another one may be the primary now.
bool IsOfReadOnlyServer(const PGresult* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  return state != nullptr && std::string_view(state) == "25006";
}

// A text of the server cannot have the character NUL, which protobuf's may.
std::string WithoutNul(std::string_view text) {
  std::string clean;
  for (const char c : text) {
    if (c == '\0') {
      clean += "\xef\xbf\xbd";
    } else {
      clean += c;
    }
  }
  return clean;
}

// Parameters as libpq takes them. Views of the values must hold.
class Parameters {
 public:
  explicit Parameters(std::span<const Value> values) {
    // Texts must not move once pointers to them are taken.
    texts_.reserve(values.size());
    for (const Value& value : values) std::visit([this](const auto& given) { Add(given); }, value);
  }
  int count() const { return static_cast<int>(data_.size()); }
  const char* const* data() const { return data_.data(); }
  const int* sizes() const { return sizes_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  void Add(std::nullptr_t) { Add(nullptr, 0, kText); }
  void Add(std::int64_t number) {
    const std::string& text = texts_.emplace_back(std::to_string(number));
    Add(text.c_str(), static_cast<int>(text.size()), kText);
  }
  // In text form a parameter ends with a NUL, which a view has not; in binary form a text has its length.
  void Add(std::string_view text) {
    if (text.find('\0') != std::string_view::npos) text = texts_.emplace_back(WithoutNul(text));
    Add(text.data() ? text.data() : "", static_cast<int>(text.size()), kBinary);
  }
  void Add(Blob blob) { Add(blob.bytes.data() ? blob.bytes.data() : "", static_cast<int>(blob.bytes.size()), kBinary); }
  void Add(const char* data, int size, int format) {
    data_.push_back(data);
    sizes_.push_back(size);
    formats_.push_back(format);
  }

  std::vector<std::string> texts_;
  std::vector<const char*> data_;
  std::vector<int> sizes_;
  std::vector<int> formats_;
};

}  // namespace

std::string WithDollarParameters(std::string_view sql) {
  std::string with_dollars(sql);
  for (std::size_t at = 0; (at = with_dollars.find('?', at)) != std::string::npos; ++at) with_dollars[at] = '$';
  return with_dollars;
}

Result<std::unique_ptr<PostgresConnection>> PostgresConnection::Open(const std::string& url, const std::string& setup,
                                                                     std::optional<std::chrono::seconds> limit) {
  auto link = PostgresLink::Open(url);
  if (!link) return std::unexpected(link.error());
  std::string script = setup;
  if (limit) {
    link->set_limit(*limit);
    script += "; SET statement_timeout = '" + std::to_string(limit->count()) + "s'";
  }
  if (auto done = link->Script(script); !done) return std::unexpected(done.error());
  std::unique_ptr<PostgresConnection> connection(new PostgresConnection(std::move(*link)));
  PQenterPipelineMode(connection->link_.handle());
  return connection;
}

bool PostgresConnection::is_lost() const { return link_.is_lost() || (unanswered_ == 0 && link_.has_unasked_words()); }

void PostgresConnection::RecordLost() {
  unanswered_ = 0;
  Record(link_.ErrorOf(nullptr), false);
  link_.GiveUp();
}

const std::string& PostgresConnection::Prepare(std::string_view sql) {
  if (const auto known = prepared_.find(sql); known != prepared_.end()) return known->second;
  const auto [made, fresh] = prepared_.emplace(sql, "s" + std::to_string(names_++));
  unproven_.push_back(made->first);
  PQsendPrepare(link_.handle(), made->second.c_str(), WithDollarParameters(sql).c_str(), 0, nullptr);
  ++unanswered_;
  return made->second;
}

bool PostgresConnection::Send(std::string_view sql, std::span<const Value> values) {
  if (!ok()) return false;
  const std::string& name = Prepare(sql);
  const Parameters parameters(values);
  if (PQsendQueryPrepared(link_.handle(), name.c_str(), parameters.count(), parameters.data(), parameters.sizes(),
                          parameters.formats(), kBinary) == 0) {
    RecordLost();
    return false;
  }
  ++unanswered_;
  return true;
}

void PostgresConnection::RecordFailed(const pg_result* result) {
  bool of_the_data = false;
  Error error = link_.ErrorOf(result, &of_the_data);
  Record(std::move(error), of_the_data);
  if (IsOfReadOnlyServer(result)) link_.GiveUp();
  // What came behind the error was not prepared.
  for (const std::string& sql : unproven_) prepared_.erase(sql);
}

PgResult PostgresConnection::Drain() {
  PgResult last;
  if (unanswered_ == 0) return last;
  unanswered_ = 0;
  if (PQpipelineSync(link_.handle()) != 1) {
    RecordLost();
    return last;
  }
  bool synchronised = false;
  bool ended = false;
  while (!synchronised) {
    PgResult result = link_.NextResult();
    if (!result) {
      // One is the end of a statement's results. After a second one nothing comes any more: libpq could not send, and
      // does not call the connection bad for that.
      if (ended || link_.is_lost()) break;
      ended = true;
      continue;
    }
    ended = false;
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_PIPELINE_SYNC) {
      synchronised = true;
    } else if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) {
      RecordFailed(result.get());
    } else if (status != PGRES_PIPELINE_ABORTED) {
      last = std::move(result);
    }
  }
  unproven_.clear();
  if (!synchronised || link_.is_lost()) RecordLost();
  return last;
}

Query PostgresConnection::AskWith(std::string_view sql, std::span<const Value> values) {
  if (!Send(sql, values)) return Query(nullptr);
  PgResult rows = Drain();
  if (!ok()) return Query(nullptr);
  return Query(std::make_unique<ResultCursor>(std::move(rows)));
}

std::int64_t PostgresConnection::DoWith(std::string_view sql, std::span<const Value> values) {
  if (!Send(sql, values)) return 0;
  const PgResult done = Drain();
  if (!ok() || !done) return 0;
  const std::string_view count = PQcmdTuples(done.get());
  std::int64_t changed = 0;
  std::from_chars(count.data(), count.data() + count.size(), changed);
  return changed;
}

void PostgresConnection::RunWith(std::string_view sql, std::span<const Value> values) {
  if (Send(sql, values) && unanswered_ >= kMaxUnanswered) Drain();
}

void PostgresConnection::Settle() { Drain(); }

Status PostgresConnection::Script(const std::string& sql) {
  Drain();
  PQexitPipelineMode(link_.handle());
  const Status done = link_.Script(sql);
  PQenterPipelineMode(link_.handle());
  return done;
}

Status PostgresConnection::BeginRead() {
  Run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  return status();
}

Status PostgresConnection::Begin() {
  static_cast<void>(link_.TakeWarning());
  Run("BEGIN");
  return status();
}

Status PostgresConnection::Commit() {
  if (!Send("COMMIT", {})) return status();
  const PgResult done = Drain();
  if (!ok()) return status();
  // It is answered with ROLLBACK where the server had given the transaction up.
  if (!done || std::string_view(PQcmdStatus(done.get())) != "COMMIT") {
    return Fail(Code::kInternal, name() + ": the server did not commit");
  }
  if (const auto warning = link_.TakeWarning()) {
    return Fail(Code::kUnavailable, name() + ": the commit is not certain: " + *warning);
  }
  return {};
}

void PostgresConnection::Rollback() {
  Drain();
  if (is_lost()) return;
  const Status error = status();
  ClearError();
  Run("ROLLBACK");
  Drain();
  ClearError();
  if (!error) Record(error.error(), false);
}

}  // namespace daicho::collector
