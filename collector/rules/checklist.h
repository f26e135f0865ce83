// A checklist edition: the rows of the form that a hospital has to answer, one TOML file an edition.
//
//   edition = "keiyaku-an"            name of the edition; also the file's name
//   title.ja, title.en                name of the form
//   [[row]]
//   id = "p1.b6a"                     stable, keyed on everywhere; numbers change between editions, ids do not
//   part = 1                          part of the form
//   number = "B6(a)"                  as printed
//   heading.ja, heading.en            the form's own short heading
//   summary.ja, summary.en            what the row asks, in our own words
//   evidence = "full"                 how much of it machine facts can evidence: full, part, none
//   rules = ["device-silent"]         rules that evidence it (default: none)
//   aliases = ["B6"]                  what people call it; one alias may name several rows (default: none)
//
// Immutable once loaded; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collector/rules/local_text.h"
#include "common/error.h"

namespace daicho::collector {

enum class EvidenceLevel { kNone, kPart, kFull };

std::string_view EvidenceLevelName(EvidenceLevel level);  // "none", "part", "full"

struct ChecklistItem {
  std::string id;
  int part = 0;
  std::string number;
  LocalText heading;
  LocalText summary;
  EvidenceLevel evidence = EvidenceLevel::kNone;
  std::vector<std::string> rules;
  std::vector<std::string> aliases;
};

class Checklist {
 public:
  Checklist() = default;
  Checklist(std::string edition, LocalText title, std::vector<ChecklistItem> rows);

  const std::string& edition() const { return edition_; }
  const LocalText& title() const { return title_; }
  // In the form's order.
  const std::vector<ChecklistItem>& rows() const& { return rows_; }
  std::vector<ChecklistItem> rows() && { return std::move(rows_); }  // so that a loop over a temporary is right
  const ChecklistItem* Find(std::string_view id) const;              // nullptr: no such row

  // Row ids meant by an id ("p1.b6a"), the beginning of ids ("p1.b6", "p1") or an alias ("B6" → p1.b6a, p1.b6b; "B10" →
  // p1.b9.2), whatever the case, in the form's order. kNotFound: nothing of that name; the message says how to see all.
  Result<std::vector<std::string>> ResolveItem(std::string_view text) const;

  // "Part1 B9➁ 医療情報システムの管理・運用": what is printed for a row, never a bare number. The id itself if there
  // is no such row.
  LocalText PrintedItem(std::string_view id) const;

 private:
  std::string edition_;
  LocalText title_;
  std::vector<ChecklistItem> rows_;
};

// What the facts propose as the answer of a row; a person decides, so never "yes": machines see no location, owner or
// contract. No rule evidences the row, or no device reports: a person has to answer. `open_findings`: open and of a
// severity above info. `gaps`: some device or account could not be judged.
LocalText ProposeAnswer(const ChecklistItem& row, std::uint64_t open_findings, std::uint64_t reporting_devices,
                        bool gaps);

// kInvalidArgument: `file:line:column: what`; kNotFound, kPermissionDenied: the file cannot be read.
Result<Checklist> LoadChecklist(const std::string& file);

// The same from the file's text. Pure.
Result<Checklist> ParseChecklist(std::string_view text, const std::string& file);

}  // namespace daicho::collector
