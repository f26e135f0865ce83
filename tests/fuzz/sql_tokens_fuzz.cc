// SQL of any bytes is refused or cut into tokens that stand one behind the other in it; what is made of it for
// PostgreSQL is cut into as many tokens of the same kinds (a parameter became $n, which is no token of ours).
#include <cstdint>
#include <cstdlib>
#include <string>

#include "collector/store/postgres/view_sql.h"
#include "collector/store/sql_tokens.h"

namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace daicho::collector;
  const std::string sql(reinterpret_cast<const char*>(data), size);
  for (const SqlDialect dialect : {SqlDialect::kSqlite, SqlDialect::kPostgres}) {
    const auto tokens = CutSql(sql, dialect);
    if (!tokens) {
      Require(!tokens.error().message.empty());
      continue;
    }
    std::size_t end = 0;
    for (const SqlToken& token : *tokens) {
      Require(token.offset >= end && token.size > 0 && token.offset + token.size <= sql.size());
      end = token.offset + token.size;
    }
  }
  const ViewSqlNames names{{"device"}, {"device_entry"}, {"pg_sleep"}};
  const auto made = MakeViewSql(sql, {}, names, true);
  if (!made) return 0;
  Require(made->values.empty());
  if (made->sql.find("version_key") == std::string::npos && sql.find("ersion_key") == std::string::npos) {
    const auto before = CutSql(sql, SqlDialect::kPostgres);
    const auto after = CutSql(made->sql, SqlDialect::kPostgres);
    Require(before && after);
    std::size_t count = before->size();
    while (count > 0 && (*before)[count - 1].Is(";")) --count;
    Require(after->size() == count);
    for (std::size_t i = 0; i < count; ++i) {
      Require((*before)[i].text == (*after)[i].text && (*before)[i].kind == (*after)[i].kind);
      Require(made->OriginalOffset((*after)[i].offset) == (*before)[i].offset);
    }
  }
  return 0;
}
