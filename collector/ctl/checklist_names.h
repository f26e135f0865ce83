// Names of checklist rows and tables of findings. A row is always named with part, number and heading, never by a bare
// number: editions renumber.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collector/ctl/session.h"
#include "collector/reports/table.h"
#include "common/error.h"
#include "daicho/v1/admin.pb.h"

namespace daicho::collector {

// The text in one language; the other one if that is empty.
const std::string& Pick(const v1::LocalizedText& text, Language language);

class ChecklistNames {
 public:
  // The collector's checklist. An error only if no row came.
  static Result<ChecklistNames> Load(Session& session);

  void Add(const v1::ChecklistRow& row);

  // The number as printed, with a count behind it where the form prints it more than once in a part: "B7(2)".
  std::string Number(const v1::ChecklistRow& row) const;

  // "Part 1 B9 ➁ …heading…"; the id itself for a row of another edition.
  std::string Label(const std::string& id, Language language) const;

  // Labels of all rows of a finding, joined; a text of its own for none.
  std::string Labels(const v1::Finding& finding, Language language) const;

  // Place of the finding's first row in the checklist; behind all rows for none.
  std::size_t Place(const v1::Finding& finding) const;

 private:
  struct Row {
    std::size_t place;
    v1::ChecklistRow row;
  };
  std::map<std::string, Row> rows_;
  std::map<std::pair<std::uint32_t, std::string>, std::vector<std::string>> numbers_;  // ids of the rows with it
};

// Findings of one rule, by subject and host, each with what to do about it. Where that is the same for all of them,
// it is said once.
struct RuleFindings {
  std::string title;  // "[high] Account never used"
  Table table;
  std::string resolution;                // for every row; empty if it differs
  std::vector<std::string> resolutions;  // one a row, equal ones side by side; empty if they do not differ
};

// Findings that share their checklist rows, worst rule first.
struct FindingGroup {
  std::string title;  // the checklist rows
  std::vector<RuleFindings> rules;
};

// Groups in the order of the checklist. `one_device`: the host name is left out.
std::vector<FindingGroup> GroupFindings(std::vector<v1::Finding> findings, const ChecklistNames& names,
                                        Language language, bool one_device);

// 0 info … 3 high; a severity that this build does not know counts as the worst.
int SeverityRank(std::string_view severity);

}  // namespace daicho::collector
