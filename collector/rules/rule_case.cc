#include "collector/rules/rule_case.h"

#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>

#include <memory>
#include <sstream>

#include "collector/rules/toml_reader.h"
#include "common/sections.h"
#include "common/text.h"
#include "common/time_format.h"

namespace daicho::collector {

namespace {

constexpr std::string_view kDefaultNow = "2026-04-01T00:00:00Z";
constexpr std::string_view kDefaultEnrolled = "2025-01-01T00:00:00Z";

template <typename Value>
std::string Print(Value value) {  // not const: toml++ prints only what it may change
  std::ostringstream text;
  text << value;
  return text.str();
}

Result<UnixTime> TimeOf(const toml::node& node) {
  const auto stated = node.value_exact<toml::date_time>();
  return stated ? ParseTime(Print(*stated)) : Fail(Code::kInvalidArgument, "no time");
}

UnixTime ReadTime(TomlReader& reader, std::string_view key, UnixTime missing) {
  const toml::node* node = reader.Node(key);
  if (node == nullptr) return missing;
  const auto time = TimeOf(*node);
  if (!time) reader.Wrong(key, "'" + std::string(key) + "' of a case must be a time such as 2026-04-01T00:00:00Z");
  return time.value_or(missing);
}

bool ReadFlag(TomlReader& reader, std::string_view key) {
  const toml::node* node = reader.Node(key);
  if (node == nullptr) return false;
  const auto flag = node->value_exact<bool>();
  if (!flag) reader.Wrong(key, "'" + std::string(key) + "' of a case must be true or false");
  return flag.value_or(false);
}

void ReadReported(TomlReader& reader, RuleCase& rule_case) {
  const toml::node* node = reader.Node("reported");
  if (node != nullptr && node->is_boolean() && !node->value_or(true)) return;
  rule_case.reported = ReadTime(reader, "reported", rule_case.now);
}

void ReadHistory(TomlReader& reader, RuleCase& rule_case) {
  if (reader.Node("since") != nullptr) rule_case.since = ReadTime(reader, "since", rule_case.now);
  if (reader.Node("gone") != nullptr) rule_case.gone = ReadTime(reader, "gone", rule_case.now);
  if (reader.Node("clock_right_from") != nullptr) {
    rule_case.clock_right_from = ReadTime(reader, "clock_right_from", rule_case.now);
  }
  const toml::node* skew = reader.Node("clock_skew_seconds");
  if (skew == nullptr) return;
  rule_case.clock_skew_seconds = skew->value_exact<std::int64_t>();
  if (!rule_case.clock_skew_seconds) reader.Wrong("clock_skew_seconds", "'clock_skew_seconds' must be a whole number");
}

void ReadClaims(TomlReader& reader, RuleCase& rule_case) {
  if (reader.Node("claims") == nullptr) return;
  for (const toml::table* entry : reader.Tables("claims")) {
    CaseClaim claim;
    const toml::node* at = entry->get("at");
    const auto time = at != nullptr ? TimeOf(*at) : Fail(Code::kInvalidArgument, "no time");
    if (!time) reader.WrongAt(entry->source(), "a claim needs 'at', a time such as 2026-04-01T00:00:00Z");
    claim.at = time.value_or(rule_case.now);
    claim.machine = (*entry)["machine"].value_or(std::string());
    claim.hostname = (*entry)["hostname"].value_or(std::string());
    claim.address = (*entry)["address"].value_or(std::string());
    rule_case.claims.push_back(std::move(claim));
  }
}

void ReadParameters(TomlReader& reader, RuleCase& rule_case) {
  const toml::table* table = reader.Table("parameters");
  if (table == nullptr) return;
  for (const auto& [key, value] : *table) {
    if (const auto number = value.value_exact<std::int64_t>()) {
      rule_case.parameters[std::string(key.str())] = *number;
    } else if (const auto text = value.value_exact<std::string>()) {
      rule_case.parameters[std::string(key.str())] = *text;
    } else {
      reader.WrongAt(value.source(), "a parameter must be a whole number or a text");
    }
  }
}

void ReadRow(TomlReader& reader, const SectionType& type, const toml::node& node, Rows& rows) {
  if (!node.is_table()) {
    return reader.WrongAt(node.source(), "a row of section '" + std::string(type.name) + "' must be a table");
  }
  const std::unique_ptr<google::protobuf::Message> row(type.prototype->New());
  const std::string json = Print(toml::json_formatter(node));
  const auto parsed = google::protobuf::util::JsonStringToMessage(json, row.get());
  if (!parsed.ok()) {
    return reader.WrongAt(
        node.source(), "row of section '" + std::string(type.name) + "': " + CleanText(std::string(parsed.message())));
  }
  rows.push_back(RowBytes(*row));
}

void ReadRows(TomlReader& reader, RuleCase& rule_case) {
  const toml::table* table = reader.Table("rows");
  if (table == nullptr) return;
  for (const auto& [key, value] : *table) {
    const SectionType* type = FindSection(key.str());
    const toml::array* list = value.as_array();
    if (type == nullptr || list == nullptr) {
      reader.WrongAt(key.source(), type == nullptr ? "no section '" + CleanText(key.str()) + "'"
                                                   : "rows of a section must be a list of tables");
      continue;
    }
    Rows& rows = rule_case.rows[std::string(key.str())];
    for (const toml::node& node : *list) ReadRow(reader, *type, node, rows);
    OrderRows(rows);
  }
}

void ReadExpected(TomlReader& reader, RuleCase& rule_case) {
  if (reader.Node("expect") == nullptr) reader.Wrong("expect", "a case needs 'expect' (an empty list: no finding)");
  for (const toml::table* entry : reader.Tables("expect")) {
    ExpectedFinding expected;
    for (const auto& [key, value] : *entry) {
      const auto text = value.value_exact<std::string>();
      if (!text) {
        reader.WrongAt(value.source(), "what is expected must be a text");
      } else if (key.str() == "subject") {
        expected.subject = *text;
      } else {
        expected.evidence[std::string(key.str())] = *text;
      }
    }
    if (expected.subject.empty()) reader.WrongAt(entry->source(), "an expected finding needs 'subject'");
    rule_case.expected.push_back(std::move(expected));
  }
}

RuleCase ReadCase(TomlReader& reader, const toml::table& table, const std::string& file) {
  RuleCase rule_case;
  rule_case.name = reader.Text("name");
  rule_case.place = At(file, table.source(), rule_case.name);
  rule_case.now = ReadTime(reader, "now", *ParseTime(kDefaultNow));
  rule_case.enrolled = ReadTime(reader, "enrolled", *ParseTime(kDefaultEnrolled));
  ReadReported(reader, rule_case);
  ReadHistory(reader, rule_case);
  ReadClaims(reader, rule_case);
  rule_case.failed = reader.Texts("failed");
  rule_case.revoked = ReadFlag(reader, "revoked");
  ReadParameters(reader, rule_case);
  ReadRows(reader, rule_case);
  ReadExpected(reader, rule_case);
  return rule_case;
}

}  // namespace

Result<std::vector<RuleCase>> ParseRuleCases(std::string_view text, const std::string& file) {
  const auto table = ParseToml(text, file);
  if (!table) return std::unexpected(table.error());
  std::vector<RuleCase> cases;
  const toml::array* list = table->get("case") == nullptr ? nullptr : table->get("case")->as_array();
  if (list == nullptr) return cases;
  for (const toml::node& node : *list) {
    const toml::table* entry = node.as_table();
    if (entry == nullptr) return Fail(Code::kInvalidArgument, At(file, node.source(), "a case must be a table"));
    TomlReader reader(*entry, file, "a case",
                      {"name", "now", "enrolled", "since", "gone", "reported", "clock_skew_seconds", "clock_right_from",
                       "claims", "failed", "revoked", "parameters", "rows", "expect"});
    cases.push_back(ReadCase(reader, *entry, file));
    if (auto done = reader.Finish(); !done) return std::unexpected(done.error());
  }
  return cases;
}

}  // namespace daicho::collector
