// One rule file: ParseRule().
#include <algorithm>
#include <cctype>
#include <set>

#include "collector/rules/rule_set.h"
#include "collector/rules/rule_text.h"
#include "collector/rules/toml_reader.h"
#include "common/text.h"

namespace daicho::collector {

namespace {

// It stands in keys of the ledger's indexes.
constexpr std::size_t kMaxIdBytes = 64;

bool IsNameCharacter(char c, char also) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == also; }

// Lower-case letters, digits and `also`, beginning with a letter.
bool IsName(std::string_view text, char also) {
  return !text.empty() && text[0] >= 'a' && text[0] <= 'z' &&
         std::all_of(text.begin(), text.end(), [also](char c) { return IsNameCharacter(c, also); });
}

Severity ParseSeverity(std::string_view text) {
  if (text == "high") return Severity::kHigh;
  if (text == "medium") return Severity::kMedium;
  return text == "low" ? Severity::kLow : Severity::kInfo;
}

RuleSubject ParseSubject(std::string_view text) {
  if (text == "account") return RuleSubject::kAccount;
  if (text == "software") return RuleSubject::kSoftware;
  return text == "listener" ? RuleSubject::kListener : RuleSubject::kDevice;
}

EvidenceKind ParseKind(std::string_view text) {
  if (text == "time") return EvidenceKind::kTime;
  if (text == "list") return EvidenceKind::kList;
  return text == "number" ? EvidenceKind::kNumber : EvidenceKind::kText;
}

// Skips what begins at `sql` and is no place for a parameter: a quoted text or name, a comment. 0: nothing to skip.
std::size_t SkippedLength(std::string_view sql) {
  const auto upto = [&](std::string_view end, std::size_t from) {
    const auto found = sql.find(end, from);
    return found == std::string_view::npos ? sql.size() : found + end.size();
  };
  if (sql.starts_with("'")) return upto("'", 1);
  if (sql.starts_with("\"")) return upto("\"", 1);
  if (sql.starts_with("--")) return upto("\n", 2);
  if (sql.starts_with("/*")) return upto("*/", 2);
  return sql.starts_with("::") ? 2 : 0;
}

// Names used as :name, each once, sorted.
std::vector<std::string> BoundNames(std::string_view sql) {
  std::set<std::string> names;
  while (!sql.empty()) {
    if (const std::size_t skipped = SkippedLength(sql); skipped > 0) {
      sql.remove_prefix(skipped);
      continue;
    }
    const bool colon = sql[0] == ':';
    sql.remove_prefix(1);
    if (!colon) continue;
    const auto is_part = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
    const auto end = static_cast<std::size_t>(std::find_if_not(sql.begin(), sql.end(), is_part) - sql.begin());
    if (end > 0) names.emplace(sql.substr(0, end));
    sql.remove_prefix(end);
  }
  return {names.begin(), names.end()};
}

template <typename Map>
std::string KeysOf(const Map& map) {
  std::string keys;
  for (const auto& [key, value] : map) keys += (keys.empty() ? "" : ", ") + key;
  return keys.empty() ? "none" : keys;
}

void ReadParameters(TomlReader& reader, Rule& rule) {
  const toml::table* table = reader.Table("parameters");
  if (table == nullptr) return;
  for (const auto& [key, value] : *table) {
    const std::string name(key.str());
    if (!IsName(name, '_') || name == "now") {
      reader.WrongAt(key.source(), "parameter '" + CleanText(name) + "' must be a name such as days (and not now)");
    } else if (const auto number = value.value_exact<std::int64_t>()) {
      rule.parameters[name] = *number;
    } else if (const auto text = value.value_exact<std::string>()) {
      rule.parameters[name] = *text;
    } else {
      reader.WrongAt(value.source(), "parameter '" + name + "' must be a whole number or a text");
    }
  }
}

void ReadEvidence(TomlReader& reader, Rule& rule) {
  const toml::table* table = reader.Table("evidence");
  if (table == nullptr) return;
  for (const auto& [key, value] : *table) {
    const std::string name(key.str());
    const auto kind = value.value_exact<std::string>();
    if (!IsName(name, '_') || name == "device_id" || name == "subject" || rule.parameters.contains(name)) {
      reader.WrongAt(key.source(),
                     "evidence '" + CleanText(name) +
                         "' must be the name of a column, and neither device_id, subject nor a parameter");
    } else if (!kind || (*kind != "text" && *kind != "number" && *kind != "time" && *kind != "list")) {
      reader.WrongAt(value.source(), "kind of evidence '" + name + "' must be one of: text, number, time, list");
    } else {
      rule.evidence[name] = ParseKind(*kind);
    }
  }
}

// The place of `key.language`.
toml::source_region PlaceOf(const toml::table& table, std::string_view key, const char* language) {
  const toml::node* text = table[key][language].node();
  return text != nullptr ? text->source() : table.source();
}

void CheckTemplate(TomlReader& reader, const Rule& rule, const std::string& text, bool with_evidence,
                   const toml::source_region& place) {
  const auto names = PlaceholdersOf(text);
  if (!names) return reader.WrongAt(place, names.error().message);
  for (const std::string& name : *names) {
    if (rule.parameters.contains(name)) continue;
    if (with_evidence && (name == "subject" || rule.evidence.contains(name))) continue;
    const std::string valid = with_evidence ? "subject; evidence: " + KeysOf(rule.evidence) + "; parameters: "
                                            : "parameters (a title has no evidence): ";
    reader.WrongAt(place, "unknown placeholder {" + CleanText(name) + "}; " + valid + KeysOf(rule.parameters));
  }
}

void CheckTemplates(TomlReader& reader, const Rule& rule, const toml::table& table) {
  const auto check = [&](const LocalText& text, const char* key, bool with_evidence) {
    CheckTemplate(reader, rule, text.ja, with_evidence, PlaceOf(table, key, "ja"));
    CheckTemplate(reader, rule, text.en, with_evidence, PlaceOf(table, key, "en"));
  };
  check(rule.title, "title", false);
  check(rule.detail, "detail", true);
  check(rule.resolution, "resolution", true);
}

void CheckItems(TomlReader& reader, const Rule& rule, const Checklist& checklist) {
  if (rule.items.empty()) reader.Wrong("items", "a rule needs 'items': the checklist rows that it evidences");
  for (const std::string& item : rule.items) {
    if (checklist.Find(item) != nullptr) continue;
    reader.Wrong("items", "unknown checklist row '" + CleanText(item) + "' (checklist " + checklist.edition() +
                              "); rows have ids such as p1.b9.2");
  }
}

// "file:line:column"
std::string PlaceOfSelect(const toml::table& table, const std::string& file) {
  const toml::node* select = table.get("select");
  const toml::source_position begin = (select != nullptr ? select->source() : table.source()).begin;
  return file + ":" + std::to_string(begin.line) + ":" + std::to_string(begin.column);
}

void CheckSelect(TomlReader& reader, Rule& rule) {
  rule.bound = BoundNames(rule.select);
  for (const std::string& name : rule.bound) {
    if (name == "now" || rule.parameters.contains(name)) continue;
    reader.Wrong("select", "unknown parameter :" + name + "; valid: now, " + KeysOf(rule.parameters));
  }
  // Evidence must be columns, and only the engine can tell the columns; but one that the text does not even mention
  // is a slip that is better told with its place.
  for (const auto& [name, kind] : rule.evidence) {
    if (rule.select.find(name) == std::string::npos) {
      reader.Wrong("select", "'select' gives no column '" + name + "', which [evidence] names");
    }
  }
}

}  // namespace

