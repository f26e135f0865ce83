// Reads a TOML table key by key and turns what is wrong into `file:line:column: what`. Only the first error is kept;
// after it the reads return empty values, so a caller reads everything and asks once, at the end.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/rules/local_text.h"
#include "common/error.h"
#include "common/toml.h"

namespace daicho::collector {

class TomlReader {
 public:
  // `what` names the table in messages ("a rule", "an export"). A key not among `keys` is an error.
  TomlReader(const toml::table& table, std::string file, std::string what,
             std::initializer_list<std::string_view> keys);

  // Required; empty texts are errors.
  std::string Text(std::string_view key);
  LocalText TextInBoth(std::string_view key);  // a table of ja and en
  std::string OneOf(std::string_view key, std::initializer_list<std::string_view> words);
  std::int64_t Number(std::string_view key, std::int64_t least, std::int64_t most);

  // With a default.
  std::string OneOf(std::string_view key, std::initializer_list<std::string_view> words, std::string_view missing);
  std::int64_t Number(std::string_view key, std::int64_t least, std::int64_t most, std::int64_t missing);
  std::vector<std::string> Texts(std::string_view key);          // array of texts; missing: empty
  std::vector<const toml::table*> Tables(std::string_view key);  // array of tables; missing: empty
  const toml::table* Table(std::string_view key);                // nullptr: missing
  const toml::node* Node(std::string_view key) const { return table_.get(key); }

  // Reports `what` at the value of `key` (at the table, if there is none).
  void Wrong(std::string_view key, const std::string& what);
  void WrongAt(const toml::source_region& place, const std::string& what);

  bool ok() const { return !error_; }
  Status Finish() const;
  // Takes over the first error of a reader of an inner table.
  void Adopt(const Status& inner);

 private:
  const toml::node* Required(std::string_view key, std::string_view type);
  void WrongType(std::string_view key, std::string_view type);

  const toml::table& table_;
  const std::string file_;
  const std::string what_;
  std::optional<Error> error_;
};

}  // namespace daicho::collector
