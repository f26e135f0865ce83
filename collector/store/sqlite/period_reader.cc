#include "collector/store/sqlite/period_reader.h"

#include <sqlite3.h>

namespace daicho::collector {

namespace {

constexpr const char* kSetSql =
    "SELECT s.id, s.items FROM software_period AS p JOIN software_set AS s ON s.id = p.set_id WHERE p.id = ?1";
constexpr const char* kTailsSql =
    "SELECT p.tails, b.tails, s.items FROM software_period AS p LEFT JOIN software_period AS b ON b.id = p.base "
    "LEFT JOIN software_set AS s ON s.id = b.set_id WHERE p.id = ?1";

std::string_view Bytes(sqlite3_stmt* statement, int column) {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
  return bytes ? std::string_view(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement, column)))
               : std::string_view();
}

// Rewinds a statement at the end of its use, so that no read stays open.
class Use {
 public:
  Use(sqlite3_stmt* statement, std::int64_t period) : statement_(statement) {
    sqlite3_bind_int64(statement, 1, period);
  }
  ~Use() { sqlite3_reset(statement_); }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

 private:
  sqlite3_stmt* statement_;
};

std::unexpected<Error> EngineError(sqlite3_stmt* statement) {
  return Fail(Code::kDataLoss, sqlite3_errmsg(sqlite3_db_handle(statement)));
}

}  // namespace

void PeriodReader::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Result<std::unique_ptr<PeriodReader>> PeriodReader::Make(sqlite3* handle) {
  Statement made[2];
  const char* sqls[2] = {kSetSql, kTailsSql};
  for (int i = 0; i < 2; ++i) {
    sqlite3_stmt* raw = nullptr;
    const int result = sqlite3_prepare_v3(handle, sqls[i], -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
    made[i].reset(raw);
    if (result != SQLITE_OK) return Fail(Code::kInternal, sqlite3_errmsg(handle));
  }
  return std::unique_ptr<PeriodReader>(new PeriodReader(std::move(made[0]), std::move(made[1])));
}

Status PeriodReader::ReadSet(std::int64_t period, Set& set) {
  const Use use(sets_.get(), period);
  const int result = sqlite3_step(sets_.get());
  if (result == SQLITE_DONE) {
    set = {};
    return {};
  }
  if (result != SQLITE_ROW) return EngineError(sets_.get());
  const std::int64_t id = sqlite3_column_int64(sets_.get(), 0);
  if (id == set.id) return {};
  auto ids = DecodeItems(Bytes(sets_.get(), 1));
  if (!ids) return std::unexpected(ids.error());
  set = {id, std::move(*ids)};
  return {};
}

Result<PeriodReader::Blobs> PeriodReader::ReadBlobs(std::int64_t period) {
  const Use use(tails_.get(), period);
  if (sqlite3_step(tails_.get()) != SQLITE_ROW) return EngineError(tails_.get());
  Blobs blobs;
  blobs.tails = Bytes(tails_.get(), 0);
  blobs.has_base = sqlite3_column_type(tails_.get(), 2) != SQLITE_NULL;
  blobs.base_tails = Bytes(tails_.get(), 1);
  blobs.base_items = Bytes(tails_.get(), 2);
  return blobs;
}

Result<std::vector<std::string>> PeriodReader::ReadTails(std::int64_t period, std::span<const ItemId> ids) {
  const auto blobs = ReadBlobs(period);
  if (!blobs) return std::unexpected(blobs.error());
  if (!blobs->has_base) return DecodeTails(blobs->tails, ids.size());
  auto base_ids = DecodeItems(blobs->base_items);
  if (!base_ids) return std::unexpected(base_ids.error());
  auto base_tails = DecodeTails(blobs->base_tails, base_ids->size());
  if (!base_tails) return std::unexpected(base_tails.error());
  return ApplyPatch(blobs->tails, ids, {std::move(*base_ids), std::move(*base_tails)});
}

Result<std::string> PeriodReader::ReadTail(std::int64_t period, std::span<const ItemId> ids, std::size_t position) {
  const auto blobs = ReadBlobs(period);
  if (!blobs) return std::unexpected(blobs.error());
  if (!blobs->has_base) return DecodeTail(blobs->tails, ids.size(), position);
  auto tails = ReadTails(period, ids);
  if (!tails) return std::unexpected(tails.error());
  return std::move((*tails)[position]);
}

}  // namespace daicho::collector
