#include "common/partial_rows.h"

#include <google/protobuf/message.h>

#include <unordered_map>

#include "common/protocol.h"

namespace daicho {

namespace {

std::string Overlaid(const SectionType& type, const std::string& known, const std::string& seen) {
  if (known == seen) return known;
  const auto known_row = ParseRow(type, known);
  const auto seen_row = ParseRow(type, seen);
  if (!known_row || !seen_row) return seen;
  OverlayRow(**seen_row, **known_row);
  std::string merged = RowBytes(**known_row);
  // Fields that this build does not know are written last: the row may then be one that cannot be split.
  return merged.size() <= kMaxRowBytes && SplitRowBytes(merged) ? merged : seen;
}

}  // namespace

Rows MergePartial(const SectionType& type, const Rows& held, const Rows& seen) {
  std::unordered_map<std::string, std::string> by_key;
  Rows merged;
  for (const Rows* rows : {&held, &seen}) {
    for (const std::string& row : *rows) {
      const auto parsed = ParseRow(type, row);
      if (!parsed) {
        merged.push_back(row);
        continue;
      }
      const auto [known, fresh] = by_key.emplace(RowKey(type, **parsed), row);
      if (!fresh) known->second = Overlaid(type, known->second, row);
    }
  }
  for (auto& [key, row] : by_key) merged.push_back(std::move(row));
  OrderRows(merged);
  return merged;
}

}  // namespace daicho
