#include "collector/reports/section_diff.h"

#include <google/protobuf/message.h>
#include <google/protobuf/timestamp.pb.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>

#include "common/json.h"
#include "common/time_format.h"

namespace daicho::collector {

namespace pb = google::protobuf;

namespace {

using Parsed = std::unique_ptr<pb::Message>;

struct RowPair {
  std::string_view before_bytes;
  std::string_view after_bytes;
  Parsed before;
  Parsed after;
};

bool Names(const std::vector<std::string_view>& fields, const pb::FieldDescriptor* field) {
  return std::ranges::find(fields, field->name()) != fields.end();
}

bool IsSet(const pb::Message& row, const pb::FieldDescriptor* field) {
  return field->is_repeated() ? row.GetReflection()->FieldSize(row, field) > 0
                              : row.GetReflection()->HasField(row, field);
}

std::string ElementText(const pb::Message& row, const pb::FieldDescriptor* field, int index) {
  if (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE) {
    return ToJson(row.GetReflection()->GetRepeatedMessage(row, field, index));
  }
  return row.GetReflection()->GetRepeatedString(row, field, index);
}

// Of the types that rows have (facts.proto). Precondition: no message but a Timestamp.
std::string ValueText(const pb::Message& row, const pb::FieldDescriptor* field) {
  const pb::Reflection& reflection = *row.GetReflection();
  if (!IsSet(row, field)) return {};
  if (field->is_repeated()) {
    std::string list;
    for (int i = 0; i < reflection.FieldSize(row, field); ++i) {
      list += (i > 0 ? ", " : "") + ElementText(row, field, i);
    }
    return list;
  }
  switch (field->cpp_type()) {
    case pb::FieldDescriptor::CPPTYPE_STRING:
      return reflection.GetString(row, field);
    case pb::FieldDescriptor::CPPTYPE_BOOL:
      return reflection.GetBool(row, field) ? "true" : "false";
    case pb::FieldDescriptor::CPPTYPE_UINT32:
      return std::to_string(reflection.GetUInt32(row, field));
    default:
      return FormatTime(FromTimestamp(static_cast<const pb::Timestamp&>(reflection.GetMessage(row, field))));
  }
}

bool IsParent(const pb::FieldDescriptor* field) {
  return !field->is_repeated() && field->cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE &&
         field->message_type() != pb::Timestamp::descriptor();
}

// Both of one type.
void CompareFields(const pb::Message& before, const pb::Message& after, const std::string& path,
                   const std::vector<std::string_view>& left_out, std::vector<FieldChange>& changes) {
  const pb::Descriptor& type = *before.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const pb::FieldDescriptor* const field = type.field(i);
    if (Names(left_out, field)) continue;
    if (IsParent(field)) {
      CompareFields(before.GetReflection()->GetMessage(before, field), after.GetReflection()->GetMessage(after, field),
                    path + field->name() + ".", {}, changes);
      continue;
    }
    FieldChange change{
        .field = path + field->name(), .before = ValueText(before, field), .after = ValueText(after, field)};
    if (change.before != change.after) changes.push_back(std::move(change));
  }
}

// "tcp 0.0.0.0:22", "tcp6 [::]:22".
std::string ListenerSubject(std::string_view protocol, std::string_view address, std::string_view port) {
  const bool brackets = address.find(':') != std::string_view::npos;
  std::string subject(protocol);
  subject.append(brackets ? " [" : " ").append(address).append(brackets ? "]:" : ":").append(port);
  return subject;
}

// What names the thing, and in brackets what tells it from others of that name.
std::string SubjectOf(const SectionType& type, const pb::Message& row) {
  std::vector<std::string> parts;
  for (const std::string_view name : type.key_fields) {
    parts.push_back(ValueText(row, row.GetDescriptor()->FindFieldByName(std::string(name))));
  }
  if (parts.empty()) return {};
  if (type.name == "listeners") return ListenerSubject(parts[0], parts[1], parts[2]);
  // A machine has one package manager, or its package's name tells: the manager is in the fields of the change.
  if (type.name == "software") parts.erase(parts.begin());
  const bool more = parts.size() > 1 && !parts[1].empty();
  return more ? parts[0] + " (" + parts[1] + ")" : parts[0];
}

// Rows that only one side has, by their key: each is added, removed, or changed where both sides have one of that key.
std::map<std::string, RowPair> PairRows(const SectionType& type, const Rows& before, const Rows& after) {
  std::map<std::string, RowPair> pairs;
  std::vector<std::string_view> only;
  const std::vector<std::string_view> sides[] = {{before.begin(), before.end()}, {after.begin(), after.end()}};
  for (const bool is_after : {false, true}) {
    only.clear();
    std::ranges::set_difference(sides[is_after ? 1 : 0], sides[is_after ? 0 : 1], std::back_inserter(only));
    for (const std::string_view bytes : only) {
      auto row = ParseRow(type, bytes);
      if (!row) continue;
      RowPair& pair = pairs[RowKey(type, **row)];
      (is_after ? pair.after_bytes : pair.before_bytes) = bytes;
      (is_after ? pair.after : pair.before) = std::move(*row);
    }
  }
  return pairs;
}

}  // namespace

std::vector<RowChange> DiffSection(const SectionType& type, const Rows& before, const Rows& after, DiffDetail detail) {
  std::vector<std::string_view> left_out = type.key_fields;
  if (detail == DiffDetail::kChangesOnly) {
    left_out.insert(left_out.end(), type.volatile_fields.begin(), type.volatile_fields.end());
  }
  std::vector<RowChange> changes;
  for (const auto& [key, pair] : PairRows(type, before, after)) {
    RowChange change{.kind = RowChangeKind::kChanged,
                     .key = key,
                     .subject = SubjectOf(type, pair.after ? *pair.after : *pair.before),
                     .fields = {},
                     .before = pair.before_bytes,
                     .after = pair.after_bytes};
    CompareFields(pair.before ? *pair.before : *type.prototype, pair.after ? *pair.after : *type.prototype, "",
                  left_out, change.fields);
    if (!pair.before) change.kind = RowChangeKind::kAdded;
    if (!pair.after) change.kind = RowChangeKind::kRemoved;
    const bool says_something = change.kind != RowChangeKind::kChanged || !change.fields.empty();
    if (says_something || detail == DiffDetail::kEverything) changes.push_back(std::move(change));
  }
  return changes;
}

}  // namespace daicho::collector
