#include "collector/store/projection.h"

#include <google/protobuf/message.h>
#include <google/protobuf/timestamp.pb.h>

#include "common/json.h"
#include "common/text.h"

namespace daicho::collector {

namespace pb = google::protobuf;

std::span<const Projection> AllProjections() {
  static const std::vector<Projection> projections = {
      {"accounts",
       "account_row",
       {{"name", "name"},
        {"uid", "uid"},
        {"gid", "gid"},
        {"full_name", "full_name"},
        {"home", "home"},
        {"shell", "shell"},
        {"human", "human"},
        {"enabled", "enabled"},
        {"password", "password"},
        {"expired", "expired"},
        {"admin", "admin"},
        {"admin_by", "admin_by"},
        {"groups", "groups"},
        {"authorized_keys", "authorized_keys"},
        {"password_set_at", "password_set_at"},
        {"expires_at", "expires_at"},
        {"created_at", "created_at"},
        {"last_use_at", "last_use.at"},
        {"last_use_source", "last_use.source"},
        {"last_use_from", "last_use.from"},
        {"evidence_since", "evidence_since"}}},
      {"groups", "group_row", {{"name", "name"}, {"gid", "gid"}, {"members", "members"}, {"admin", "admin"}}},
      {"os",
       "os_row",
       {{"hostname", "hostname"},
        {"os_id", "id"},
        {"os_name", "name"},
        {"os_version", "version"},
        {"codename", "codename"},
        {"kernel", "kernel"},
        {"architecture", "architecture"},
        {"time_zone", "time_zone"},
        {"machine_id", "machine_id"}}},
      {"hardware",
       "hardware_row",
       {{"manufacturer", "manufacturer"},
        {"model", "model"},
        {"serial", "serial"},
        {"uuid", "uuid"},
        {"chassis", "chassis"},
        {"virtualization", "virtualization"},
        {"cpu_model", "cpu_model"},
        {"cpu_threads", "cpu_threads"},
        {"memory_mib", "memory_mib"}}},
      {"network",
       "network_row",
       {{"name", "name"},
        {"kind", "kind"},
        {"virtual", "virtual"},
        {"up", "up"},
        {"mac", "mac"},
        {"addresses", "addresses"}}},
      {"listeners",
       "listener_row",
       {{"protocol", "protocol"}, {"address", "address"}, {"port", "port"}, {"program", "program"}, {"uid", "uid"}}},
  };
  return projections;
}

const Projection* FindProjection(std::string_view section) {
  for (const Projection& projection : AllProjections()) {
    if (projection.section == section) return &projection;
  }
  return nullptr;
}

namespace {

std::string JsonList(const pb::Message& row, const pb::FieldDescriptor* field) {
  std::string list = "[";
  std::string scratch;
  for (int i = 0; i < row.GetReflection()->FieldSize(row, field); ++i) {
    if (i > 0) list += ',';
    const std::string& text = row.GetReflection()->GetRepeatedStringReference(row, field, i, &scratch);
    // JSON can write a NUL, but not every engine can read it.
    AppendJsonString(text.find('\0') == std::string::npos ? text : CleanText(text), list);
  }
  return list + "]";
}

Projected ProjectScalar(const pb::Message& row, const pb::FieldDescriptor* field) {
  const pb::Reflection& reflection = *row.GetReflection();
  switch (field->cpp_type()) {
    case pb::FieldDescriptor::CPPTYPE_BOOL:
      return std::int64_t{reflection.GetBool(row, field) ? 1 : 0};
    case pb::FieldDescriptor::CPPTYPE_UINT32:
      return std::int64_t{reflection.GetUInt32(row, field)};
    case pb::FieldDescriptor::CPPTYPE_INT32:
      return std::int64_t{reflection.GetInt32(row, field)};
    case pb::FieldDescriptor::CPPTYPE_INT64:
      return std::int64_t{reflection.GetInt64(row, field)};
    case pb::FieldDescriptor::CPPTYPE_STRING: {
      std::string text = reflection.GetString(row, field);
      if (text.empty()) return nullptr;
      return text;
    }
    default:
      return nullptr;
  }
}

}  // namespace

std::optional<std::int64_t> KnownTime(const pb::Timestamp& time) {
  constexpr std::int64_t kYear1 = -62'135'596'800;
  constexpr std::int64_t kEndOfYear9999 = 253'402'300'799;
  if (time.seconds() < kYear1 || time.seconds() > kEndOfYear9999) return std::nullopt;
  return time.seconds();
}

FieldPath FindPath(const pb::Descriptor& type, std::string_view path) {
  FieldPath found;
  const pb::Descriptor* inner = &type;
  for (;;) {
    const std::size_t dot = path.find('.');
    found.fields.push_back(inner->FindFieldByName(std::string(path.substr(0, dot))));
    if (dot == std::string_view::npos) return found;
    inner = found.fields.back()->message_type();
    path.remove_prefix(dot + 1);
  }
}

Projected ProjectField(const pb::Message& row, const FieldPath& path) {
  const pb::Message* message = &row;
  for (const pb::FieldDescriptor* field : path.fields) {
    const pb::Reflection& reflection = *message->GetReflection();
    if (field->is_repeated()) return JsonList(*message, field);
    if (field->has_presence() && !reflection.HasField(*message, field)) return nullptr;
    if (field->cpp_type() != pb::FieldDescriptor::CPPTYPE_MESSAGE) return ProjectScalar(*message, field);
    message = &reflection.GetMessage(*message, field);
  }
  // Another message shown as a whole would be a programming error; only times are.
  if (message->GetDescriptor() != pb::Timestamp::descriptor()) return nullptr;
  const auto time = KnownTime(static_cast<const pb::Timestamp&>(*message));
  return time ? Projected(*time) : Projected(nullptr);
}

}  // namespace daicho::collector
