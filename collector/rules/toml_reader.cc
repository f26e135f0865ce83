#include "collector/rules/toml_reader.h"

#include <algorithm>

#include "common/text.h"

namespace daicho::collector {

namespace {

std::string Join(std::initializer_list<std::string_view> words) {
  std::string joined;
  for (const std::string_view word : words) {
    if (!joined.empty()) joined += ", ";
    joined += word;
  }
  return joined;
}

bool Contains(std::initializer_list<std::string_view> words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

TomlReader::TomlReader(const toml::table& table, std::string file, std::string what,
                       std::initializer_list<std::string_view> keys)
    : table_(table), file_(std::move(file)), what_(std::move(what)) {
  // The table has its keys in the order of their names; the first wrong one in the file is the one to name.
  const toml::key* first = nullptr;
  for (const auto& [key, value] : table) {
    if (Contains(keys, key.str())) continue;
    const auto begin = key.source().begin;
    if (first == nullptr || begin < first->source().begin) first = &key;
  }
  if (first != nullptr) {
    WrongAt(first->source(),
            "unknown key '" + CleanText(first->str()) + "' in " + what_ + "; valid keys: " + Join(keys));
  }
}

void TomlReader::WrongAt(const toml::source_region& place, const std::string& what) {
  if (!error_) error_ = Error{Code::kInvalidArgument, At(file_, place, what)};
}

void TomlReader::Wrong(std::string_view key, const std::string& what) {
  const toml::node* node = Node(key);
  WrongAt(node != nullptr ? node->source() : table_.source(), what);
}

void TomlReader::WrongType(std::string_view key, std::string_view type) {
  Wrong(key, "'" + std::string(key) + "' in " + what_ + " must be " + std::string(type));
}

Status TomlReader::Finish() const {
  if (error_) return std::unexpected(*error_);
  return {};
}

void TomlReader::Adopt(const Status& inner) {
  if (!inner && !error_) error_ = inner.error();
}

const toml::node* TomlReader::Required(std::string_view key, std::string_view type) {
  const toml::node* node = Node(key);
  if (node == nullptr) Wrong(key, what_ + " needs '" + std::string(key) + "' (" + std::string(type) + ")");
  return node;
}

std::string TomlReader::Text(std::string_view key) {
  const toml::node* node = Required(key, "a text");
  if (node == nullptr) return "";
  const auto text = node->value_exact<std::string>();
  if (!text || Trim(*text).empty()) {
    WrongType(key, "a text that is not empty");
    return "";
  }
  return *text;
}

LocalText TomlReader::TextInBoth(std::string_view key) {
  const toml::node* node = Required(key, "a table of ja and en");
  if (node == nullptr) return {};
  const toml::table* table = node->as_table();
  if (table == nullptr) {
    WrongType(key, "a table: " + std::string(key) + ".ja and " + std::string(key) + ".en");
    return {};
  }
  TomlReader inner(*table, file_, "'" + std::string(key) + "' of " + what_, {"ja", "en"});
  LocalText text{inner.Text("ja"), inner.Text("en")};
  Adopt(inner.Finish());
  return text;
}

std::string TomlReader::OneOf(std::string_view key, std::initializer_list<std::string_view> words) {
  std::string text = Text(key);
  if (!text.empty() && !Contains(words, text)) {
    Wrong(key, "'" + std::string(key) + "' is '" + CleanText(text) + "'; it must be one of: " + Join(words));
  }
  return text;
}

std::string TomlReader::OneOf(std::string_view key, std::initializer_list<std::string_view> words,
                              std::string_view missing) {
  return Node(key) == nullptr ? std::string(missing) : OneOf(key, words);
}

std::int64_t TomlReader::Number(std::string_view key, std::int64_t least, std::int64_t most) {
  const toml::node* node = Required(key, "a whole number");
  if (node == nullptr) return least;
  const auto number = node->value_exact<std::int64_t>();
  if (!number || *number < least || *number > most) {
    WrongType(key, "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    return least;
  }
  return *number;
}

std::int64_t TomlReader::Number(std::string_view key, std::int64_t least, std::int64_t most, std::int64_t missing) {
  return Node(key) == nullptr ? missing : Number(key, least, most);
}

std::vector<std::string> TomlReader::Texts(std::string_view key) {
  const toml::node* node = Node(key);
  if (node == nullptr) return {};
  const toml::array* array = node->as_array();
  if (array == nullptr) {
    WrongType(key, "a list of texts");
    return {};
  }
  std::vector<std::string> texts;
  for (const toml::node& element : *array) {
    const auto text = element.value_exact<std::string>();
    if (text && !text->empty()) {
      texts.push_back(*text);
    } else {
      WrongAt(element.source(), "'" + std::string(key) + "' in " + what_ + " must be a list of texts");
    }
  }
  return texts;
}

std::vector<const toml::table*> TomlReader::Tables(std::string_view key) {
  const toml::node* node = Node(key);
  if (node == nullptr) return {};
  const toml::array* array = node->as_array();
  if (array == nullptr) {
    WrongType(key, "a list of tables: [[" + std::string(key) + "]]");
    return {};
  }
  std::vector<const toml::table*> tables;
  for (const toml::node& element : *array) {
    if (const toml::table* table = element.as_table()) {
      tables.push_back(table);
    } else {
      WrongAt(element.source(), "'" + std::string(key) + "' in " + what_ + " must be a list of tables");
    }
  }
  return tables;
}

const toml::table* TomlReader::Table(std::string_view key) {
  const toml::node* node = Node(key);
  if (node == nullptr) return nullptr;
  const toml::table* table = node->as_table();
  if (table == nullptr) WrongType(key, "a table: [" + std::string(key) + "]");
  return table;
}

}  // namespace daicho::collector
