// SQL that other people wrote, cut into tokens as the engine cuts it: what names a statement has is looked at before it
// runs, so text and names must be told apart exactly. Pure; thread-safe.
//
// SQLite: https://www.sqlite.org/lang_keywords.html, lang_comment.html. A string counts as a name, since SQLite takes
// it for one where only a name fits.
// PostgreSQL: chapter 4.1 of its manual. Forms with escapes of their own (E'…', U&"…", $tag$…$tag$) are refused: they
// are of no use here, and each is a second way to write a name or to end a string.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"

namespace daicho::collector {

enum class SqlDialect { kSqlite, kPostgres };

enum class SqlTokenKind { kName, kText, kParameter, kSymbol };

struct SqlToken {
  SqlTokenKind kind = SqlTokenKind::kSymbol;
  std::string text;  // names in lower case and without quotes; parameters without the colon; numbers are symbols
  std::size_t offset = 0;
  std::size_t size = 0;  // bytes in the statement
  bool quoted = false;

  bool Is(std::string_view symbol) const { return !quoted && kind != SqlTokenKind::kText && text == symbol; }
};

// kInvalidArgument: a quote or comment without end, or a form that is refused; the message has the place.
Result<std::vector<SqlToken>> CutSql(std::string_view sql, SqlDialect dialect);

// " (column 8)", or " (line 2, column 8)": where in the SQL; empty if `offset` is outside.
std::string SqlPlace(std::string_view sql, std::size_t offset);

}  // namespace daicho::collector
