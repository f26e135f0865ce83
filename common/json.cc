#include "common/json.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/timestamp.pb.h>

#include <charconv>
#include <cmath>

#include "common/delta.h"
#include "common/text.h"
#include "common/time_format.h"

namespace daicho {

namespace pb = google::protobuf;

void AppendJsonString(std::string_view text, std::string& out) {
  static constexpr char kDigits[] = "0123456789abcdef";
  out += '"';
  while (!text.empty()) {
    const Utf8Char next = NextUtf8(text);
    if (!next.valid) {
      out += "\xef\xbf\xbd";
    } else if (next.code == '"' || next.code == '\\') {
      out += '\\';
      out += static_cast<char>(next.code);
    } else if (next.code == '\n') {
      out += "\\n";
    } else if (next.code < 0x20 || next.code == 0x7f) {
      out += "\\u00";
      out += kDigits[next.code >> 4];
      out += kDigits[next.code & 15];
    } else {
      out += text.substr(0, next.size);
    }
    text.remove_prefix(next.size);
  }
  out += '"';
}

namespace {

template <typename T>
void AppendNumber(T value, std::string& out) {
  char text[32];
  const auto result = std::to_chars(text, text + sizeof text, value);
  out.append(text, result.ptr);
}

void AppendDouble(double value, std::string& out) {
  if (std::isfinite(value)) {
    AppendNumber(value, out);
  } else {
    out += "null";  // RFC 8259 has no infinities
  }
}

// `index` < 0: the singular field.
void AppendValue(const pb::Message& message, const pb::FieldDescriptor* field, int index, std::string& out) {
  const pb::Reflection& r = *message.GetReflection();
  std::string scratch;
  switch (field->cpp_type()) {
    case pb::FieldDescriptor::CPPTYPE_INT32:
      return AppendNumber(index < 0 ? r.GetInt32(message, field) : r.GetRepeatedInt32(message, field, index), out);
    case pb::FieldDescriptor::CPPTYPE_INT64:
      return AppendNumber(index < 0 ? r.GetInt64(message, field) : r.GetRepeatedInt64(message, field, index), out);
    case pb::FieldDescriptor::CPPTYPE_UINT32:
      return AppendNumber(index < 0 ? r.GetUInt32(message, field) : r.GetRepeatedUInt32(message, field, index), out);
    case pb::FieldDescriptor::CPPTYPE_UINT64:
      return AppendNumber(index < 0 ? r.GetUInt64(message, field) : r.GetRepeatedUInt64(message, field, index), out);
    case pb::FieldDescriptor::CPPTYPE_DOUBLE:
      return AppendDouble(index < 0 ? r.GetDouble(message, field) : r.GetRepeatedDouble(message, field, index), out);
    case pb::FieldDescriptor::CPPTYPE_FLOAT:
      return AppendDouble(index < 0 ? r.GetFloat(message, field) : r.GetRepeatedFloat(message, field, index), out);
    case pb::FieldDescriptor::CPPTYPE_BOOL:
      out += (index < 0 ? r.GetBool(message, field) : r.GetRepeatedBool(message, field, index)) ? "true" : "false";
      return;
    case pb::FieldDescriptor::CPPTYPE_ENUM: {
      const auto* value = index < 0 ? r.GetEnum(message, field) : r.GetRepeatedEnum(message, field, index);
      return AppendJsonString(std::string(value->name()), out);
    }
    case pb::FieldDescriptor::CPPTYPE_STRING: {
      const std::string& text = index < 0 ? r.GetStringReference(message, field, &scratch)
                                          : r.GetRepeatedStringReference(message, field, index, &scratch);
      return AppendJsonString(field->type() == pb::FieldDescriptor::TYPE_BYTES ? Hex(text) : text, out);
    }
    case pb::FieldDescriptor::CPPTYPE_MESSAGE:
      return AppendJson(index < 0 ? r.GetMessage(message, field) : r.GetRepeatedMessage(message, field, index), out);
  }
}

// A map is an object; its entries are messages of key (1) and value (2).
void AppendMap(const pb::Message& message, const pb::FieldDescriptor* field, std::string& out) {
  const pb::Reflection& r = *message.GetReflection();
  out += '{';
  for (int i = 0; i < r.FieldSize(message, field); ++i) {
    if (i > 0) out += ',';
    const pb::Message& entry = r.GetRepeatedMessage(message, field, i);
    std::string key;
    AppendValue(entry, entry.GetDescriptor()->FindFieldByNumber(1), -1, key);
    if (key.starts_with('"')) {
      out += key;
    } else {
      AppendJsonString(key, out);
    }
    out += ':';
    AppendValue(entry, entry.GetDescriptor()->FindFieldByNumber(2), -1, out);
  }
  out += '}';
}

void AppendRepeated(const pb::Message& message, const pb::FieldDescriptor* field, std::string& out) {
  out += '[';
  const int size = message.GetReflection()->FieldSize(message, field);
  for (int i = 0; i < size; ++i) {
    if (i > 0) out += ',';
    AppendValue(message, field, i, out);
  }
  out += ']';
}

// Presence as a script sees it: a scalar without presence is "not known" when it has its default value, except for
// numbers and bools, which are then really zero or false.
bool IsStated(const pb::Message& message, const pb::FieldDescriptor* field) {
  if (field->is_repeated() || message.GetReflection()->HasField(message, field)) return true;
  if (field->has_presence()) return false;
  switch (field->cpp_type()) {
    case pb::FieldDescriptor::CPPTYPE_STRING:
    case pb::FieldDescriptor::CPPTYPE_ENUM:
      return false;
    default:
      return true;
  }
}

}  // namespace

void AppendJson(const pb::Message& message, std::string& out) {
  if (message.GetDescriptor() == pb::Timestamp::descriptor()) {
    out += '"';
    out += FormatTime(FromTimestamp(static_cast<const pb::Timestamp&>(message)));
    out += '"';
    return;
  }
  out += '{';
  bool first = true;
  const pb::Descriptor* type = message.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const pb::FieldDescriptor* field = type->field(i);
    if (!IsStated(message, field)) continue;
    if (!first) out += ',';
    first = false;
    AppendJsonString(std::string(field->name()), out);
    out += ':';
    if (field->is_map()) {
      AppendMap(message, field, out);
    } else if (field->is_repeated()) {
      AppendRepeated(message, field, out);
    } else {
      AppendValue(message, field, -1, out);
    }
  }
  out += '}';
}

std::string ToJson(const pb::Message& message) {
  std::string out;
  AppendJson(message, out);
  return out;
}

}  // namespace daicho
