#include "collector/ctl/print_findings.h"

#include <utility>

#include "collector/reports/terminal.h"

namespace daicho::collector {

void PrintFindings(Context& context, std::vector<v1::Finding> findings, const ChecklistNames& names, bool one_device) {
  for (const FindingGroup& group : GroupFindings(std::move(findings), names, context.language(), one_device)) {
    context.PrintTable(group.table);
    for (const std::string& resolution : group.resolutions) {
      const std::string text = context.Say(Text::kResolution, {resolution});
      if (context.console().width == 0) {
        context.PrintLine(text);
        continue;
      }
      for (const std::string& line : WrapToWidth(text, context.console().width)) context.PrintLine(line);
    }
    context.PrintLine("");
  }
}

}  // namespace daicho::collector
