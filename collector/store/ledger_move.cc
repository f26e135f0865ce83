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
  to.Do("INSERT INTO store_meta (key, value) VALUES (?1, '1')", kUnfinishedMove);
  return rows;
}

// A copy that nobody has written to since, of a move that was killed before it was named as the ledger.
Result<bool> HasUnfinishedMove(Connection& to) {
  bool has_meta = false;
  {
    Query query = to.Ask("SELECT count(*) FROM pg_tables WHERE schemaname = 'daicho' AND tablename = 'store_meta'");
    has_meta = query.Next() && query.Int(0) != 0;
  }
  bool is_marked = false;
  if (has_meta) {
    Query query = to.Ask("SELECT 1 FROM daicho.store_meta WHERE key = ?1", kUnfinishedMove);
    is_marked = query.Next();
  }
  if (!to.ok()) return std::unexpected(to.status().error());
  return is_marked;
}

// A move that was killed earlier leaves a ledger without anything in it; that is as good as nothing.
Status CheckEmpty(Connection& to) {
  bool has_ledger = false;
  {
    Query query = to.Ask(
        "SELECT count(*), count(*) FILTER (WHERE n.nspname = 'daicho' AND c.relname = 'journal_head'), "
        "count(*) FILTER (WHERE n.nspname NOT IN ('daicho', 'daicho_view')) FROM pg_class AS c JOIN pg_namespace AS n "
        "ON n.oid = c.relnamespace WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE "
        "'pg\\_%'");
    if (!query.Next()) return to.status();
    if (query.Int(0) == 0) return {};
    has_ledger = query.Int(1) != 0 && query.Int(2) == 0;
  }
  bool is_empty = false;
  if (has_ledger) {
    // Whoever serves it, even with nothing in it, has the lease.
    std::string any = "SELECT CAST(EXISTS (SELECT 1 FROM daicho.lease_entry)";
    for (const char* table : kTables) {
      const std::string_view name = table;
      if (name == "journal_head" || name == "history_state") continue;  // each ledger has one row there from the start
      any += " OR EXISTS (SELECT 1 FROM daicho." + std::string(name) + ")";
    }
    Query query = to.Ask(any + " AS int)");
    is_empty = query.Next() && query.Int(0) == 0;
    if (!to.ok()) return to.status();
  }
  if (is_empty) return {};
  return Fail(Code::kFailedPrecondition, to.name() +
                                             ": the database is not empty; nothing was changed. Make a new one "
                                             "(createdb NAME) and name it with --to");
}

}  // namespace

Result<std::unique_ptr<Connection>> ClaimDatabase(const std::string& url) {
  auto connection = PostgresConnection::Open(url, kTablesPath);
  if (!connection) return std::unexpected(connection.error());
  bool is_ours = false;
  {
    Query lock = (*connection)->Ask(kTryMoveLock);
    is_ours = lock.Next() && lock.Int(0) != 0;
  }
  if (!(*connection)->ok()) return std::unexpected((*connection)->status().error());
  if (is_ours) return std::move(*connection);
  return Fail(
      Code::kFailedPrecondition,
      (*connection)->name() + ": another migrate-store is at work on it; wait for its end, or name another database");
}

Result<std::int64_t> MoveLedgerToPostgres(const std::string& path, const std::string& url,
                                          const MoveProgress& progress) {
  const auto from = SqliteConnection::Open(path, OpenMode::kReadOnly);
  if (!from) return std::unexpected(from.error());
  if (auto known = CheckSqliteSchema(**from); !known) return std::unexpected(known.error());
  if (auto all = CheckNoneIsForgotten(**from); !all) return std::unexpected(all.error());
  const auto to = PostgresConnection::Open(url, kTablesPath);
  if (!to) return std::unexpected(to.error());
  const auto unfinished = HasUnfinishedMove(**to);
  if (!unfinished) return std::unexpected(unfinished.error());
  if (*unfinished) {
    if (auto cleared = ClearMovedLedger(url); !cleared) return std::unexpected(cleared.error());
  }
  if (auto empty = CheckEmpty(**to); !empty) return std::unexpected(empty.error());
  Status done = PreparePostgresSchema(**to, true);
  Result<std::int64_t> rows = 0;
  if (done) done = (*from)->BeginRead();
  if (done) done = (*to)->Begin();
  if (done) {
    rows = MoveTables(**from, **to, progress);
    if (rows) {
      done = (*to)->CommitOrRollback();
    } else {
      done = std::unexpected(rows.error());
      (*to)->Rollback();
    }
    (*from)->Rollback();
  }
  if (done) return rows;
  static_cast<void>(ClearMovedLedger(url));
  return std::unexpected(done.error());
}

Status FinishMove(const std::string& url) {
  auto link = PostgresLink::Open(url);
  if (!link) return std::unexpected(link.error());
  return link->Script("DELETE FROM daicho.store_meta WHERE key = '" + std::string(kUnfinishedMove) + "'");
}

Status ClearMovedLedger(const std::string& url) {
  auto link = PostgresLink::Open(url);
  if (!link) return std::unexpected(link.error());
  return link->Script("DROP SCHEMA IF EXISTS daicho_view CASCADE; DROP SCHEMA IF EXISTS daicho CASCADE");
}

}  // namespace daicho::collector
