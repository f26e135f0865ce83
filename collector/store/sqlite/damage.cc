#include "collector/store/sqlite/damage.h"

#include <sqlite3.h>

#include <string>
#include <vector>

namespace daicho::collector {

namespace {

std::string PragmaSql(DamageCheck check, const std::string& of) {
  return std::string(check == DamageCheck::kQuick ? "PRAGMA quick_check(" : "PRAGMA integrity_check(") + of + ")";
}

// Takes the connection's error: the engine's words alone, while the query that failed is there.
std::string TakeWords(SqliteConnection& connection) {
  connection.ClearError();
  return sqlite3_errmsg(connection.handle());
}

// The engine's words on one line; empty: all is well. `of`: a table, or how many problems to name.
std::string Problem(SqliteConnection& connection, DamageCheck check, const std::string& of) {
  Query answer = connection.Ask(PragmaSql(check, of));
  std::string words = answer.Next() ? std::string(answer.Text(0)) : "no answer";
  if (!connection.ok()) words = TakeWords(connection);
  constexpr std::string_view kHeader = "*** in database main ***\n";
  if (words.starts_with(kHeader)) words.erase(0, kHeader.size());
  for (char& c : words) {
    if (c == '\n') c = ' ';
  }
  return words == "ok" ? std::string() : words;
}

// What the whole check says is of pages; which table they are of is found by looking at each.
std::string Where(SqliteConnection& connection, DamageCheck check) {
  std::vector<std::string> tables;
  {
    Query names = connection.Ask("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
    while (names.Next()) tables.emplace_back(names.Text(0));
    if (!connection.ok()) return "table sqlite_schema, which says where all others are: " + TakeWords(connection);
  }
  for (const std::string& table : tables) {
    const std::string problem = Problem(connection, check, "\"" + table + "\"");
    if (!problem.empty()) return "table " + table + ": " + problem;
  }
  return {};
}

}  // namespace

Status FindDamage(SqliteConnection& connection, DamageCheck check) {
  const std::string problem = Problem(connection, check, "1");
  if (problem.empty()) return {};
  const std::string place = Where(connection, check);
  return Fail(Code::kDataLoss,
              connection.name() + " is damaged: " + (place.empty() ? problem : place) + "; restore it from a backup");
}

}  // namespace daicho::collector
