#include "collector/store/postgres/view_sql.h"

#include <algorithm>
#include <array>
#include <span>

#include "common/delta.h"
#include "common/version_order.h"

namespace daicho::collector {

namespace {

// What SELECTs of viewers may call. Left out is whatever reads files or settings, runs SQL, changes the session, waits,
// or makes large values of small ones.
constexpr auto kForeignFunctions = std::to_array<std::string_view>({"abs",
                                                                    "avg",
                                                                    "btrim",
                                                                    "ceil",
                                                                    "ceiling",
                                                                    "char_length",
                                                                    "character_length",
                                                                    "concat",
                                                                    "concat_ws",
                                                                    "count",
                                                                    "cume_dist",
                                                                    "date",
                                                                    "date_part",
                                                                    "date_trunc",
                                                                    "datetime",
                                                                    "dense_rank",
                                                                    "ends_with",
                                                                    "every",
                                                                    "extract",
                                                                    "first_value",
                                                                    "floor",
                                                                    "initcap",
                                                                    "json_each",
                                                                    "json_list",
                                                                    "lag",
                                                                    "last_value",
                                                                    "lead",
                                                                    "left",
                                                                    "length",
                                                                    "lower",
                                                                    "ltrim",
                                                                    "max",
                                                                    "min",
                                                                    "mod",
                                                                    "nth_value",
                                                                    "ntile",
                                                                    "now",
                                                                    "octet_length",
                                                                    "overlay",
                                                                    "percent_rank",
                                                                    "position",
                                                                    "rank",
                                                                    "regexp_match",
                                                                    "right",
                                                                    "round",
                                                                    "row_number",
                                                                    "rtrim",
                                                                    "sign",
                                                                    "split_part",
                                                                    "starts_with",
                                                                    "stddev",
                                                                    "strpos",
                                                                    "substr",
                                                                    "substring",
                                                                    "sum",
                                                                    "to_char",
                                                                    "to_timestamp",
                                                                    "trunc",
                                                                    "upper",
                                                                    "variance",
                                                                    "json_array_length",
                                                                    "to_date",
                                                                    "justify_days",
                                                                    "bool_and",
                                                                    "bool_or",
                                                                    "age",
                                                                    "json_list",
                                                                    "text",
                                                                    "int8"});

std::unexpected<Error> Wrong(const std::string& sql, const SqlToken& token, const std::string& what) {
  return Fail(Code::kInvalidArgument, what + SqlPlace(sql, token.offset));
}

// Position of the token that closes the parenthesis at `open`; the end if there is none.
std::size_t Closing(std::span<const SqlToken> tokens, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < tokens.size(); ++i) {
    if (tokens[i].Is("(")) ++depth;
    if (tokens[i].Is(")") && --depth == 0) return i;
  }
  return tokens.size();
}

std::string KeyLiteral(std::string_view manager, std::string_view version) {
  return "'\\x" + Hex(VersionKey(manager, version)) + "'::bytea";
}

class Maker {
 public:
  Maker(const std::string& sql, const std::map<std::string, SqlValue>& parameters, std::span<const SqlToken> tokens)
      : sql_(sql), parameters_(parameters), tokens_(tokens) {}

  Result<ViewSql> Make() {
    if (auto done = CopyTokens(0, tokens_.size()); !done) return std::unexpected(done.error());
    return std::move(made_);
  }

 private:
  Status CopyTokens(std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) {
      const SqlToken& token = tokens_[i];
      if (token.kind == SqlTokenKind::kParameter) {
        if (auto done = AddParameter(token); !done) return done;
      } else if (token.Is("?")) {
        return Wrong(sql_, token, "parameters must have names: write :name");
      } else if (token.Is("version_key") && i + 1 < tokens_.size() && tokens_[i + 1].Is("(")) {
        const auto next = AddVersionKey(i + 1);
        if (!next) return std::unexpected(next.error());
        i = *next;
      } else {
        Add(token, std::string_view(sql_).substr(token.offset, token.size));
      }
    }
    return {};
  }

  // Blanks and comments between two tokens become one blank; where there were none, there is none: "<=" is two tokens.
  void Add(const SqlToken& token, std::string_view text) {
    if (token.offset > end_) made_.sql += ' ';
    end_ = token.offset + token.size;
    made_.pieces.push_back({made_.sql.size(), token.offset});
    made_.sql += text;
  }

  Result<SqlValue> ValueOf(const SqlToken& token) const {
    const auto value = parameters_.find(token.text);
    if (value != parameters_.end()) return value->second;
    return Fail(Code::kInvalidArgument, "parameter :" + token.text + " has no value");
  }

