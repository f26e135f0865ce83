// Registry of the sections: which message a row is, and which fields are its key. A new section is one message in
// facts.proto and one line in sections.cc. Immutable; thread-safe.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"

namespace google::protobuf {
class Message;
}

namespace daicho {

struct SectionType {
  std::string_view name;                                 // "software"
  const google::protobuf::Message* prototype = nullptr;  // default instance of the row message
  std::vector<std::string_view> key_fields;              // empty: the section has one row
  std::vector<std::string_view> required_fields = {};    // texts without which a row names nothing
  // Fields that move although nothing was changed, because the thing was used (again): noise in a list of changes.
  std::vector<std::string_view> volatile_fields = {};
};

std::span<const SectionType> AllSections();

// nullptr: no such section.
const SectionType* FindSection(std::string_view name);

// Parses a row. kInvalidArgument: not a message of that type, larger than kMaxRowBytes, or a required field is empty.
Result<std::unique_ptr<google::protobuf::Message>> ParseRow(const SectionType& type, std::string_view bytes);

// The key of a parsed row: key fields joined by U+001F, absent ones empty.
std::string RowKey(const SectionType& type, const google::protobuf::Message& row);

// Serializes a row with fields in order of their number (what C++ protobuf does for messages without maps).
std::string RowBytes(const google::protobuf::Message& row);

// Overlays a row of a PARTIAL section on the known row of the same key: a field that `seen` does not state keeps
// its known value; a repeated field is replaced if `seen` has any element.
void OverlayRow(const google::protobuf::Message& seen, google::protobuf::Message& known);

// A row split at its first field >= 16: what the thing is, and how this machine has it (facts.proto).
// Item + tail is the row again. kInvalidArgument: malformed, or a field < 16 follows one >= 16.
struct SplitRow {
  std::string_view item;
  std::string_view tail;
};
Result<SplitRow> SplitRowBytes(std::string_view row);

}  // namespace daicho
