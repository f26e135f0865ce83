#include "collector/store/postgres/content_table.h"

#include <algorithm>
#include <limits>
#include <map>

#include "common/delta.h"
#include "common/version_order.h"
#include "daicho/v1/facts.pb.h"

namespace daicho::collector {

namespace {

// Adding what another collector is removing (unreferenced, so it collects it) finds neither old nor new at first.
constexpr int kTries = 3;

// An array as a text (PostgreSQL, 8.15.2): {"a","b"}.
class ArrayText {
 public:
  void AddText(std::string_view text) {
    Begin();
    text_ += '"';
    for (const char c : text) {
      if (c == '"' || c == '\\') text_ += '\\';
      if (c == '\0') {
        text_ += "\xef\xbf\xbd";
      } else {
        text_ += c;
      }
    }
    text_ += '"';
  }
  void AddBytes(std::string_view bytes) {
    Begin();
    text_ += "\"\\\\x" + Hex(bytes) + "\"";
  }
  void AddNumber(std::int64_t number) {
    Begin();
    text_ += std::to_string(number);
  }
  std::string Take() { return std::move(text_) + "}"; }

 private:
  void Begin() {
    if (text_.size() > 1) text_ += ',';
  }
  std::string text_ = "{";
};

struct Wanted {
  const UnknownItem* item = nullptr;
  ItemId id = 0;
};
// By hash, which is the order in which they are added.
using WantedItems = std::map<std::int64_t, Wanted>;

// Columns of software_item beside its number.
struct ItemColumn {
  const char* name;
  const char* type;
  void (*add)(const UnknownItem& item, ArrayText& values);
};

template <const std::string& (v1::Software::*kField)() const>
void AddField(const UnknownItem& item, ArrayText& values) {
  values.AddText((item.software->*kField)());
}

constexpr ItemColumn kColumns[] = {
    {"item_hash", "bigint", [](const UnknownItem& item, ArrayText& values) { values.AddNumber(ItemHash(item.bytes)); }},
    {"item", "bytea", [](const UnknownItem& item, ArrayText& values) { values.AddBytes(item.bytes); }},
    {"version_key", "bytea",
     [](const UnknownItem& item, ArrayText& values) {
       values.AddBytes(VersionKey(item.software->manager(), item.software->version()));
     }},
    {"manager", "text", AddField<&v1::Software::manager>},
    {"name", "text", AddField<&v1::Software::name>},
    {"version", "text", AddField<&v1::Software::version>},
    {"architecture", "text", AddField<&v1::Software::architecture>},
    {"state", "text", AddField<&v1::Software::state>},
    {"want", "text", AddField<&v1::Software::want>},
    {"source", "text", AddField<&v1::Software::source>},
    {"source_version", "text", AddField<&v1::Software::source_version>},
    {"publisher", "text", AddField<&v1::Software::publisher>},
    {"section", "text", AddField<&v1::Software::section>},
};

std::string AddSql() {
  std::string names;
  std::string arrays;
  int index = 0;
  for (const ItemColumn& column : kColumns) {
    if (index > 0) names += ", ", arrays += ", ";
    names += column.name;
    arrays += "CAST(CAST(?" + std::to_string(++index) + " AS text) AS " + column.type + "[])";
  }
  return "INSERT INTO software_item (" + names + ") SELECT * FROM unnest(" + arrays +
         ") ON CONFLICT (item_hash) DO NOTHING";
}

void AddMissing(Connection& connection, const WantedItems& wanted) {
  std::vector<std::string> arrays;
  for (const ItemColumn& column : kColumns) {
    ArrayText values;
    for (const auto& [hash, want] : wanted) {
      if (want.id == 0) column.add(*want.item, values);
    }
    arrays.push_back(values.Take());
  }
  static const std::string sql = AddSql();
  const std::vector<Value> values(arrays.begin(), arrays.end());
  connection.DoWith(sql, values);
}

// How many are still missing. kInvalidArgument: another item has the hash of a wanted one.
Result<std::size_t> FindThem(Connection& connection, WantedItems& wanted) {
  ArrayText hashes;
  std::size_t missing = 0;
  for (const auto& [hash, want] : wanted) {
    if (want.id != 0) continue;
    hashes.AddNumber(hash);
    ++missing;
  }
  Query found = connection.Ask(
      "SELECT item_hash, id, item FROM software_item WHERE item_hash = ANY(CAST(CAST(?1 AS text) AS bigint[]))",
      hashes.Take());
  while (found.Next()) {
    Wanted& want = wanted.at(found.Int(0));
    if (found.Bytes(2) != want.item->bytes) {
      return Fail(Code::kInvalidArgument, "the item's hash is that of another item in the dictionary");
    }
    if (found.Int(1) > std::numeric_limits<ItemId>::max()) {
      return Fail(Code::kResourceExhausted, connection.name() + ": the software dictionary is full");
    }
    want.id = static_cast<ItemId>(found.Int(1));
    --missing;
  }
  return missing;
}

}  // namespace

std::unexpected<Error> PostgresContentTable::TakeError() {
  Error error = connection_->status().error();
  if (!connection_->is_lost()) connection_->ClearError();
  return std::unexpected(std::move(error));
}

Result<std::vector<ItemId>> PostgresContentTable::FindOrAddItems(std::span<const UnknownItem> items) {
  std::vector<std::int64_t> hashes;
  WantedItems wanted;
  for (const UnknownItem& item : items) {
    hashes.push_back(ItemHash(item.bytes));
    const auto [place, fresh] = wanted.try_emplace(hashes.back(), Wanted{&item, 0});
    if (!fresh && place->second.item->bytes != item.bytes) {
      return Fail(Code::kInvalidArgument, "two items have the same hash");
    }
  }
  for (int tries = 0;; ++tries) {
    const auto missing = FindThem(*connection_, wanted);
    if (!connection_->ok()) return TakeError();
    if (!missing) return std::unexpected(missing.error());
    if (*missing == 0) break;
    if (tries == kTries) return Fail(Code::kAborted, connection_->name() + ": new items vanish while they are added");
    AddMissing(*connection_, wanted);
    if (!connection_->ok()) return TakeError();
  }
  std::vector<ItemId> ids;
  ids.reserve(items.size());
  for (const std::int64_t hash : hashes) ids.push_back(wanted.at(hash).id);
  return ids;
}

Result<std::int64_t> PostgresContentTable::FindOrAddSet(std::string_view encoded_items, std::size_t count) {
  const std::string name = Sha256(encoded_items);
  for (int tries = 0; tries < kTries; ++tries) {
    Query known = connection_->Ask("SELECT id FROM software_set WHERE sha256 = ?1", Blob{name});
    if (known.Next()) return known.Int(0);
    Query added = connection_->Ask(
        "INSERT INTO software_set (sha256, item_count, items) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING RETURNING id",
        Blob{name}, static_cast<std::int64_t>(count), Blob{encoded_items});
    if (added.Next()) return added.Int(0);
    if (!connection_->ok()) return TakeError();
  }
  return Fail(Code::kAborted, connection_->name() + ": a new set vanishes while it is added");
}

}  // namespace daicho::collector