  Status AddParameter(const SqlToken& token) {
    const auto value = ValueOf(token);
    if (!value) return std::unexpected(value.error());
    made_.values.push_back(*value);
    Add(token, "$" + std::to_string(made_.values.size()));
    return {};
  }

  // `open`: the parenthesis behind version_key. Answers the position of the closing one.
  Result<std::size_t> AddVersionKey(std::size_t open) {
    const std::size_t close = Closing(tokens_, open);
    const bool is_known = close < tokens_.size() && close >= open + 4 && tokens_[close - 2].Is(",");
    const auto version = is_known ? VersionText(tokens_[close - 1]) : std::nullopt;
    if (!version) {
      return Wrong(sql_, tokens_[open],
                   "version_key(manager, VERSION) takes a version that is written there or is a parameter");
    }
    const auto case_of = [&](std::string_view manager) {
      Add(tokens_[open], " WHEN '" + std::string(manager) + "' THEN " + KeyLiteral(manager, *version));
    };
    Add(tokens_[open], "(CASE ");
    if (auto done = CopyTokens(open + 1, close - 2); !done) return std::unexpected(done.error());
    for (const std::string_view manager : VersionedManagers()) case_of(manager);
    Add(tokens_[open], " ELSE " + KeyLiteral("", *version) + " END)");
    return close;
  }

  std::optional<std::string> VersionText(const SqlToken& token) const {
    if (token.kind == SqlTokenKind::kText) return token.text;
    if (token.kind != SqlTokenKind::kParameter) return std::nullopt;
    const auto value = parameters_.find(token.text);
    if (value == parameters_.end()) return std::nullopt;
    const auto* text = std::get_if<std::string>(&value->second);
    return text ? std::optional(*text) : std::nullopt;
  }

  const std::string& sql_;
  const std::map<std::string, SqlValue>& parameters_;
  const std::span<const SqlToken> tokens_;
  std::size_t end_ = 0;  // of the token added last, in the statement given
  ViewSql made_;
};

Status CheckFunctions(const std::string& sql, std::span<const SqlToken> tokens, const SqlNames& functions) {
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    const SqlToken& token = tokens[i];
    if (token.kind != SqlTokenKind::kName || !tokens[i + 1].Is("(")) continue;
    if (i > 0 && tokens[i - 1].Is(".")) return Wrong(sql, token, "functions of other schemas are not for queries");
    const bool allowed =
        token.text == "version_key" || std::ranges::find(kForeignFunctions, token.text) != kForeignFunctions.end();
    if (!allowed && functions.contains(token.text)) {
      return Wrong(sql, token, "function " + token.text + " is not for queries (VIEWS.md lists those that are)");
    }
  }
  return {};
}

Status CheckForm(const std::string& sql, std::vector<SqlToken>& tokens) {
  while (!tokens.empty() && tokens.back().Is(";")) tokens.pop_back();
  if (tokens.empty()) {
    return Fail(Code::kInvalidArgument, "there is no statement; write a SELECT on the documented views");
  }
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (!tokens[i].Is(";")) continue;
    return Wrong(sql, tokens[i + 1], "only one statement is allowed; a second one begins");
  }
  const SqlToken& first = tokens.front();
  if (!first.Is("select") && !first.Is("with") && !first.Is("values") && !first.Is("(")) {
    return Fail(Code::kInvalidArgument, "only a SELECT on the documented views is allowed");
  }
  return {};
}

}  // namespace

std::size_t ViewSql::OriginalOffset(std::size_t offset) const {
  const auto behind = std::ranges::upper_bound(pieces, offset, {}, &Piece::begin);
  if (behind == pieces.begin()) return 0;
  const Piece& piece = *std::prev(behind);
  return piece.original + (offset - piece.begin);
}

Result<ViewSql> MakeViewSql(const std::string& sql, const std::map<std::string, SqlValue>& parameters,
                            const ViewSqlNames& names, bool foreign) {
  auto tokens = CutSql(sql, SqlDialect::kPostgres);
  if (!tokens) return std::unexpected(tokens.error());
  if (auto good = CheckForm(sql, *tokens); !good) return std::unexpected(good.error());
  if (const std::string fault = FindForbiddenName(*tokens, names.views, names.others); !fault.empty()) {
    return Fail(Code::kInvalidArgument, fault);
  }
  if (foreign) {
    if (auto good = CheckFunctions(sql, *tokens, names.functions); !good) return std::unexpected(good.error());
  }
  return Maker(sql, parameters, *tokens).Make();
}

}  // namespace daicho::collector
