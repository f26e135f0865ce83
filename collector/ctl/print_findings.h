// Findings on the console, for `findings` and `show`.
#pragma once

#include <vector>

#include "collector/ctl/checklist_names.h"
#include "collector/ctl/context.h"

namespace daicho::collector {

// One table for each set of checklist rows, below it what to do, then a blank line.
void PrintFindings(Context& context, std::vector<v1::Finding> findings, const ChecklistNames& names, bool one_device);

}  // namespace daicho::collector
