// What became of a section's rows between two moments, row by row and field by field. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/delta.h"
#include "common/sections.h"

namespace daicho::collector {

// Values as people read them: booleans "true" and "false", times in RFC 3339 (UTC), lists joined by ", ", and empty for
// what is not known. `field` is the name in facts.proto, with dots into messages: "last_use.at".
struct FieldChange {
  std::string field;
  std::string before;
  std::string after;

  bool operator==(const FieldChange&) const = default;
};

enum class RowChangeKind { kAdded, kRemoved, kChanged };

struct RowChange {
  RowChangeKind kind = RowChangeKind::kChanged;
  std::string key;  // RowKey
  std::string
      subject;  // the key as people read it: "openssl (amd64)", "tcp 0.0.0.0:22"; empty: the section has one row
  // In the order of facts.proto, key fields left out. Added, removed: what is known of the row. Changed: what differs;
  // nothing if only fields differ that this build does not know.
  std::vector<FieldChange> fields;
  std::string_view before;  // the row's bytes, of the rows given; empty: there was none
  std::string_view after;
};

enum class DiffDetail {
  kChangesOnly,  // volatile fields (sections.h) are left out, and rows that differ in nothing else
  kEverything,
};

// In the order of keys. Rows that do not parse are left out: the ledger took them from a newer agent. Preconditions:
// both ordered, keys distinct in each.
std::vector<RowChange> DiffSection(const SectionType& type, const Rows& before, const Rows& after, DiffDetail detail);

}  // namespace daicho::collector
