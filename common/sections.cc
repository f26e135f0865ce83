#include "common/sections.h"

#include <algorithm>

#include "common/protocol.h"
#include "daicho/v1/facts.pb.h"

namespace daicho {

namespace pb = google::protobuf;

std::span<const SectionType> AllSections() {
  static const std::vector<SectionType> sections = {
      {"software",
       &v1::Software::default_instance(),
       {"manager", "name", "architecture"},
       {"manager", "name"},
       {"installed_at"}},
      {"accounts", &v1::Account::default_instance(), {"name", "uid"}, {"name"}, {"last_use", "evidence_since"}},
      {"groups", &v1::Group::default_instance(), {"name", "gid"}, {"name"}},
      {"os", &v1::Os::default_instance(), {}},
      {"hardware", &v1::Hardware::default_instance(), {}},
      {"network", &v1::NetworkInterface::default_instance(), {"name"}, {"name"}},
      {"listeners", &v1::Listener::default_instance(), {"protocol", "address", "port"}, {"protocol"}},
  };
  return sections;
}

const SectionType* FindSection(std::string_view name) {
  for (const SectionType& type : AllSections()) {
    if (type.name == name) return &type;
  }
  return nullptr;
}

Result<std::unique_ptr<pb::Message>> ParseRow(const SectionType& type, std::string_view bytes) {
  if (bytes.size() > kMaxRowBytes) {
    return Fail(Code::kInvalidArgument, "row of " + std::to_string(bytes.size()) + " bytes is over the limit of " +
                                            std::to_string(kMaxRowBytes));
  }
  std::unique_ptr<pb::Message> row(type.prototype->New());
  if (!row->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Fail(Code::kInvalidArgument, "row does not parse as " + type.prototype->GetTypeName());
  }
  for (std::string_view name : type.required_fields) {
    const pb::FieldDescriptor* field = row->GetDescriptor()->FindFieldByName(std::string(name));
    std::string scratch;
    if (row->GetReflection()->GetStringReference(*row, field, &scratch).empty()) {
      return Fail(Code::kInvalidArgument, "row has no " + std::string(name));
    }
  }
  return row;
}

std::string RowKey(const SectionType& type, const pb::Message& row) {
  std::string key;
  const pb::Reflection& reflection = *row.GetReflection();
  for (std::string_view name : type.key_fields) {
    if (!key.empty() || name != type.key_fields.front()) key += '\x1f';
    const pb::FieldDescriptor* field = row.GetDescriptor()->FindFieldByName(std::string(name));
    if (field->has_presence() && !reflection.HasField(row, field)) continue;
    if (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_STRING) {
      std::string scratch;
      key += reflection.GetStringReference(row, field, &scratch);
    } else {
      key += std::to_string(reflection.GetUInt32(row, field));
    }
  }
  return key;
}

std::string RowBytes(const pb::Message& row) { return row.SerializeAsString(); }

void OverlayRow(const pb::Message& seen, pb::Message& known) {
  const pb::Reflection& reflection = *known.GetReflection();
  std::vector<const pb::FieldDescriptor*> stated;
  seen.GetReflection()->ListFields(seen, &stated);
  // MergeFrom appends to repeated fields and merges into messages; both would mix two observations.
  for (const pb::FieldDescriptor* field : stated) reflection.ClearField(&known, field);
  known.MergeFrom(seen);
}

namespace {

// Reads a varint of at most 64 bits; false at the end of the input or when it is longer.
bool ReadVarint(std::string_view& in, std::uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (in.empty()) return false;
    const auto byte = static_cast<std::uint8_t>(in.front());
    in.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

// Skips one field's value; false if malformed. Groups (wire types 3, 4) do not occur in proto3.
bool SkipValue(std::string_view& in, std::uint64_t wire_type) {
  std::uint64_t length = 0;
  switch (wire_type) {
    case 0:
      return ReadVarint(in, length);
    case 1:
      length = 8;
      break;
    case 2:
      if (!ReadVarint(in, length)) return false;
      break;
    case 5:
      length = 4;
      break;
    default:
      return false;
  }
  if (length > in.size()) return false;
  in.remove_prefix(static_cast<std::size_t>(length));
  return true;
}

}  // namespace

Result<SplitRow> SplitRowBytes(std::string_view row) {
  constexpr std::uint64_t kFirstTailField = 16;
  std::string_view rest = row;
  std::size_t split = row.size();
  while (!rest.empty()) {
    const std::size_t position = row.size() - rest.size();
    std::uint64_t tag = 0;
    if (!ReadVarint(rest, tag) || (tag >> 3) == 0 || !SkipValue(rest, tag & 7)) {
      return Fail(Code::kInvalidArgument, "row is malformed at byte " + std::to_string(position));
    }
    if ((tag >> 3) >= kFirstTailField) {
      split = std::min(split, position);
    } else if (split != row.size()) {
      return Fail(Code::kInvalidArgument, "row has field " + std::to_string(tag >> 3) +
                                              " behind the fields of the machine at byte " + std::to_string(position));
    }
  }
  return SplitRow{row.substr(0, split), row.substr(split)};
}

}  // namespace daicho
