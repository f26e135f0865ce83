#include "collector/store/ledger_move.h"

#include <algorithm>
#include <vector>

#include "collector/store/postgres/connection.h"
#include "collector/store/postgres/schema.h"
#include "collector/store/set_codec.h"
#include "collector/store/sqlite/connection.h"
#include "collector/store/sqlite/schema.h"
#include "daicho/v1/facts.pb.h"

namespace daicho::collector {

namespace {

constexpr std::int64_t kStride = 10'000;
// "Dmov".
constexpr const char* kTryMoveLock = "SELECT CAST(pg_try_advisory_lock(1148022646) AS int)";

// In the order of their references.
constexpr const char* kTables[] = {
    "device_entry",  "claim_entry",  "certificate_entry", "token_entry",   "section_state", "section_period",
    "software_item", "software_set", "software_period",   "account_row",   "group_row",     "os_row",
    "hardware_row",  "network_row",  "listener_row",      "finding_entry", "rule_state",    "export_entry",
    "journal_entry", "journal_head", "history_state"};

// Whose schema it is, and who leads: the database's own.
constexpr const char* kTablesThatStay[] = {"store_meta", "lease_entry"};

enum class Kind { kNumber, kText, kBytes };
struct Column {
  std::string name;
  Kind kind = Kind::kNumber;
};

// What SQLite computes from an item when asked, and PostgreSQL keeps beside it.
struct ItemField {
  const char* column;
  const std::string& (v1::Software::*field)() const;
};
constexpr ItemField kItemFields[] = {{"want", &v1::Software::want},
                                     {"source", &v1::Software::source},
                                     {"source_version", &v1::Software::source_version},
                                     {"publisher", &v1::Software::publisher},
                                     {"section", &v1::Software::section}};

bool IsItemField(const std::string& name) {
  return std::ranges::any_of(kItemFields, [&](const ItemField& field) { return name == field.column; });
}

Result<std::vector<Column>> ColumnsOf(Connection& to, const std::string& table) {
  std::vector<Column> columns;
  Query query = to.Ask(
      "SELECT column_name::text, data_type::text FROM information_schema.columns WHERE table_schema = 'daicho' "
      "AND table_name = ?1 ORDER BY ordinal_position",
      table);
  while (query.Next()) {
    const std::string name(query.Text(0));
    if (table == "software_item" && IsItemField(name)) continue;
    const std::string_view type = query.Text(1);
    columns.push_back({name, type == "bigint" ? Kind::kNumber : type == "bytea" ? Kind::kBytes : Kind::kText});
  }
  if (!to.ok()) return std::unexpected(to.status().error());
  return columns;
}

std::int64_t CountRows(Connection& connection, const std::string& table) {
  Query query = connection.Ask("SELECT count(*) FROM " + table);
  return query.Next() ? query.Int(0) : -1;
}

class TableMove {
 public:
  TableMove(Connection& from, Connection& to, std::string table, std::vector<Column> columns)
      : from_(from), to_(to), table_(std::move(table)), columns_(std::move(columns)) {
    std::string names;
    std::string values;
    for (const Column& column : columns_) AddColumn(column.name, names, values);
    select_ = "SELECT " + names + " FROM " + table_;
    // A patch refers to a period that is whole.
    if (table_ == "software_period") select_ += " ORDER BY base IS NOT NULL";
    if (table_ == "software_item") {
      for (const ItemField& field : kItemFields) AddColumn(field.column, names, values);
    }
    insert_ = "INSERT INTO " + table_ + " (" + names + ") VALUES (" + values + ")";
  }

