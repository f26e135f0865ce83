#include "collector/admin/row.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <charconv>
#include <cmath>

#include "common/json.h"

namespace daicho::collector {

namespace {

std::string NumberText(double number) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number);
  return {buffer, end.ptr};
}

std::string ValueText(const google::protobuf::Value& value) {
  switch (value.kind_case()) {
    case google::protobuf::Value::kStringValue:
      return value.string_value();
    case google::protobuf::Value::kNumberValue:
      return NumberText(value.number_value());
    case google::protobuf::Value::kBoolValue:
      return value.bool_value() ? "true" : "false";
    case google::protobuf::Value::kListValue: {
      std::string text;
      for (const auto& element : value.list_value().values()) text += (text.empty() ? "" : ", ") + ValueText(element);
      return text;
    }
    default:
      return {};
  }
}

}  // namespace

const SqlValue* Row::Find(std::string_view column) const {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i] == column) return &values_[i];
  }
  return nullptr;
}

std::string Row::Text(std::string_view column) const {
  const SqlValue* const value = Find(column);
  if (value == nullptr) return {};
  if (const auto* text = std::get_if<std::string>(value)) return *text;
  if (const auto* number = std::get_if<std::int64_t>(value)) return std::to_string(*number);
  if (const auto* number = std::get_if<double>(value)) return NumberText(*number);
  return {};
}

std::optional<std::int64_t> Row::Integer(std::string_view column) const {
  const SqlValue* const value = Find(column);
  if (value == nullptr) return std::nullopt;
  if (const auto* number = std::get_if<std::int64_t>(value)) return *number;
  return std::nullopt;
}

std::uint32_t Row::Count(std::string_view column) const {
  const auto number = Integer(column);
  return number && *number > 0 ? static_cast<std::uint32_t>(*number) : 0;
}

std::vector<std::string> Row::List(std::string_view column) const { return JsonStrings(Text(column)); }

std::vector<std::string> JsonStrings(std::string_view json) {
  google::protobuf::ListValue list;
  std::vector<std::string> strings;
  if (json.size() <= 2 || !google::protobuf::util::JsonStringToMessage({json.data(), json.size()}, &list).ok())
    return {};
  for (const auto& value : list.values()) strings.push_back(ValueText(value));
  return strings;
}

void AppendJsonValue(const SqlValue& value, std::string& out) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    AppendJsonString(*text, out);
  } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    out += std::to_string(*integer);
  } else if (const auto* number = std::get_if<double>(&value); number != nullptr && std::isfinite(*number)) {
    out += NumberText(*number);
  } else {
    out += "null";
  }
}

}  // namespace daicho::collector
