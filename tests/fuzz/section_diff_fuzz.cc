// Two states of a section, of any bytes: every change names what it changes, and the changes applied to the first state
// give the second. Records are separated by U+001E: the section's name, then rows, each after '-' (before), '+' (after)
// or '=' (both).
#include <google/protobuf/message.h>

#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>

#include "collector/reports/section_diff.h"
#include "common/text.h"

namespace {

using daicho::Rows;
using ByKey = std::map<std::string, std::string>;

ByKey KeyedRows(const daicho::SectionType& type, const Rows& rows) {
  ByKey keyed;
  for (const std::string& bytes : rows) {
    if (const auto row = daicho::ParseRow(type, bytes)) keyed.insert_or_assign(daicho::RowKey(type, **row), bytes);
  }
  return keyed;
}

Rows Ordered(const ByKey& keyed) {
  Rows rows;
  for (const auto& [key, row] : keyed) rows.push_back(row);
  daicho::OrderRows(rows);
  return rows;
}

void Check(const daicho::SectionType& type, const ByKey& before, const ByKey& after) {
  using daicho::collector::DiffDetail;
  using daicho::collector::RowChangeKind;
  const Rows from = Ordered(before);
  const Rows to = Ordered(after);
  ByKey state = before;
  for (const auto& change : daicho::collector::DiffSection(type, from, to, DiffDetail::kEverything)) {
    if (change.before != (before.contains(change.key) ? before.at(change.key) : "")) std::abort();
    if (change.kind == RowChangeKind::kRemoved) {
      state.erase(change.key);
    } else {
      state.insert_or_assign(change.key, std::string(change.after));
    }
    if (!daicho::IsUtf8(change.subject)) std::abort();
  }
  if (state != after) std::abort();
  for (const auto& change : daicho::collector::DiffSection(type, from, to, DiffDetail::kChangesOnly)) {
    for (const auto& field : change.fields) {
      if (field.before == field.after || !daicho::IsUtf8(field.before) || !daicho::IsUtf8(field.after)) std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto records = daicho::Split({reinterpret_cast<const char*>(data), size}, '\x1e');
  const daicho::SectionType* const type = daicho::FindSection(records.front());
  if (type == nullptr) return 0;
  Rows before;
  Rows after;
  for (const std::string_view record : records) {
    if (record.empty()) continue;
    const std::string row(record.substr(1));
    if (record.front() != '+') before.push_back(row);
    if (record.front() != '-') after.push_back(row);
  }
  Check(*type, KeyedRows(*type, before), KeyedRows(*type, after));
  return 0;
}
