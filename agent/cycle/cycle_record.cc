#include "agent/cycle/cycle_record.h"

#include <limits>
#include <optional>

#include "agent/identity/config.h"
#include "common/files.h"
#include "common/toml.h"

namespace daicho::agent {

namespace {

void Line(const char* key, std::int64_t value, std::string& out) {
  out += std::string(key) + " = " + std::to_string(value) + "\n";
}

void Line(const char* key, const std::string& value, std::string& out) {
  out += std::string(key) + " = " + TomlString(value) + "\n";
}

void Line(const char* key, const std::vector<std::string>& values, std::string& out) {
  out += std::string(key) + " = [";
  for (const std::string& value : values) out += (&value == &values.front() ? "" : ", ") + TomlString(value);
  out += "]\n";
}

// Reads typed values of one table; remembers the first one that has another type.
class TableReader {
 public:
  TableReader(const toml::table& table, const std::string& file) : table_(table), file_(file) {}

  template <typename Integer>
    requires std::numeric_limits<Integer>::is_integer
  void Read(const char* key, Integer& value) {
    const toml::node* node = table_.get(key);
    if (!node) return;
    const auto number = node->value_exact<std::int64_t>();
    if (!number || *number < static_cast<std::int64_t>(std::numeric_limits<Integer>::min()) ||
        (sizeof(Integer) < 8 && *number > static_cast<std::int64_t>(std::numeric_limits<Integer>::max()))) {
      Complain(*node, key, "a number in range");
    } else {
      value = static_cast<Integer>(*number);
    }
  }
  void Read(const char* key, std::string& value) {
    const toml::node* node = table_.get(key);
    if (!node) return;
    if (auto text = node->value_exact<std::string>()) {
      value = std::move(*text);
    } else {
      Complain(*node, key, "a string");
    }
  }
  void Read(const char* key, std::vector<std::string>& values) {
    const toml::node* node = table_.get(key);
    if (!node) return;
    if (!node->is_array()) return Complain(*node, key, "a list of strings");
    for (const toml::node& item : *node->as_array()) {
      const auto text = item.value_exact<std::string>();
      if (!text) return Complain(item, key, "a list of strings");
      values.push_back(*text);
    }
  }
  void Complain(const toml::node& node, const char* key, const char* wanted) {
    if (problem.empty()) problem = At(file_, node.source(), std::string(key) + " must be " + wanted);
  }

  std::string problem;

 private:
  const toml::table& table_;
  const std::string& file_;
};

// Calls `field` with each name and value; the one list of fields for both directions.
void SectionFields(auto& section, auto&& field) {
  field("name", section.name);
  field("status", section.status);
  field("rows", section.rows);
  field("outcome", section.outcome);
  field("message", section.message);
}

void RecordFields(auto& record, auto&& field) {
  field("started_at", record.started_at);
  field("finished_at", record.finished_at);
  field("next_at", record.next_at);
  field("code", record.code);
  field("message", record.message);
  field("next_check_in_seconds", record.next_check_in_seconds);
  field("retry_after_seconds", record.retry_after_seconds);
  field("cpu_ms", record.cpu_ms);
  field("peak_rss_kib", record.peak_rss_kib);
  field("bytes_out", record.bytes_out);
  field("bytes_in", record.bytes_in);
  field("sections_sent", record.sections_sent);
  field("overruns", record.overruns);
  field("warnings", record.warnings);
}

std::string ReadSections(const toml::table& table, const std::string& file, CycleRecord& record) {
  const toml::node* list = table.get("section");
  if (!list) return {};
  if (!list->is_array()) return At(file, list->source(), "section must be a list of tables");
  for (const toml::node& item : *list->as_array()) {
    if (!item.is_table()) return At(file, item.source(), "section must be a list of tables");
    TableReader reader(*item.as_table(), file);
    SectionRecord section;
    SectionFields(section, [&](const char* key, auto& value) { reader.Read(key, value); });
    if (!reader.problem.empty()) return reader.problem;
    record.sections.push_back(std::move(section));
  }
  return {};
}

}  // namespace

std::string FormatCycleRecord(const CycleRecord& record) {
  std::string text;
  RecordFields(record, [&](const char* key, const auto& value) { Line(key, value, text); });
  for (const SectionRecord& section : record.sections) {
    text += "\n[[section]]\n";
    SectionFields(section, [&](const char* key, const auto& value) { Line(key, value, text); });
  }
  return text;
}

Result<CycleRecord> ParseCycleRecord(std::string_view text, const std::string& file) {
  const auto parsed = ParseToml(text, file, Code::kDataLoss);
  if (!parsed) return std::unexpected(parsed.error());
  CycleRecord record;
  TableReader reader(*parsed, file);
  RecordFields(record, [&](const char* key, auto& value) { reader.Read(key, value); });
  std::string problem = reader.problem.empty() ? ReadSections(*parsed, file, record) : reader.problem;
  if (!problem.empty()) return Fail(Code::kDataLoss, std::move(problem));
  return record;
}

Status SaveCycleRecord(const AgentState& state, const CycleRecord& record) {
  return WriteFileAtomically(state.LastCycle(), FormatCycleRecord(record), 0644);
}

Result<CycleRecord> LoadCycleRecord(const AgentState& state) {
  const auto text = ReadFile(state.LastCycle(), 1u << 20);
  if (!text) return std::unexpected(text.error());
  return ParseCycleRecord(*text, state.LastCycle());
}

}  // namespace daicho::agent
