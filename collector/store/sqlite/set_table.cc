#include "collector/store/sqlite/set_table.h"

#include <sqlite3.h>

#include <algorithm>
#include <limits>
#include <new>

#include "collector/store/projection.h"
#include "collector/store/sqlite/period_reader.h"
#include "daicho/v1/facts.pb.h"

namespace daicho::collector {

namespace {

enum SetColumn : int { kSoftwareId, kPosition, kTail, kInstalledAt, kPeriod };
constexpr const char* kDeclaration =
    "CREATE TABLE x(software_id INTEGER, position INTEGER, tail BLOB, installed_at INTEGER, period INTEGER HIDDEN)";

// idxNum. A search comes with the item as the second argument.
enum Plan : int { kList, kSearch };

// What a planner should think a set has.
constexpr int kTypicalItems = 2000;

struct SetTable : sqlite3_vtab {
  sqlite3* handle = nullptr;
  std::unique_ptr<PeriodReader> reader;  // made at the first use: views exist before the tables under them are read
};

struct SetCursor : sqlite3_vtab_cursor {
  std::int64_t period = 0;
  PeriodReader::Set set;
  std::vector<std::string> tails;  // of a listed period, once one is asked for
  bool listing = false;
  std::size_t at = 0;
  std::size_t end = 0;
};

thread_local bool is_reading = false;

// The bound on values is for those that foreign SQL makes; a set's blobs are larger.
class OwnReading {
 public:
  explicit OwnReading(sqlite3* handle)
      : handle_(handle), max_value_(sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, std::numeric_limits<int>::max())) {
    is_reading = true;
  }
  ~OwnReading() {
    is_reading = false;
    sqlite3_limit(handle_, SQLITE_LIMIT_LENGTH, max_value_);
  }
  OwnReading(const OwnReading&) = delete;
  OwnReading& operator=(const OwnReading&) = delete;

