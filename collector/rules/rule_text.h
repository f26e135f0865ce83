// The sentences of a finding: a rule's templates filled with the finding's evidence. Pure but for the tz database;
// thread-safe.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "collector/rules/local_text.h"
#include "collector/rules/rule_set.h"
#include "collector/rules/zone.h"

namespace daicho::collector {

// Column → value as the store keeps it: text as it is, numbers in decimal, times as RFC 3339 in UTC, lists joined; a
// column that was NULL is absent. The subject is among them, so that sentences can name it.
using Evidence = std::map<std::string, std::string>;

// `text` with each {name} replaced: evidence first, then the rule's parameters; times become dates in `zone`; what is
// absent becomes 不明 / unknown.
LocalText FillText(const LocalText& text, const Rule& rule, const Evidence& evidence,
                   std::string_view zone = kDefaultZone);

// Names within {} of a template. kInvalidArgument: a brace without its other half, or nothing between them.
Result<std::vector<std::string>> PlaceholdersOf(std::string_view text);

struct FindingText {
  LocalText title;
  LocalText detail;
  LocalText resolution;
};

// `rule` may be nullptr (the finding's rule is no longer there): the title is `rule_id`, the rest is empty.
FindingText TextOfFinding(const Rule* rule, std::string_view rule_id, const Evidence& evidence,
                          std::string_view zone = kDefaultZone);

// A JSON list of texts, as the views have them, joined by ", ". What is no such list stays as it is.
std::string JoinList(std::string_view json);

// The evidence column of the view `finding`: a JSON object of texts. What is no such object gives an empty map.
Evidence ParseEvidence(std::string_view json);

}  // namespace daicho::collector
