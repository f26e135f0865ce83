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

class RowTable::RowChange final : public SectionChange {
 public:
  RowChange(const RowTable& table, std::int64_t device) : table_(table), device_(device) {}

  Result<RowViews> Load() override;
  // Keeps the parsed rows for Replace().
  std::optional<RowFault> FindFault(const RowViews& rows) override;
  Status Replace(const RowViews& rows, UnixTime at) override;

 private:
  void Begin(std::string_view row, const google::protobuf::Message& parsed, UnixTime at);

  const RowTable& table_;
  const std::int64_t device_;
  std::optional<Result<Rows>> loaded_;
  std::vector<std::unique_ptr<google::protobuf::Message>> parsed_;  // the rows last asked about, in their order
};

std::unique_ptr<SectionChange> RowTable::Change(std::int64_t device) {
  return std::make_unique<RowChange>(*this, device);
}

Result<RowViews> RowTable::RowChange::Load() {
  if (!loaded_) loaded_ = LoadSectionRows(table_.connection_, device_, table_.projection_.section);
  if (!*loaded_) return std::unexpected(loaded_->error());
  return ViewRows(**loaded_);
}

std::optional<RowFault> RowTable::RowChange::FindFault(const RowViews& rows) {
  parsed_.clear();
  std::unordered_set<std::string> keys;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto parsed = ParseRow(table_.type_, rows[i]);
    if (!parsed) return RowFault{i, parsed.error().message};
    if (!keys.insert(RowKey(table_.type_, **parsed)).second) return RowFault{i, "another row has the same key"};
    parsed_.push_back(std::move(*parsed));
  }
  return std::nullopt;
}

void RowTable::RowChange::Begin(std::string_view row, const google::protobuf::Message& parsed, UnixTime at) {
  std::vector<Projected> projected;
  for (const FieldPath& path : table_.paths_) projected.push_back(ProjectField(parsed, path));
  std::vector<Value> values = {device_, at, Blob{row}};
  for (const Projected& value : projected) {
    values.push_back(std::visit([](const auto& known) { return ToValue(known); }, value));
  }
  table_.connection_.RunWith(table_.insert_, values);
}

Status RowTable::RowChange::Replace(const RowViews& rows, UnixTime at) {
  Connection& connection = table_.connection_;
  std::vector<std::int64_t> ended;
  std::vector<std::size_t> begun;
  {
    Query held = connection.Ask(table_.select_, device_);
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
  for (const std::int64_t id : ended) connection.Run(table_.close_, device_, id, at);
  for (const std::size_t row : begun) Begin(rows[row], *parsed_[row], at);
  return connection.status();
}

}  // namespace daicho::collector
