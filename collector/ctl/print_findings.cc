#include "collector/ctl/print_findings.h"

#include <utility>

#include "collector/reports/terminal.h"

namespace daicho::collector {

namespace {

void PrintWrapped(Context& context, const std::string& text) {
  const std::size_t width = context.console().width;
  if (width == 0) {
    context.PrintLine(text);
    return;
  }
  for (const std::string& line : WrapToWidth(text, width)) context.PrintLine(line);
}

void PrintRule(Context& context, const RuleFindings& rule) {
  PrintWrapped(context, rule.title);
  std::vector<std::string> notes;
  for (const std::string& resolution : rule.resolutions) {
    notes.push_back(resolution.empty() ? "" : context.Say(Text::kResolution, {resolution}));
  }
  context.PrintTable(rule.table, notes);
  if (!rule.resolution.empty()) PrintWrapped(context, context.Say(Text::kResolution, {rule.resolution}));
  context.PrintLine("");
}

}  // namespace

void PrintFindings(Context& context, std::vector<v1::Finding> findings, const ChecklistNames& names, bool one_device) {
  for (const FindingGroup& group : GroupFindings(std::move(findings), names, context.language(), one_device)) {
    PrintWrapped(context, context.Say(Text::kGroupTitle, {group.title}));
    for (const RuleFindings& rule : group.rules) PrintRule(context, rule);
  }
}

}  // namespace daicho::collector