 private:
  sqlite3* handle_;
  const int max_value_;
};

SetTable& Cast(sqlite3_vtab* table) { return *static_cast<SetTable*>(table); }
SetCursor& Cast(sqlite3_vtab_cursor* cursor) { return *static_cast<SetCursor*>(cursor); }

int FailWith(sqlite3_vtab* table, const Error& error) {
  sqlite3_free(table->zErrMsg);
  table->zErrMsg = sqlite3_mprintf("%s", error.message.c_str());
  return SQLITE_CORRUPT;
}

int Connect(sqlite3* db, void*, int, const char* const*, sqlite3_vtab** table, char**) {
  const int result = sqlite3_declare_vtab(db, kDeclaration);
  if (result != SQLITE_OK) return result;
  sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
  auto made = std::make_unique<SetTable>();
  made->handle = db;
  *table = made.release();
  return SQLITE_OK;
}

int Disconnect(sqlite3_vtab* table) {
  delete &Cast(table);
  return SQLITE_OK;
}

int BestIndex(sqlite3_vtab*, sqlite3_index_info* info) {
  int period = -1;
  int id = -1;
  for (int i = 0; i < info->nConstraint; ++i) {
    const auto& constraint = info->aConstraint[i];
    if (constraint.op != SQLITE_INDEX_CONSTRAINT_EQ || !constraint.usable) continue;
    if (constraint.iColumn == kPeriod) period = i;
    if (constraint.iColumn == kSoftwareId) id = i;
  }
  // The period is not known yet in this join order: it is no order.
  if (period < 0) return SQLITE_CONSTRAINT;
  info->aConstraintUsage[period].argvIndex = 1;
  info->aConstraintUsage[period].omit = 1;
  if (id >= 0) {
    info->aConstraintUsage[id].argvIndex = 2;
    info->aConstraintUsage[id].omit = 1;
  }
  info->idxNum = id >= 0 ? kSearch : kList;
  info->estimatedCost = id >= 0 ? 10 : kTypicalItems;
  info->estimatedRows = id >= 0 ? 1 : kTypicalItems;
  return SQLITE_OK;
}

int Open(sqlite3_vtab*, sqlite3_vtab_cursor** cursor) {
  *cursor = std::make_unique<SetCursor>().release();
  return SQLITE_OK;
}

int Close(sqlite3_vtab_cursor* cursor) {
  delete &Cast(cursor);
  return SQLITE_OK;
}

Status EnsureReader(SetTable& table) {
  if (table.reader) return {};
  auto reader = PeriodReader::Make(table.handle);
  if (!reader) return std::unexpected(reader.error());
  table.reader = std::move(*reader);
  return {};
}

int Filter(sqlite3_vtab_cursor* base, int plan, const char*, int, sqlite3_value** arguments) {
  SetCursor& cursor = Cast(base);
  SetTable& table = Cast(base->pVtab);
  const OwnReading own(table.handle);
  if (const Status ready = EnsureReader(table); !ready) return FailWith(&table, ready.error());
  cursor.period = sqlite3_value_int64(arguments[0]);
  if (const Status read = table.reader->ReadSet(cursor.period, cursor.set); !read)
    return FailWith(&table, read.error());
  const std::vector<ItemId>& ids = cursor.set.ids;
  cursor.tails.clear();
  cursor.listing = plan == kList;
  cursor.at = 0;
  cursor.end = ids.size();
  if (plan == kSearch) {
    const std::int64_t wanted = sqlite3_value_int64(arguments[1]);
    const auto [first, last] = std::equal_range(ids.begin(), ids.end(), wanted, std::less<std::int64_t>());
    cursor.at = static_cast<std::size_t>(first - ids.begin());
    cursor.end = static_cast<std::size_t>(last - ids.begin());
  }
  return SQLITE_OK;
}

int Next(sqlite3_vtab_cursor* cursor) {
  ++Cast(cursor).at;
  return SQLITE_OK;
}

int Eof(sqlite3_vtab_cursor* cursor) { return Cast(cursor).at >= Cast(cursor).end; }

Result<std::string> TailAt(SetCursor& cursor) {
  SetTable& table = Cast(cursor.pVtab);
  PeriodReader& reader = *table.reader;
  const OwnReading own(table.handle);
  if (!cursor.listing) return reader.ReadTail(cursor.period, cursor.set.ids, cursor.at);
  if (cursor.tails.empty()) {
    auto tails = reader.ReadTails(cursor.period, cursor.set.ids);
    if (!tails) return std::unexpected(tails.error());
    cursor.tails = std::move(*tails);
  }
  return cursor.tails[cursor.at];
}

int TailColumn(SetCursor& cursor, sqlite3_context* context, int column) {
  const auto tail = TailAt(cursor);
  if (!tail) return FailWith(cursor.pVtab, tail.error());
  if (column == kTail) {
    sqlite3_result_blob64(context, tail->data(), tail->size(), SQLITE_TRANSIENT);
    return SQLITE_OK;
  }
  thread_local v1::Software software;
  if (!tail->empty() && software.ParseFromString(*tail) && software.has_installed_at()) {
    if (const auto time = KnownTime(software.installed_at())) sqlite3_result_int64(context, *time);
  }
  return SQLITE_OK;
}

int Column(sqlite3_vtab_cursor* base, sqlite3_context* context, int column) {
  SetCursor& cursor = Cast(base);
  if (column == kSoftwareId) sqlite3_result_int64(context, cursor.set.ids[cursor.at]);
  if (column == kPosition) sqlite3_result_int64(context, static_cast<sqlite3_int64>(cursor.at));
  if (column == kTail || column == kInstalledAt) return TailColumn(cursor, context, column);
  return SQLITE_OK;
}

int RowId(sqlite3_vtab_cursor* cursor, sqlite3_int64* row_id) {
  *row_id = static_cast<sqlite3_int64>(Cast(cursor).at);
  return SQLITE_OK;
}

// No exception may pass through the engine, which is C.
template <auto Callback, typename... Arguments>
int Guarded(Arguments... arguments) {
  try {
    return Callback(arguments...);
  } catch (const std::bad_alloc&) {
    return SQLITE_NOMEM;
  }
}

// No xCreate: the table exists in every connection without CREATE VIRTUAL TABLE ("eponymous only").
constexpr sqlite3_module MakeModule() {
  sqlite3_module module{};
  module.xConnect = Guarded<Connect>;
  module.xBestIndex = BestIndex;
  module.xDisconnect = Disconnect;
  module.xOpen = Guarded<Open>;
  module.xClose = Close;
  module.xFilter = Guarded<Filter>;
  module.xNext = Next;
  module.xEof = Eof;
  module.xColumn = Guarded<Column>;
  module.xRowid = RowId;
  return module;
}
constexpr sqlite3_module kModule = MakeModule();

}  // namespace

bool IsSetTableReading() { return is_reading; }

Status RegisterSetTable(SqliteConnection& connection) {
  const int result = sqlite3_create_module_v2(connection.handle(), kSetTableName, &kModule, nullptr, nullptr);
  if (result != SQLITE_OK) return std::unexpected(connection.ErrorOf(result, sqlite3_errstr(result)));
  return {};
}

}  // namespace daicho::collector
