// Findings on the console, for `findings` and `show`.
#pragma once

#include <vector>

#include "collector/ctl/checklist_names.h"
#include "collector/ctl/context.h"

namespace daicho::collector {

// For each set of checklist rows, each rule: its severity and title, its findings, directly below what to do about
// them, then a blank line.
void PrintFindings(Context& context, std::vector<v1::Finding> findings, const ChecklistNames& names, bool one_device);

}  // namespace daicho::collector