Result<Rule> ParseRule(std::string_view text, const std::string& file, const Checklist& checklist) {
  const auto table = ParseToml(text, file);
  if (!table) return std::unexpected(table.error());
  TomlReader reader(*table, file, "a rule",
                    {"id", "title", "detail", "resolution", "severity", "about", "items", "parameters", "evidence",
                     "select", "case"});
  Rule rule;
  rule.id = reader.Text("id");
  if (!IsName(rule.id, '-') || rule.id.size() > kMaxIdBytes) {
    reader.Wrong("id", "'id' must be lower-case letters, digits and hyphens, at most " + std::to_string(kMaxIdBytes));
  }
  rule.title = reader.TextInBoth("title");
  rule.detail = reader.TextInBoth("detail");
  rule.resolution = reader.TextInBoth("resolution");
  rule.severity = ParseSeverity(reader.OneOf("severity", {"info", "low", "medium", "high"}));
  rule.about = ParseSubject(reader.OneOf("about", {"account", "software", "listener", "device"}));
  rule.items = reader.Texts("items");
  ReadParameters(reader, rule);
  ReadEvidence(reader, rule);
  rule.select = reader.Text("select");
  rule.place = PlaceOfSelect(*table, file);
  reader.Tables("case");  // only that it is there and made of tables: rule_case.h reads it
  if (reader.ok()) CheckItems(reader, rule, checklist);
  if (reader.ok()) CheckTemplates(reader, rule, *table);
  if (reader.ok()) CheckSelect(reader, rule);
  if (auto done = reader.Finish(); !done) return std::unexpected(done.error());
  return rule;
}

}  // namespace daicho::collector
