#include "collector/rules/rule_parameters.h"

#include "collector/rules/toml_reader.h"
#include "common/text.h"

namespace daicho::collector {

Result<RuleParameters> ParseRuleParameters(const toml::table& rules, const std::string& file) {
  RuleParameters parameters;
  const auto wrong = [&](const toml::source_region& place, const std::string& what) {
    return Fail(Code::kInvalidArgument, At(file, place, what));
  };
  for (const auto& [id, node] : rules) {
    const toml::table* values = node.as_table();
    if (values == nullptr) {
      return wrong(node.source(), "'" + CleanText(id.str()) + "' in [rules] must be a table: [rules.RULE-ID]");
    }
    auto& of_rule = parameters[std::string(id.str())];
    for (const auto& [name, value] : *values) {
      RuleParameter parameter{.value = {},
                              .place = file + ":" + std::to_string(name.source().begin.line) + ":" +
                                       std::to_string(name.source().begin.column)};
      if (const auto number = value.value_exact<std::int64_t>()) {
        parameter.value = *number;
      } else if (const auto text = value.value_exact<std::string>()) {
        parameter.value = *text;
      } else {
        return wrong(value.source(), "parameter '" + CleanText(name.str()) + "' must be a whole number or a text");
      }
      of_rule.emplace(std::string(name.str()), std::move(parameter));
    }
  }
  return parameters;
}

}  // namespace daicho::collector
