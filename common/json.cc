#include "common/json.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/timestamp.pb.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "common/delta.h"
#include "common/text.h"
#include "common/time_format.h"

namespace daicho {

namespace pb = google::protobuf;

namespace {

// ASCII that stands for itself in a JSON string.
constexpr auto kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t c = 0x20; c < 0x7f; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}();

bool IsPlain(char c) { return kPlain[static_cast<unsigned char>(c)]; }

void AppendEscaped(const Utf8Char& next, std::string_view bytes, std::string& out) {
  static constexpr char kDigits[] = "0123456789abcdef";
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
    out += bytes;
  }
}

}  // namespace

void AppendJsonString(std::string_view text, std::string& out) {
  out += '"';
  for (;;) {
    // Nearly all text is plain: it is taken in runs, and only what is left character by character.
    const auto run = static_cast<std::size_t>(std::ranges::find_if_not(text, IsPlain) - text.begin());
    out += text.substr(0, run);
    text.remove_prefix(run);
    if (text.empty()) break;
    const Utf8Char next = NextUtf8(text);
    AppendEscaped(next, text.substr(0, next.size), out);
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

// Writes one message. Reflection is asked for once: asking takes as long as reading a field.
class Writer {
 public:
  Writer(const pb::Message& message, std::string& out)
      : message_(message), reflection_(*message.GetReflection()), out_(out) {}

  void Object() {
    out_ += '{';
    const pb::Descriptor* type = message_.GetDescriptor();
    for (int i = 0; i < type->field_count(); ++i) Field(type->field(i));
    out_ += '}';
  }

 private:
  static constexpr int kSingular = -1;

  // Presence as a script sees it: a scalar without presence is "not known" when it has its default value, except for
  // numbers and bools, which are then really zero or false.
  void Field(const pb::FieldDescriptor* field) {
    if (field->is_repeated()) {
      Name(field);
      return field->is_map() ? Map(field) : Array(field);
    }
    if (field->has_presence() || field->cpp_type() == pb::FieldDescriptor::CPPTYPE_ENUM) {
      if (!reflection_.HasField(message_, field)) return;
    } else if (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_STRING) {
      // Nearly all fields of nearly all rows: read once, both to see whether it is there and to write it.
      std::string scratch;
      const std::string& text = reflection_.GetStringReference(message_, field, &scratch);
      if (text.empty()) return;
      Name(field);
      return Text(field, text);
    }
    Name(field);
    Value(field, kSingular);
  }

  void Name(const pb::FieldDescriptor* field) {
    out_ += out_.back() == '{' ? "\"" : ",\"";
    out_ += field->name();  // an identifier
    out_ += "\":";
  }

  void Text(const pb::FieldDescriptor* field, const std::string& text) {
    if (field->type() == pb::FieldDescriptor::TYPE_BYTES) {
      AppendJsonString(Hex(text), out_);
    } else {
      AppendJsonString(text, out_);
    }
  }

  // `index`: of the element, or kSingular.
  void Value(const pb::FieldDescriptor* field, int index) {
    const pb::Message& m = message_;
    const pb::Reflection& r = reflection_;
    const bool singular = index == kSingular;
    switch (field->cpp_type()) {
      case pb::FieldDescriptor::CPPTYPE_INT32:
        return AppendNumber(singular ? r.GetInt32(m, field) : r.GetRepeatedInt32(m, field, index), out_);
      case pb::FieldDescriptor::CPPTYPE_INT64:
        return AppendNumber(singular ? r.GetInt64(m, field) : r.GetRepeatedInt64(m, field, index), out_);
      case pb::FieldDescriptor::CPPTYPE_UINT32:
        return AppendNumber(singular ? r.GetUInt32(m, field) : r.GetRepeatedUInt32(m, field, index), out_);
      case pb::FieldDescriptor::CPPTYPE_UINT64:
        return AppendNumber(singular ? r.GetUInt64(m, field) : r.GetRepeatedUInt64(m, field, index), out_);
      case pb::FieldDescriptor::CPPTYPE_DOUBLE:
        return AppendDouble(singular ? r.GetDouble(m, field) : r.GetRepeatedDouble(m, field, index), out_);
      case pb::FieldDescriptor::CPPTYPE_FLOAT:
        return AppendDouble(singular ? r.GetFloat(m, field) : r.GetRepeatedFloat(m, field, index), out_);
      case pb::FieldDescriptor::CPPTYPE_BOOL:
        out_ += (singular ? r.GetBool(m, field) : r.GetRepeatedBool(m, field, index)) ? "true" : "false";
        return;
      case pb::FieldDescriptor::CPPTYPE_ENUM:
        return AppendJsonString((singular ? r.GetEnum(m, field) : r.GetRepeatedEnum(m, field, index))->name(), out_);
      case pb::FieldDescriptor::CPPTYPE_STRING: {
        std::string scratch;
        const std::string& text = singular ? r.GetStringReference(m, field, &scratch)
                                           : r.GetRepeatedStringReference(m, field, index, &scratch);
        return Text(field, text);
      }
      case pb::FieldDescriptor::CPPTYPE_MESSAGE:
        return AppendJson(singular ? r.GetMessage(m, field) : r.GetRepeatedMessage(m, field, index), out_);
    }
  }

  // A map is an object; its entries are messages of key (1) and value (2).
  void Map(const pb::FieldDescriptor* field) {
    const pb::Descriptor* type = field->message_type();
    out_ += '{';
    for (int i = 0; i < reflection_.FieldSize(message_, field); ++i) {
      if (i > 0) out_ += ',';
      const pb::Message& entry = reflection_.GetRepeatedMessage(message_, field, i);
      std::string key;
      Writer(entry, key).Value(type->map_key(), kSingular);
      if (key.starts_with('"')) {
        out_ += key;
      } else {
        AppendJsonString(key, out_);
      }
      out_ += ':';
      Writer(entry, out_).Value(type->map_value(), kSingular);
    }
    out_ += '}';
  }

  void Array(const pb::FieldDescriptor* field) {
    out_ += '[';
    for (int i = 0; i < reflection_.FieldSize(message_, field); ++i) {
      if (i > 0) out_ += ',';
      Value(field, i);
    }
    out_ += ']';
  }

  const pb::Message& message_;
  const pb::Reflection& reflection_;
  std::string& out_;
};

}  // namespace

void AppendJson(const pb::Message& message, std::string& out) {
  if (message.GetDescriptor() == pb::Timestamp::descriptor()) {
    out += '"';
    out += FormatTime(FromTimestamp(static_cast<const pb::Timestamp&>(message)));
    out += '"';
  } else {
    Writer(message, out).Object();
  }
}

std::string ToJson(const pb::Message& message) {
  std::string out;
  AppendJson(message, out);
  return out;
}

}  // namespace daicho
