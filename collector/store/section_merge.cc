#include "collector/store/section_merge.h"

#include <google/protobuf/message.h>

#include <unordered_map>

namespace daicho::collector {

namespace {

std::string Overlaid(const SectionType& type, const std::string& known, const std::string& seen) {
  if (known == seen) return known;
  const auto known_row = ParseRow(type, known);
  const auto seen_row = ParseRow(type, seen);
  if (!known_row || !seen_row) return seen;
  OverlayRow(**seen_row, **known_row);
  std::string merged = RowBytes(**known_row);
  // A field of a newer agent that this build does not know is written last and may then stand behind the machine's
  // fields; such a row could not be split, so what was seen counts as a whole.
  return SplitRowBytes(merged) ? merged : seen;
}

}  // namespace

Rows MergePartial(const SectionType& type, const Rows& held, const Rows& seen) {
  std::unordered_map<std::string, std::string> by_key;
  for (const std::string& row : held) {
    if (const auto parsed = ParseRow(type, row)) by_key.emplace(RowKey(type, **parsed), row);
  }
  for (const std::string& row : seen) {
    const auto parsed = ParseRow(type, row);
    if (!parsed) continue;
    const auto [known, fresh] = by_key.emplace(RowKey(type, **parsed), row);
    if (!fresh) known->second = Overlaid(type, known->second, row);
  }
  Rows merged;
  merged.reserve(by_key.size());
  for (auto& [key, row] : by_key) merged.push_back(std::move(row));
  OrderRows(merged);
  return merged;
}

}  // namespace daicho::collector
