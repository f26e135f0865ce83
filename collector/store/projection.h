// Registry of the typed tables: which table holds the rows of a section, and which of its columns show which field.
// A new section is a message and a line in common/sections.cc, a table in a migration, and a line in projection.cc.
// The software section is not here: it is content-addressed (DESIGN §6). Immutable; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace google::protobuf {
class Descriptor;
class FieldDescriptor;
class Message;
class Timestamp;
}  // namespace google::protobuf

namespace daicho::collector {

struct ProjectedColumn {
  std::string_view name;  // column
  std::string_view path;  // field, with dots into messages: "last_use.at"
};

struct Projection {
  std::string_view section;
  std::string_view table;
  std::vector<ProjectedColumn> columns;
};

std::span<const Projection> AllProjections();

// nullptr: none for this section.
const Projection* FindProjection(std::string_view section);

// null: not known.
using Projected = std::variant<std::nullptr_t, std::int64_t, std::string>;

// A time that a device stated, as UTC seconds. Nothing if it is outside the years 0001 to 9999, which timestamp.proto
// allows: a device can send any number, and one with such a time would overflow whatever is reckoned with it.
std::optional<std::int64_t> KnownTime(const google::protobuf::Timestamp& time);

// Where a projected column's value is within a row, found once for all rows. Valid as long as the program runs.
struct FieldPath {
  std::vector<const google::protobuf::FieldDescriptor*> fields;  // from the row inwards
};
// Precondition: the message type has the path.
FieldPath FindPath(const google::protobuf::Descriptor& type, std::string_view path);

// Value of a field: Timestamp as UTC seconds (KnownTime(), else null), bool as 0 or 1, repeated text as a JSON list,
// absent and empty text as null.
Projected ProjectField(const google::protobuf::Message& row, const FieldPath& path);

}  // namespace daicho::collector
