#include "collector/rules/checklist.h"

#include <algorithm>
#include <set>

#include "collector/rules/toml_reader.h"
#include "common/files.h"

namespace daicho::collector {

namespace {

// ASCII only: ids and aliases are.
std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

// "p1.b6" begins "p1.b6a" and "p1.b6.1", but not "p1.b61".
bool IsBeginningOf(std::string_view beginning, std::string_view id) {
  if (!id.starts_with(beginning)) return false;
  return id.size() == beginning.size() || id[beginning.size()] < '0' || id[beginning.size()] > '9';
}

EvidenceLevel ParseLevel(std::string_view text) {
  if (text == "full") return EvidenceLevel::kFull;
  return text == "part" ? EvidenceLevel::kPart : EvidenceLevel::kNone;
}

Result<ChecklistItem> ParseRow(const toml::table& table, const std::string& file) {
  TomlReader reader(table, file, "a row",
                    {"id", "part", "number", "heading", "summary", "evidence", "rules", "aliases"});
  ChecklistItem row;
  row.id = reader.Text("id");
  row.part = static_cast<int>(reader.Number("part", 1, 9));
  row.number = reader.Text("number");
  row.heading = reader.TextInBoth("heading");
  row.summary = reader.TextInBoth("summary");
  row.evidence = ParseLevel(reader.OneOf("evidence", {"full", "part", "none"}));
  row.rules = reader.Texts("rules");
  row.aliases = reader.Texts("aliases");
  if (LowerCase(row.id) != row.id) reader.Wrong("id", "'id' must be in lower case");
  if (auto done = reader.Finish(); !done) return std::unexpected(done.error());
  return row;
}

}  // namespace

std::string_view EvidenceLevelName(EvidenceLevel level) {
  switch (level) {
    case EvidenceLevel::kFull:
      return "full";
    case EvidenceLevel::kPart:
      return "part";
    case EvidenceLevel::kNone:
      break;
  }
  return "none";
}

Checklist::Checklist(std::string edition, LocalText title, std::vector<ChecklistItem> rows)
    : edition_(std::move(edition)), title_(std::move(title)), rows_(std::move(rows)) {}

const ChecklistItem* Checklist::Find(std::string_view id) const {
  const auto found = std::find_if(rows_.begin(), rows_.end(), [&](const ChecklistItem& row) { return row.id == id; });
  return found == rows_.end() ? nullptr : &*found;
}

Result<std::vector<std::string>> Checklist::ResolveItem(std::string_view text) const {
  const std::string wanted = LowerCase(text);
  const auto collect = [&](auto matches) {
    std::vector<std::string> ids;
    for (const ChecklistItem& row : rows_) {
      if (matches(row)) ids.push_back(row.id);
    }
    return ids;
  };
  const auto has_alias = [&](const ChecklistItem& row) {
    return std::any_of(row.aliases.begin(), row.aliases.end(),
                       [&](const std::string& alias) { return LowerCase(alias) == wanted; });
  };
  if (Find(wanted) != nullptr) return std::vector<std::string>{wanted};
  if (auto ids = collect(has_alias); !ids.empty()) return ids;
  if (!wanted.empty()) {
    if (auto ids = collect([&](const ChecklistItem& row) { return IsBeginningOf(wanted, row.id); }); !ids.empty()) {
      return ids;
    }
  }
  return Fail(Code::kNotFound, "no checklist row '" + std::string(text) +
                                   "'; 'daicho checklist' lists them all (ids such as p1.b6a, or B6, B10)");
}

LocalText Checklist::PrintedItem(std::string_view id) const {
  const ChecklistItem* row = Find(id);
  if (row == nullptr) return {std::string(id), std::string(id)};
  const std::string number = "Part" + std::to_string(row->part) + " " + row->number + " ";
  return {number + row->heading.ja, number + row->heading.en};
}

LocalText ProposeAnswer(const ChecklistItem& row, std::uint64_t open_findings, std::uint64_t reporting_devices,
                        bool gaps) {
  if (row.rules.empty() || row.evidence == EvidenceLevel::kNone) {
    return {"要確認（人が確認）", "to be answered by a person"};
  }
  if (reporting_devices == 0) return {"要確認（報告した機器なし）", "to be checked (no device has reported)"};
  if (open_findings > 0) return {"いいえ（案）", "no (proposed)"};
  if (gaps) {
    return {"要確認（確認できていない機器・アカウントあり）",
            "to be confirmed (some devices or accounts could not be checked)"};
  }
  return {"要確認（自動確認の範囲では指摘なし）", "to be confirmed (automatic checks found nothing)"};
}

Result<Checklist> ParseChecklist(std::string_view text, const std::string& file) {
  const auto table = ParseToml(text, file);
  if (!table) return std::unexpected(table.error());
  TomlReader reader(*table, file, "a checklist", {"edition", "title", "row"});
  std::string edition = reader.Text("edition");
  LocalText title = reader.TextInBoth("title");
  std::vector<ChecklistItem> rows;
  std::set<std::string> ids;
  for (const toml::table* entry : reader.Tables("row")) {
    auto row = ParseRow(*entry, file);
    if (!row) {
      reader.Adopt(std::unexpected(row.error()));
      break;
    }
    if (!ids.insert(row->id).second) {
      reader.WrongAt(entry->get("id")->source(), "row id '" + row->id + "' is used twice");
    }
    rows.push_back(*std::move(row));
  }
  if (rows.empty()) reader.Wrong("row", "a checklist needs rows: [[row]]");
  if (auto done = reader.Finish(); !done) return std::unexpected(done.error());
  return Checklist(std::move(edition), std::move(title), std::move(rows));
}

Result<Checklist> LoadChecklist(const std::string& file) {
  const auto text = ReadFile(file, 4u << 20);
  if (!text) return std::unexpected(text.error());
  return ParseChecklist(*text, file);
}

}  // namespace daicho::collector
