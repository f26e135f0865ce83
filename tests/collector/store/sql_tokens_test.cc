#include "collector/store/sql_tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collector/store/forbidden_name.h"

namespace daicho::collector {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

std::vector<std::string> Texts(std::string_view sql, SqlDialect dialect) {
  const auto tokens = CutSql(sql, dialect);
  if (!tokens) return {"refused: " + tokens.error().message};
  std::vector<std::string> texts;
  for (const SqlToken& token : *tokens) {
    const char* mark = token.kind == SqlTokenKind::kName        ? "n:"
                       : token.kind == SqlTokenKind::kText      ? "t:"
                       : token.kind == SqlTokenKind::kParameter ? "p:"
                                                                : "";
    texts.push_back(mark + token.text);
  }
  return texts;
}

TEST(SqlTokens, AreCutAsTheEngineCutsThem) {
  struct Case {
    const char* sql;
    std::vector<std::string> sqlite;
    std::vector<std::string> postgres;
  };
  for (const Case& one : std::vector<Case>{
           {"SELECT A.b", {"n:select", "n:a", ".", "n:b"}, {"n:select", "n:a", ".", "n:b"}},
           {"x='it''s'", {"n:x", "=", "n:it's"}, {"n:x", "=", "t:it's"}},
           {"\"Mixed \"\"Name\"", {"n:mixed \"name"}, {"n:mixed \"name"}},
           {"a -- b\nc /* d */ e", {"n:a", "n:c", "n:e"}, {"n:a", "n:c", "n:e"}},
           {":now::text", {"p:now", "::", "n:text"}, {"p:now", "::", "n:text"}},
           {"1.5+x1", {"1", ".", "5", "+", "n:x1"}, {"1", ".", "5", "+", "n:x1"}},
           {"表", {"n:表"}, {"n:表"}},
           {"/* /* */ x */", {"n:x", "*", "/"}, {}},
           {"", {}, {}},
       }) {
    EXPECT_THAT(Texts(one.sql, SqlDialect::kSqlite), ElementsAreArray(one.sqlite)) << one.sql;
    EXPECT_THAT(Texts(one.sql, SqlDialect::kPostgres), ElementsAreArray(one.postgres)) << one.sql;
  }
  EXPECT_THAT(Texts("[a b] `C`", SqlDialect::kSqlite), ElementsAreArray({"n:a b", "n:c"}));
}

TEST(SqlTokens, WhatHasNoEndIsRefusedWithItsPlace) {
  for (const char* sql : {"SELECT 'a", "SELECT \"a", "SELECT 'it''"}) {
    EXPECT_THAT(Texts(sql, SqlDialect::kPostgres)[0], HasSubstr("a quote has no end (column 8)")) << sql;
    EXPECT_THAT(Texts(sql, SqlDialect::kSqlite)[0], HasSubstr("a quote has no end (column 8)")) << sql;
  }
  EXPECT_THAT(Texts("SELECT /* /* */", SqlDialect::kPostgres)[0], HasSubstr("a comment has no end"));
  EXPECT_THAT(Texts("SELECT [a", SqlDialect::kSqlite)[0], HasSubstr("a bracket has no end"));
}

// Each is a way to end a text, or to write a name, that a reader of plain quotes would miss.
TEST(SqlTokens, PostgresFormsWithEscapesAreRefused) {
  for (const char* sql : {"SELECT E'\\''", "SELECT e'x'", "SELECT U&'\\0061'", "SELECT U&\"d\\0061ta\"", "SELECT $$x$$",
                          "SELECT $a$x$a$", "SELECT B'1'", "SELECT x'1f'", "SELECT $1"}) {
    EXPECT_THAT(Texts(sql, SqlDialect::kPostgres)[0], HasSubstr("refused")) << sql;
  }
}

TEST(ForbiddenName, NamesTheTableOrTheShadowedView) {
  const SqlNames views = {"device", "token"};
  const SqlNames own = {"token_entry"};
  struct Case {
    const char* sql;
    const char* fault;
  };
  for (const Case& one : std::vector<Case>{
           {"SELECT hostname FROM device", ""},
           {"SELECT * FROM \"TOKEN_ENTRY\"", "'token_entry' is the store's own"},
           {"SELECT * FROM daicho . token_entry", "'token_entry' is the store's own"},
           {"WITH device AS (SELECT 1) SELECT * FROM device", "'device' is a view"},
           {"WITH device(x) AS (SELECT 1) SELECT * FROM device", "'device' is a view"},
           {"WITH token AS NOT MATERIALIZED (SELECT 1) SELECT 1", "'token' is a view"},
           {"SELECT hostname AS device FROM device WHERE (device.hostname = 'token (')", ""},
           {"SELECT 'token_entry'", ""},
       }) {
    const auto tokens = CutSql(one.sql, SqlDialect::kPostgres);
    ASSERT_TRUE(tokens) << one.sql;
    const std::string fault = FindForbiddenName(*tokens, views, own);
    if (std::string_view(one.fault).empty()) {
      EXPECT_EQ(fault, "") << one.sql;
    } else {
      EXPECT_THAT(fault, HasSubstr(one.fault)) << one.sql;
    }
  }
}

}  // namespace
}  // namespace daicho::collector
