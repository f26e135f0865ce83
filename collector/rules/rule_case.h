// A rule's own cases: what one device reports, and the findings expected of it. Run by the tests on each store engine.
//
//   [[case]]
//   name = "91 days without a login"
//   now = 2026-04-01T00:00:00Z          when the rule is judged (default: this)
//   enrolled = 2025-01-01T00:00:00Z     (default: this)
//   reported = 2026-04-01T00:00:00Z     last report; false: never (default: now)
//   since = 2025-06-01T00:00:00Z        an earlier report of the same rows (default: none)
//   gone = 2025-09-01T00:00:00Z         a report between the two, of the same sections without rows (default: none)
//   clock_skew_seconds = -90000         device clock minus collector clock (default: not known)
//   clock_right_from = 2026-03-01T00:00:00Z   reports from then on have a right clock (default: none)
//   claims = [{ at = 2026-03-30T00:00:00Z, machine = "m2", hostname = "pc-2", address = "192.0.2.9" }]
//                                       check-ins of other machines with the device's key (default: none)
//   failed = ["accounts"]               sections that failed at a check-in at `now`, after the report (default: none)
//   revoked = true                      the device was revoked after the report (default: false)
//   parameters = { days = 30 }          (default: the rule's)
//   rows.accounts = [ { name = "yamada", uid = 1001, enabled = true, last_use = { at = 2025-12-31T00:00:00Z } } ]
//                                       by section: rows with the protobuf's field names (default: no report of it)
//   expect = [ { subject = "yamada", days_unused = "91" } ]   subjects, and evidence columns where they are named
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/rules/rule_set.h"
#include "common/clock.h"
#include "common/delta.h"
#include "common/error.h"

namespace daicho::collector {

struct ExpectedFinding {
  std::string subject;
  std::map<std::string, std::string> evidence;  // columns that the case names; others are not compared
};

struct CaseClaim {
  UnixTime at = 0;
  std::string machine;
  std::string hostname;
  std::string address;
};

struct RuleCase {
  std::string name;
  std::string place;  // "file:line:column: name"
  UnixTime now = 0;
  UnixTime enrolled = 0;
  std::optional<UnixTime> since;
  std::optional<UnixTime> gone;
  std::optional<UnixTime> reported;
  std::optional<std::int64_t> clock_skew_seconds;
  std::optional<UnixTime> clock_right_from;
  std::vector<CaseClaim> claims;
  std::vector<std::string> failed;
  bool revoked = false;
  std::map<std::string, SqlValue> parameters;
  std::map<std::string, Rows> rows;  // by section; ordered
  std::vector<ExpectedFinding> expected;
};

// The cases in the text of a rule file. kInvalidArgument: `file:line:column: what`. Pure.
Result<std::vector<RuleCase>> ParseRuleCases(std::string_view text, const std::string& file);

}  // namespace daicho::collector
