// The calls of the Admin service that give whole tables: Query, Export, ListExports.
#include <algorithm>
#include <utility>

#include "collector/admin/admin_service.h"
#include "collector/admin/row.h"
#include "collector/enrol/peer.h"
#include "collector/reports/render.h"
#include "collector/reports/report.h"
#include "collector/reports/table.h"
#include "common/json.h"

namespace daicho::collector {

namespace {

constexpr std::uint32_t kDefaultQueryMs = 5'000;
constexpr std::uint32_t kMaxQueryMs = 60'000;
constexpr std::uint32_t kDefaultQueryRows = 10'000;
constexpr std::size_t kMaxSql = 64u << 10;
constexpr std::size_t kJournaledSql = 2'000;
constexpr std::size_t kChunkBytes = 256u << 10;

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

grpc::Status AdminService::Export(grpc::ServerContext* context, const v1::ExportRequest* request,
                                  grpc::ServerWriter<v1::ExportChunk>* writer) {
  const auto who = Begin(*context, Role::kViewer, "export",
                         "what=" + request->what().substr(0, 64) + " format=" + request->format().substr(0, 64));
  if (!who) return ToGrpc(who.error());
  const auto language = ParseLanguage(request->lang());
  if (!language) return FailedRead(*who, "export", language.error());
  if (auto good = CheckFormat(request->format()); !good) return FailedRead(*who, "export", good.error());
  if (auto fresh = parts_.findings.Refresh(); !fresh) return FailedRead(*who, "export", fresh.error());
  const auto table = BuildReport(parts_.store, parts_.findings.rules(), request->what(), parts_.clock.Now(), *language);
  if (!table) return FailedRead(*who, "export", table.error());
  const auto text = RenderTable(*table, request->format(), *language);
  if (!text) return FailedRead(*who, "export", text.error());
  v1::ExportChunk chunk;
  for (std::size_t at = 0; at < text->size(); at += kChunkBytes) {
    chunk.set_data(text->substr(at, kChunkBytes));
    if (!writer->Write(chunk)) break;
  }
  return grpc::Status::OK;
}

grpc::Status AdminService::ListExports(grpc::ServerContext* context, const v1::ListExportsRequest*,
                                       grpc::ServerWriter<v1::ExportJob>* writer) {
  const auto who = Begin(*context, Role::kViewer, "exports.list", "");
  if (!who) return ToGrpc(who.error());
  for (const v1::ExportJob& job : parts_.export_jobs()) {
    if (!writer->Write(job)) break;
  }
  return grpc::Status::OK;
}

}  // namespace daicho::collector
