#include "collector/store/sql_tokens.h"

#include <algorithm>
#include <cctype>
#include <optional>

namespace daicho::collector {

namespace {

bool IsWordByte(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return lower;
}

class Cutter {
 public:
  Cutter(std::string_view sql, SqlDialect dialect) : sql_(sql), postgres_(dialect == SqlDialect::kPostgres) {}

  Result<std::vector<SqlToken>> Cut() {
    std::vector<SqlToken> tokens;
    for (;;) {
      SkipBlanks();
      if (fault_ || at_ == sql_.size()) break;
      SqlToken token;
      token.offset = at_;
      Take(token);
      token.size = at_ - token.offset;
      tokens.push_back(std::move(token));
    }
    if (fault_) return Fail(Code::kInvalidArgument, *fault_);
    return tokens;
  }

 private:
  std::string_view rest() const { return sql_.substr(at_); }

  void Wrong(std::size_t offset, const char* what) {
    if (!fault_) fault_ = what + SqlPlace(sql_, offset);
    at_ = sql_.size();
  }

  void SkipBlanks() {
    for (;;) {
      if (at_ < sql_.size() && std::string_view(" \t\n\r\f\v").find(sql_[at_]) != std::string_view::npos) {
        ++at_;
      } else if (rest().starts_with("--")) {
        at_ = std::min(sql_.find('\n', at_), sql_.size());
      } else if (rest().starts_with("/*")) {
        SkipComment();
      } else {
        return;
      }
    }
  }

  // SQLite ends a comment at the first "*/", or at the end of the statement; PostgreSQL's nest.
  void SkipComment() {
    const std::size_t begin = at_;
    int depth = 0;
    do {
      if (rest().starts_with("/*") && (postgres_ || depth == 0)) {
        ++depth;
        at_ += 2;
      } else if (rest().starts_with("*/")) {
        --depth;
        at_ += 2;
      } else if (at_ < sql_.size()) {
        ++at_;
      } else {
        if (postgres_) Wrong(begin, "a comment has no end");
        return;
      }
    } while (depth > 0);
  }

  void Take(SqlToken& token) {
    const char first = sql_[at_];
    if (first == '\'') return Quoted(first, postgres_ ? SqlTokenKind::kText : SqlTokenKind::kName, token);
    if (first == '"') return Quoted(first, SqlTokenKind::kName, token);
    if (!postgres_ && first == '`') return Quoted(first, SqlTokenKind::kName, token);
    if (!postgres_ && first == '[') return Bracketed(token);
    if (first == ':') return Colon(token);
    if (IsWordByte(first)) return Word(token);
    token.text = first;
    ++at_;
  }

  // A doubled quote stands for one.
  void Quoted(char quote, SqlTokenKind kind, SqlToken& token) {
    const std::size_t begin = at_++;
    std::string text;
    bool ended = false;
    while (at_ < sql_.size() && !ended) {
      const char c = sql_[at_++];
      if (c != quote) {
        text += c;
      } else if (rest().starts_with(quote)) {
        text += c;
        ++at_;
      } else {
        ended = true;
      }
    }
    if (!ended) Wrong(begin, "a quote has no end");
    token.kind = kind;
    token.quoted = true;
    token.text = kind == SqlTokenKind::kName ? Lower(text) : text;
  }

  void Bracketed(SqlToken& token) {
    const std::size_t end = sql_.find(']', at_);
    if (end == std::string_view::npos) return Wrong(at_, "a bracket has no end");
    token.kind = SqlTokenKind::kName;
    token.quoted = true;
    token.text = Lower(sql_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
  }

  void Colon(SqlToken& token) {
    std::size_t end = at_ + 1;
    if (rest().starts_with("::")) {
      end = at_ + 2;
    } else {
      while (end < sql_.size() && IsWordByte(sql_[end])) ++end;
    }
    const std::string_view text = sql_.substr(at_, end - at_);
    token.kind = text.size() > 1 && text != "::" ? SqlTokenKind::kParameter : SqlTokenKind::kSymbol;
    token.text = token.kind == SqlTokenKind::kParameter ? text.substr(1) : text;
    at_ = end;
  }

  void Word(SqlToken& token) {
    std::size_t end = at_;
    while (end < sql_.size() && IsWordByte(sql_[end])) ++end;
    const std::string word = Lower(sql_.substr(at_, end - at_));
    const std::string_view behind = sql_.substr(end);
    const bool is_prefix = behind.starts_with('\'') && (word == "e" || word == "b" || word == "x" || word == "n");
    const bool is_unicode = word == "u" && (behind.starts_with("&'") || behind.starts_with("&\""));
    if (postgres_ && (is_prefix || is_unicode)) return Wrong(at_, "write texts and names in plain quotes");
    if (postgres_ && word.find('$') != std::string::npos) {
      return Wrong(at_, "parameters must have names: write :name");
    }
    const bool is_number = std::isdigit(static_cast<unsigned char>(word.front())) != 0;
    token.kind = is_number ? SqlTokenKind::kSymbol : SqlTokenKind::kName;
    token.text = word;
    at_ = end;
  }

  const std::string_view sql_;
  const bool postgres_;
  std::size_t at_ = 0;
  std::optional<std::string> fault_;
};

}  // namespace

Result<std::vector<SqlToken>> CutSql(std::string_view sql, SqlDialect dialect) { return Cutter(sql, dialect).Cut(); }

std::string SqlPlace(std::string_view sql, std::size_t offset) {
  if (offset > sql.size()) return {};
  const std::string_view before = sql.substr(0, offset);
  const std::size_t line_start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  const std::string place = "column " + std::to_string(before.size() - line_start + 1);
  if (line_start == 0) return " (" + place + ")";
  return " (line " + std::to_string(std::ranges::count(before, '\n') + 1) + ", " + place + ")";
}

}  // namespace daicho::collector
