#include "collector/store/sqlite/set_table.h"

#include <sqlite3.h>

#include <algorithm>

#include "collector/store/set_codec.h"
#include "daicho/v1/facts.pb.h"

namespace daicho::collector {

namespace {

enum SetColumn : int { kSoftwareId, kInstalledAt, kPosition, kItems, kTails };

// Bits of idxNum; the arguments of Filter come in this order.
enum Plan : int { kByTails = 1, kById = 2 };

struct SetCursor : sqlite3_vtab_cursor {
  std::string items;  // what `ids` was decoded from
  std::vector<ItemId> ids;
  std::string tails_blob;
  std::vector<std::string> tails;  // decoded when a tail is first asked for
  bool tails_decoded = false;
  std::size_t at = 0;
  std::size_t end = 0;
};

SetCursor& Cast(sqlite3_vtab_cursor* cursor) { return *static_cast<SetCursor*>(cursor); }

std::string_view BlobArgument(sqlite3_value* value) {
  const auto* bytes = static_cast<const char*>(sqlite3_value_blob(value));
  return bytes ? std::string_view(bytes, static_cast<std::size_t>(sqlite3_value_bytes(value))) : std::string_view();
}

int FailWith(sqlite3_vtab* table, const Error& error) {
  sqlite3_free(table->zErrMsg);
  table->zErrMsg = sqlite3_mprintf("%s", error.message.c_str());
  return SQLITE_CORRUPT;
}

int Connect(sqlite3* db, void*, int, const char* const*, sqlite3_vtab** table, char**) {
  const int result = sqlite3_declare_vtab(
      db, "CREATE TABLE x(software_id INTEGER, installed_at INTEGER, position INTEGER, items HIDDEN, tails HIDDEN)");
  if (result != SQLITE_OK) return result;
  sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
  *table = new sqlite3_vtab{};
  return SQLITE_OK;
}

int Disconnect(sqlite3_vtab* table) {
  delete table;
  return SQLITE_OK;
}

int BestIndex(sqlite3_vtab*, sqlite3_index_info* info) {
  int items = -1;
  int tails = -1;
  int id = -1;
  for (int i = 0; i < info->nConstraint; ++i) {
    const auto& constraint = info->aConstraint[i];
    if (constraint.op != SQLITE_INDEX_CONSTRAINT_EQ) continue;
    if (!constraint.usable) {
      // The blobs are not known yet in this join order: it is no order.
      if (constraint.iColumn == kItems || constraint.iColumn == kTails) return SQLITE_CONSTRAINT;
      continue;
    }
    if (constraint.iColumn == kItems) items = i;
    if (constraint.iColumn == kTails) tails = i;
    if (constraint.iColumn == kSoftwareId) id = i;
  }
  if (items < 0) return SQLITE_CONSTRAINT;
  int argument = 0;
  for (const int used : {items, tails, id}) {
    if (used < 0) continue;
    info->aConstraintUsage[used].argvIndex = ++argument;
    info->aConstraintUsage[used].omit = 1;
  }
  info->idxNum = (tails >= 0 ? kByTails : 0) | (id >= 0 ? kById : 0);
  info->estimatedCost = id >= 0 ? 2 : 2000;
  info->estimatedRows = id >= 0 ? 1 : 2000;
  return SQLITE_OK;
}

int Open(sqlite3_vtab*, sqlite3_vtab_cursor** cursor) {
  *cursor = new SetCursor{};
  return SQLITE_OK;
}

int Close(sqlite3_vtab_cursor* cursor) {
  delete &Cast(cursor);
  return SQLITE_OK;
}

int Filter(sqlite3_vtab_cursor* base, int plan, const char*, int, sqlite3_value** arguments) {
  SetCursor& cursor = Cast(base);
  const std::string_view items = BlobArgument(arguments[0]);
  if (items != cursor.items) {
    auto ids = DecodeItems(items);
    if (!ids) return FailWith(base->pVtab, ids.error());
    cursor.ids = std::move(*ids);
    cursor.items.assign(items);
  }
  const std::string_view tails = plan & kByTails ? BlobArgument(arguments[1]) : std::string_view();
  if (tails != cursor.tails_blob || cursor.tails.size() != cursor.ids.size()) {
    cursor.tails_blob.assign(tails);
    cursor.tails_decoded = false;
  }
  cursor.at = 0;
  cursor.end = cursor.ids.size();
  if (plan & kById) {
    const std::int64_t wanted = sqlite3_value_int64(arguments[plan & kByTails ? 2 : 1]);
    const auto [first, last] =
        std::equal_range(cursor.ids.begin(), cursor.ids.end(), wanted, std::less<std::int64_t>());
    cursor.at = static_cast<std::size_t>(first - cursor.ids.begin());
    cursor.end = static_cast<std::size_t>(last - cursor.ids.begin());
  }
  return SQLITE_OK;
}

int Next(sqlite3_vtab_cursor* cursor) {
  ++Cast(cursor).at;
  return SQLITE_OK;
}

int Eof(sqlite3_vtab_cursor* cursor) { return Cast(cursor).at >= Cast(cursor).end; }

int InstalledAt(SetCursor& cursor, sqlite3_context* context) {
  if (!cursor.tails_decoded) {
    auto tails = DecodeTails(cursor.tails_blob, cursor.ids.size());
    if (!tails) return FailWith(cursor.pVtab, tails.error());
    cursor.tails = std::move(*tails);
    cursor.tails_decoded = true;
  }
  const std::string& tail = cursor.tails[cursor.at];
  if (tail.empty()) return SQLITE_OK;
  thread_local v1::Software software;
  if (software.ParseFromString(tail) && software.has_installed_at()) {
    sqlite3_result_int64(context, software.installed_at().seconds());
  }
  return SQLITE_OK;
}

int Column(sqlite3_vtab_cursor* base, sqlite3_context* context, int column) {
  SetCursor& cursor = Cast(base);
  if (column == kSoftwareId) sqlite3_result_int64(context, cursor.ids[cursor.at]);
  if (column == kPosition) sqlite3_result_int64(context, static_cast<sqlite3_int64>(cursor.at));
  if (column == kInstalledAt) return InstalledAt(cursor, context);
  return SQLITE_OK;
}

int RowId(sqlite3_vtab_cursor* cursor, sqlite3_int64* row_id) {
  *row_id = static_cast<sqlite3_int64>(Cast(cursor).at);
  return SQLITE_OK;
}

// No xCreate: the table exists in every connection without CREATE VIRTUAL TABLE ("eponymous only").
constexpr sqlite3_module MakeModule() {
  sqlite3_module module{};
  module.xConnect = Connect;
  module.xBestIndex = BestIndex;
  module.xDisconnect = Disconnect;
  module.xOpen = Open;
  module.xClose = Close;
  module.xFilter = Filter;
  module.xNext = Next;
  module.xEof = Eof;
  module.xColumn = Column;
  module.xRowid = RowId;
  return module;
}
constexpr sqlite3_module kModule = MakeModule();

}  // namespace

Status RegisterSetTable(Connection& connection) {
  const int result = sqlite3_create_module_v2(connection.handle(), kSetTableName, &kModule, nullptr, nullptr);
  if (result != SQLITE_OK) return std::unexpected(SqliteError(result, connection.path(), sqlite3_errstr(result)));
  return {};
}

}  // namespace daicho::collector
