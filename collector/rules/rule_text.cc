#include "collector/rules/rule_text.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include "common/time_format.h"

namespace daicho::collector {

namespace {

std::string ParameterText(const SqlValue& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  return "";
}

// Text of one placeholder; `unknown` for what is absent.
std::string ValueOf(const std::string& name, const Rule& rule, const Evidence& evidence, std::string_view zone,
                    const char* unknown) {
  if (name == "subject") {
    const auto subject = evidence.find(name);
    return subject == evidence.end() ? unknown : subject->second;
  }
  if (const auto kind = rule.evidence.find(name); kind != rule.evidence.end()) {
    const auto value = evidence.find(name);
    if (value == evidence.end() || value->second.empty()) return unknown;
    if (kind->second != EvidenceKind::kTime) return value->second;
    const auto time = ParseTime(value->second);
    return time ? FormatLocalDate(*time, zone) : value->second;
  }
  const auto parameter = rule.parameters.find(name);
  return parameter == rule.parameters.end() ? unknown : ParameterText(parameter->second);
}

std::string Fill(std::string_view text, const Rule& rule, const Evidence& evidence, std::string_view zone,
                 const char* unknown) {
  std::string filled;
  for (;;) {
    const auto open = text.find('{');
    const auto close = open == std::string_view::npos ? open : text.find('}', open);
    if (close == std::string_view::npos) return filled.append(text);
    filled += text.substr(0, open);
    filled += ValueOf(std::string(text.substr(open + 1, close - open - 1)), rule, evidence, zone, unknown);
    text.remove_prefix(close + 1);
  }
}

}  // namespace

Result<std::vector<std::string>> PlaceholdersOf(std::string_view text) {
  std::vector<std::string> names;
  for (;;) {
    const auto brace = text.find_first_of("{}");
    if (brace == std::string_view::npos) return names;
    const auto close = text.find_first_of("{}", brace + 1);
    if (text[brace] == '}' || close == std::string_view::npos || text[close] == '{' || close == brace + 1) {
      return Fail(Code::kInvalidArgument, "a placeholder is written {name}");
    }
    names.emplace_back(text.substr(brace + 1, close - brace - 1));
    text.remove_prefix(close + 1);
  }
}

LocalText FillText(const LocalText& text, const Rule& rule, const Evidence& evidence, std::string_view zone) {
  return {Fill(text.ja, rule, evidence, zone, "不明"), Fill(text.en, rule, evidence, zone, "unknown")};
}

FindingText TextOfFinding(const Rule* rule, std::string_view rule_id, const Evidence& evidence, std::string_view zone) {
  if (rule == nullptr) return {.title = {std::string(rule_id), std::string(rule_id)}, .detail = {}, .resolution = {}};
  return {.title = FillText(rule->title, *rule, evidence, zone),
          .detail = FillText(rule->detail, *rule, evidence, zone),
          .resolution = FillText(rule->resolution, *rule, evidence, zone)};
}

std::string JoinList(std::string_view json) {
  google::protobuf::ListValue list;
  const google::protobuf::StringPiece text(json.data(), json.size());
  if (!google::protobuf::util::JsonStringToMessage(text, &list).ok()) return std::string(json);
  std::string joined;
  for (const google::protobuf::Value& value : list.values()) {
    if (!joined.empty()) joined += ", ";
    joined += value.string_value();
  }
  return joined;
}

Evidence ParseEvidence(std::string_view json) {
  google::protobuf::Struct object;
  const google::protobuf::StringPiece text(json.data(), json.size());
  if (!google::protobuf::util::JsonStringToMessage(text, &object).ok()) return {};
  Evidence evidence;
  for (const auto& [name, value] : object.fields()) {
    if (value.kind_case() == google::protobuf::Value::kStringValue) evidence[name] = value.string_value();
  }
  return evidence;
}

}  // namespace daicho::collector