  // How many rows.
  Result<std::int64_t> Run(const MoveProgress& progress) {
    const std::int64_t all = CountRows(from_, table_);
    if (table_ == "journal_head") to_.Do("DELETE FROM journal_head");
    std::int64_t done = 0;
    for (Query row = from_.Ask(select_); row.Next();) {
      if (auto moved = Move(row); !moved) return std::unexpected(moved.error());
      if (++done % kStride == 0) progress(table_, done, all);
      if (!to_.ok()) break;
    }
    to_.Settle();
    const std::int64_t arrived = CountRows(to_, table_);
    if (!from_.ok()) return std::unexpected(from_.status().error());
    if (!to_.ok()) return std::unexpected(to_.status().error());
    progress(table_, done, all);
    if (arrived == all && done == all) return all;
    return Fail(Code::kDataLoss, to_.name() + ": of " + std::to_string(all) + " rows of table " + table_ + " " +
                                     std::to_string(arrived) + " arrived");
  }

 private:
  static void AddColumn(const std::string& name, std::string& names, std::string& values) {
    const auto number = names.empty() ? 1 : std::ranges::count(names, ',') + 2;
    names += (number == 1 ? "" : ", ") + name;
    values += (number == 1 ? "?" : ", ?") + std::to_string(number);
  }

  Status Move(const Query& row) {
    std::vector<Value> values;
    std::string tails;
    v1::Software item;
    bool is_patch = false;
    for (int i = 0; i < static_cast<int>(columns_.size()); ++i) {
      const Column& column = columns_[static_cast<std::size_t>(i)];
      if (column.name == "base" && !row.IsNull(i)) is_patch = true;
      if (row.IsNull(i)) {
        values.emplace_back(nullptr);
      } else if (table_ == "software_period" && column.name == "tails") {
        auto recoded =
            is_patch ? RecodePatch(row.Bytes(i), TailCoding::kPlain) : RecodeTails(row.Bytes(i), TailCoding::kPlain);
        if (!recoded) return std::unexpected(recoded.error());
        tails = std::move(*recoded);
        values.emplace_back(Blob{tails});
      } else if (column.kind == Kind::kNumber) {
        values.emplace_back(row.Int(i));
      } else if (column.kind == Kind::kBytes) {
        values.emplace_back(Blob{row.Bytes(i)});
      } else {
        values.emplace_back(row.Text(i));
      }
      if (table_ == "software_item" && column.name == "item") {
        const std::string_view bytes = row.Bytes(i);
        item.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
      }
    }
    if (table_ == "software_item") {
      for (const ItemField& field : kItemFields) values.push_back(ToValue((item.*field.field)()));
    }
    to_.RunWith(insert_, values);
    return {};
  }

