#include "collector/store/row_table.h"

#include <google/protobuf/message.h>

#include <unordered_set>

#include "collector/store/section_rows.h"

namespace daicho::collector {

namespace {

std::string InsertSql(const Projection& projection) {
  std::string columns = "device, valid_from, row";
  std::string values = "?1, ?2, ?3";
  int index = 3;
  for (const ProjectedColumn& column : projection.columns) {
    columns += ", " + std::string(column.name);
    values += ", ?" + std::to_string(++index);
  }
  return "INSERT INTO " + std::string(projection.table) + " (" + columns + ") VALUES (" + values + ")";
}

// In order of the rows' bytes: BLOBs compare with memcmp, a prefix first.
std::string SelectSql(const Projection& projection) {
  return "SELECT id, row FROM " + std::string(projection.table) +
         " WHERE device = ?1 AND valid_to IS NULL ORDER BY row";
}

std::string CloseSql(const Projection& projection) {
  return "UPDATE " + std::string(projection.table) + " SET valid_to = ?3 WHERE device = ?1 AND id = ?2";
}

}  // namespace

RowTable::RowTable(Connection& connection, const SectionType& type, const Projection& projection)
    : connection_(connection),
      type_(type),
      projection_(projection),
      insert_(InsertSql(projection)),
      select_(SelectSql(projection)),
      close_(CloseSql(projection)) {
  for (const ProjectedColumn& column : projection.columns) {
    paths_.push_back(FindPath(*type.prototype->GetDescriptor(), column.path));
  }
}

Result<Rows> RowTable::Load(std::int64_t device) { return LoadSectionRows(connection_, device, projection_.section); }

std::optional<RowFault> RowTable::FindFault(const Rows& rows) {
  parsed_.clear();
  std::unordered_set<std::string> keys;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto parsed = ParseRow(type_, rows[i]);
    if (!parsed) return RowFault{i, parsed.error().message};
    if (!keys.insert(RowKey(type_, **parsed)).second) return RowFault{i, "another row has the same key"};
    parsed_.push_back(std::move(*parsed));
  }
  return std::nullopt;
}

void RowTable::Begin(std::int64_t device, const std::string& row, const google::protobuf::Message& parsed,
                     UnixTime at) {
  std::vector<Projected> projected;
  for (const FieldPath& path : paths_) projected.push_back(ProjectField(parsed, path));
  std::vector<Value> values = {device, at, Blob{row}};
  for (const Projected& value : projected) {
    values.push_back(std::visit([](const auto& known) { return ToValue(known); }, value));
  }
  connection_.RunWith(insert_, values);
}

Status RowTable::Replace(std::int64_t device, const Rows& rows, UnixTime at) {
  std::vector<std::int64_t> ended;
  std::vector<std::size_t> begun;
  {
    Query held = connection_.Ask(select_, device);
    bool more = held.Next();
    std::size_t next = 0;
    while (more || next < rows.size()) {
      const int order = !more ? 1 : next == rows.size() ? -1 : held.Bytes(1).compare(rows[next]);
      if (order < 0) ended.push_back(held.Int(0));
      if (order > 0) begun.push_back(next);
      if (order >= 0) ++next;
      if (order <= 0) more = held.Next();
    }
  }
  for (const std::int64_t id : ended) connection_.Run(close_, device, id, at);
  for (const std::size_t row : begun) Begin(device, rows[row], *parsed_[row], at);
  return connection_.status();
}

}  // namespace daicho::collector
