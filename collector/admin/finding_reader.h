// Findings and checklist rows as messages of admin.proto. Findings are read as the store has them: refresh them first.
// Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "collector/admin/device_reader.h"
#include "collector/rules/rule_set.h"
#include "collector/store/store.h"
#include "common/error.h"
#include "daicho/v1/admin.pb.h"

namespace daicho::collector {

struct FindingFilter {
  std::string item;  // as Checklist::ResolveItem reads it; empty: all
  std::string device_id;
  std::string status;  // "open", "waived", "resolved", "all"; empty: "open"
};

// kInvalidArgument: unknown status; kNotFound: unknown item. Gravest first, then by device.
Status ReadFindings(const Store& store, const RuleSet& rules, const FindingFilter& filter,
                    const Sink<v1::Finding>& sink);

// kNotFound.
Result<v1::Finding> ReadFinding(const Store& store, const RuleSet& rules, const std::string& finding_id);

// Every row of the checklist, with its open findings and the answer they propose.
Status ReadChecklist(const Store& store, const RuleSet& rules, const Sink<v1::ChecklistRow>& sink);

}  // namespace daicho::collector