  Connection& from_;
  Connection& to_;
  const std::string table_;
  const std::vector<Column> columns_;
  std::string select_;
  std::string insert_;
};

// Numbers that the database gives next are past those that were given.
void AdvanceSequences(Connection& to) {
  std::vector<std::string> tables;
  {
    Query query = to.Ask(
        "SELECT table_name::text FROM information_schema.columns WHERE table_schema = 'daicho' AND column_name = 'id' "
        "AND is_identity = 'YES'");
    while (query.Next()) tables.emplace_back(query.Text(0));
  }
  for (const std::string& table : tables) {
    to.Ask("SELECT setval(pg_get_serial_sequence('daicho." + table +
           "', 'id'), coalesce(max(id), 0) + 1, false) FROM " + table)
        .Next();
  }
}

// A table that a later schema adds must not stay behind in silence.
Status CheckNoneIsForgotten(Connection& from) {
  Query query = from.Ask("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'");
  while (query.Next()) {
    const std::string_view name = query.Text(0);
    const auto is_it = [&](const char* known) { return name == known; };
    if (std::ranges::any_of(kTables, is_it) || std::ranges::any_of(kTablesThatStay, is_it)) continue;
    return Fail(Code::kInternal, from.name() + ": this build does not know how to move its table " + std::string(name));
  }
  return from.status();
}

Result<std::int64_t> MoveTables(Connection& from, Connection& to, const MoveProgress& progress) {
  std::int64_t rows = 0;
  for (const char* table : kTables) {
    auto columns = ColumnsOf(to, table);
    if (!columns) return std::unexpected(columns.error());
    const auto moved = TableMove(from, to, table, std::move(*columns)).Run(progress);
    if (!moved) return moved;
    rows += *moved;
  }
  AdvanceSequences(to);
  return rows;
}

// Nobody takes the mark away, and so nobody writes, until the transaction ends.
bool HasMark(Connection& to) {
  return to.Ask("SELECT 1 FROM store_meta WHERE key = ?1 FOR UPDATE", kUnfinishedMove).Next();
}

Status DropIfMarked(Connection& to) {
  to.ClearError();
  if (auto begun = to.Begin(); !begun) return begun;
  bool has_meta = false;
  {
    Query query = to.Ask("SELECT count(*) FROM pg_tables WHERE schemaname = 'daicho' AND tablename = 'store_meta'");
    has_meta = query.Next() && query.Int(0) != 0;
  }
  if (has_meta && HasMark(to)) {
    if (auto dropped = to.Script("DROP SCHEMA daicho_view CASCADE; DROP SCHEMA daicho CASCADE"); !dropped) {
      to.Rollback();
      return dropped;
    }
  }
  return to.CommitOrRollback();
}

Status CheckEmpty(Connection& to) {
  Query query = to.Ask(
      "SELECT count(*) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace "
      "WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'");
  if (!query.Next()) return to.status();
  if (query.Int(0) == 0) return {};
  return Fail(Code::kFailedPrecondition, to.name() +
                                             ": the database is not empty; nothing was changed. Make a new one "
                                             "(createdb NAME) and name it with --to");
}

Status Claim(Connection& to) {
  Query lock = to.Ask(kTryMoveLock);
  if (!lock.Next()) return to.status();
  if (lock.Int(0) != 0) return {};
  return Fail(Code::kFailedPrecondition,
              to.name() + ": another migrate-store is at work on it; wait for its end, or name another database");
}

}  // namespace

LedgerMove::LedgerMove(std::unique_ptr<Connection> to) : to_(std::move(to)) {}

LedgerMove::LedgerMove(LedgerMove&& other) noexcept = default;

LedgerMove::~LedgerMove() {
  if (to_) static_cast<void>(DropIfMarked(*to_));  // the next move does it otherwise
}

Result<LedgerMove> LedgerMove::Begin(const std::string& url) {
  auto to = PostgresConnection::Open(url, kTablesPath);
  if (!to) return std::unexpected(to.error());
  Status done = Claim(**to);
  if (done) done = DropIfMarked(**to);
  if (done) done = CheckEmpty(**to);
  if (done) done = PreparePostgresSchema(**to, true);
  if (done) {
    (*to)->Do("INSERT INTO store_meta (key, value) VALUES (?1, '1')", kUnfinishedMove);
    done = (*to)->status();
  }
  if (!done) return std::unexpected(done.error());
  return LedgerMove(std::move(*to));
}

Result<std::int64_t> LedgerMove::Copy(const std::string& path, const MoveProgress& progress) {
  const auto from = SqliteConnection::Open(path, OpenMode::kReadOnly);
  if (!from) return std::unexpected(from.error());
  if (auto known = CheckSqliteSchema(**from); !known) return std::unexpected(known.error());
  if (auto all = CheckNoneIsForgotten(**from); !all) return std::unexpected(all.error());
  if (auto begun = (*from)->BeginRead(); !begun) return std::unexpected(begun.error());
  if (auto begun = to_->Begin(); !begun) return std::unexpected(begun.error());
  Result<std::int64_t> rows =
      Fail(Code::kFailedPrecondition,
           to_->name() + ": a collector has opened it meanwhile; make a new database (createdb NAME)");
  if (HasMark(*to_)) rows = MoveTables(**from, *to_, progress);
  (*from)->Rollback();
  if (!rows) {
    to_->Rollback();
    return rows;
  }
  if (auto committed = to_->CommitOrRollback(); !committed) return std::unexpected(committed.error());
  return rows;
}

Status LedgerMove::Keep() {
  to_->Do("DELETE FROM store_meta WHERE key = ?1", kUnfinishedMove);
  if (auto kept = to_->status(); !kept) return kept;
  to_.reset();
  return {};
}

}  // namespace daicho::collector
