// Rules as data: one TOML file a rule in deploy/rules, and the checklist edition that they evidence.
//
// A rule file (TOML v1.0) has these keys, all required unless a default is given:
//
//   id = "account-unused"             lower-case letters, digits, hyphens; also the file's name without ".toml"
//   title.ja, title.en                a few words; {name} is a parameter
//   detail.ja, detail.en              one sentence; {name} is subject, an evidence column or a parameter
//   resolution.ja, resolution.en      what the one person in charge does now; the same placeholders as in detail
//   severity = "medium"               info, low, medium, high
//   about = "account"                 what the subject names: account, software, listener, device
//   items = ["p1.b9.2"]               checklist rows that the rule evidences
//   [parameters]  days = 90           whole numbers or texts that a site may override (default: none)
//   [evidence]    last_use_at = "time"   column → kind: text, number, time (UTC seconds), list (JSON)
//   select = """SELECT …"""           on the documented views; exactly the columns device_id (if about = "software":
//                                     software_id), subject and those of [evidence]; may use :now (UTC seconds) and
//                                     each parameter as :name
//   [[case]]                          rows in, findings expected (rule_case.h)
//
// SELECTs are portable SQL (store/VIEWS.md); a device and subject named twice counts once (the first row). A rule about
// software judges items of the dictionary (view `software`), each once, and the verdict is carried to every device that
// has the item and is not revoked. Immutable once loaded; thread-safe.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collector/rules/checklist.h"
#include "collector/rules/local_text.h"
#include "collector/store/store.h"
#include "common/error.h"

namespace daicho::collector {

enum class Severity { kInfo, kLow, kMedium, kHigh };

std::string_view SeverityName(Severity severity);  // "info", "low", "medium", "high"

enum class EvidenceKind { kText, kNumber, kTime, kList };

enum class RuleSubject { kAccount, kSoftware, kListener, kDevice };

struct Rule {
  std::string id;
  LocalText title;
  LocalText detail;
  LocalText resolution;
  Severity severity = Severity::kInfo;
  RuleSubject about = RuleSubject::kDevice;
  std::vector<std::string> items;                // checklist row ids
  std::map<std::string, SqlValue> parameters;    // in force: the file's, or the site's
  std::map<std::string, EvidenceKind> evidence;  // columns that `select` gives beside device_id and subject
  std::string select;
  std::string place;               // "file:line:column" of `select`
  std::vector<std::string> bound;  // names that `select` uses as :name, without the colon
};

// A site's value of one parameter. `place` ("collector.toml:12:3") stands in errors about it.
struct RuleParameter {
  SqlValue value;  // whole number or text
  std::string place;
};
using RuleParameters = std::map<std::string, std::map<std::string, RuleParameter>>;  // rule id → parameter → value

class RuleSet {
 public:
  RuleSet() = default;
  RuleSet(std::vector<Rule> rules, Checklist checklist);

  // Ordered by id.
  const std::vector<Rule>& rules() const& { return rules_; }
  std::vector<Rule> rules() && { return std::move(rules_); }  // so that a loop over a temporary is right
  const Checklist& checklist() const { return checklist_; }
  const Rule* Find(std::string_view id) const;  // nullptr: no such rule (a finding may outlive its rule)

  // Ids of the rules that evidence any of the rows.
  std::vector<std::string> RulesFor(const std::vector<std::string>& items) const;

 private:
  std::vector<Rule> rules_;
  Checklist checklist_;
};

// Loads every *.toml of the folder. kInvalidArgument: `file:line:column: what`, naming the key and the valid ones:
// wrong or missing key, wrong type, placeholder or :name that is not declared, checklist row that `checklist` does not
// have, id used twice, override of a rule or parameter that does not exist or has another type. kNotFound,
// kPermissionDenied: the folder or a file cannot be read. One wrong rule fails the whole: a rule that is silently
// missing would look like a clean ledger.
Result<RuleSet> LoadRules(const std::string& folder, const RuleParameters& overrides, Checklist checklist);

// One rule from the text of its file, without overrides; `file` stands in errors. Pure.
Result<Rule> ParseRule(std::string_view text, const std::string& file, const Checklist& checklist);

}  // namespace daicho::collector
