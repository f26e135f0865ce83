// Query of the Admin service: SQL that an admin wrote.
#include <utility>

#include "collector/admin/admin_service.h"
#include "collector/admin/row.h"
#include "collector/enrol/peer.h"
#include "common/json.h"

namespace daicho::collector {

namespace {

constexpr std::uint32_t kDefaultQueryMs = 5'000;
constexpr std::uint32_t kMaxQueryMs = 60'000;
constexpr std::uint32_t kDefaultQueryRows = 10'000;
constexpr std::size_t kMaxSql = 64u << 10;
constexpr std::size_t kJournaledSql = 2'000;

Status CheckQuery(const v1::QueryRequest& request) {
  if (request.sql().size() > kMaxSql) return Fail(Code::kInvalidArgument, "sql: longer than 65,536 bytes");
  if (request.limit_ms() > kMaxQueryMs) return Fail(Code::kInvalidArgument, "limit_ms: at most 60,000");
  return {};
}

std::string JsonObject(std::span<const std::string> columns, std::span<const SqlValue> values) {
  std::string json = "{";
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) json += ',';
    AppendJsonString(columns[i], json);
    json += ':';
    AppendJsonValue(values[i], json);
  }
  return json + "}";
}

}  // namespace

grpc::Status AdminService::Query(grpc::ServerContext* context, const v1::QueryRequest* request,
                                 grpc::ServerWriter<v1::QueryRow>* writer) {
  const auto who = Begin(*context, Role::kViewer, "query", "sql=" + request->sql().substr(0, kJournaledSql));
  if (!who) return ToGrpc(who.error());
  if (auto good = CheckQuery(*request); !good) return FailedRead(*who, "query", good.error());
  SelectRequest select;
  select.sql = request->sql();
  select.foreign = true;
  select.limit_ms = request->limit_ms() > 0 ? request->limit_ms() : kDefaultQueryMs;
  select.max_rows = request->max_rows() > 0 ? request->max_rows() : kDefaultQueryRows;
  bool first = true;
  std::vector<std::string> names;
  const auto write = [&](std::span<const std::string> columns, std::span<const SqlValue> values) {
    v1::QueryRow row;
    if (std::exchange(first, false)) row.mutable_columns()->Add(columns.begin(), columns.end());
    row.set_json(JsonObject(columns, values));
    return writer->Write(row);
  };
  const auto done = parts_.store.Select(select, write, &names);
  if (!done) return FailedRead(*who, "query", done.error());
  if (first) {
    v1::QueryRow row;
    row.mutable_columns()->Add(names.begin(), names.end());
    writer->Write(row);
  }
  return grpc::Status::OK;
}

}  // namespace daicho::collector
