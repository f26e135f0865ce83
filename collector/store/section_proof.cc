#include "collector/store/section_proof.h"

#include <google/protobuf/message.h>

#include "collector/store/projection.h"
#include "collector/store/section_rows.h"
#include "common/sections.h"
#include "common/time_format.h"

namespace daicho::collector {

namespace {

bool Shows(const Query& row, int column, const Projected& value) {
  if (std::holds_alternative<std::nullptr_t>(value)) return row.IsNull(column);
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    return !row.IsNull(column) && row.Int(column) == *number;
  }
  const std::string& text = std::get<std::string>(value);
  // An engine that cannot have a NUL in a text shows another character.
  return row.Text(column) == text || text.find('\0') != std::string::npos;
}

}  // namespace

Status SectionProof::Prove(const DeviceToProve& device) {
  bool has_section = false;
  for (const SectionType& type : AllSections()) {
    Section section{.device = device, .name = std::string(type.name), .place = {}, .state = {}, .periods = {}};
    section.place = "device " + device.device_id + " (" + device.hostname + "), section " + section.name;
    if (const Status good = Read(section); !good) return good;
    has_section |= section.state.has_value();
    if (!section.state && device.is_gone()) continue;
    if (const Status good = ProveOne(section); !good) return good;
  }
  if (has_section || !device.has_reported || device.is_gone()) return {};
  return run_.Broken("device " + device.device_id + " (" + device.hostname + ")",
                     "it has reported, and all of its sections are missing");
}

Status SectionProof::Read(Section& section) const {
  {
    Query state = run_.connection().Ask(
        "SELECT digest, row_count, begun_at FROM section_state WHERE device = ?1 AND section = ?2",
        section.device.number, section.name);
    if (state.Next()) {
      section.state = {.digest = state.OptionalBytes(0), .row_count = state.Int(1), .begun_at = state.OptionalInt(2)};
    }
  }
  Query periods = run_.connection().Ask(
      "SELECT valid_from, valid_to, row_count, digest FROM section_period WHERE device = ?1 AND section = ?2 "
      "ORDER BY valid_from, id",
      section.device.number, section.name);
  while (periods.Next()) {
    section.periods.push_back({.from = periods.Int(0),
                               .to = periods.OptionalInt(1),
                               .row_count = periods.Int(2),
                               .digest = periods.OptionalBytes(3)});
  }
  return run_.Engine(section.place);
}

Status SectionProof::ProveOne(const Section& section) {
  const State now = section.state.value_or(State{});
  if (const Status good = HeldRows(section, section.place, std::nullopt, now.digest, now.row_count); !good) return good;
  if (const Status good = History(section); !good) return good;
  for (const Period& period : section.periods) {
    if (!period.held()) continue;
    const Status good = HeldRows(section, section.place + ", since " + FormatTime(period.from), period.from,
                                 period.digest, period.row_count);
    if (!good) return good;
    if (const Status on = run_.Step(); !on) return on;
  }
  return Shown(section);
}

Status SectionProof::History(const Section& section) const {
  const State now = section.state.value_or(State{});
  if (section.periods.empty() && !now.begun_at && !now.digest) return {};
  if (!section.state) return run_.Broken(section.place, "it has a history, and what holds now is missing");
  if (section.periods.empty()) return run_.Broken(section.place, "its history is missing");
  const UnixTime first = section.periods.front().from;
  const bool may_be_cut = section.device.kept_since && first <= *section.device.kept_since;
  // Not known: only a collector of before schema 8 has written here, beside others that have it.
  if (now.begun_at && (first < *now.begun_at || (first > *now.begun_at && !may_be_cut))) {
    return run_.Broken(section.place, "its history begins at " + FormatTime(first) + ", and it began at " +
                                          FormatTime(*now.begun_at) + ": a period before is missing");
  }
  if (const Status good = Follow(section, "its history", section.periods); !good) return good;
  const Period& last = section.periods.back();
  if (last.to) return run_.Broken(section.place, "its history ends at " + FormatTime(*last.to));
  if (last.digest != now.digest || last.row_count != now.row_count) {
    return run_.Broken(section.place, "its last period is not what holds now");
  }
  return section.name == "software" ? SoftwareHistory(section) : Status();
}

// That there is one for each moment is proved by the rows.
Status SectionProof::SoftwareHistory(const Section& section) const {
  std::vector<Period> periods;
  Query rows = run_.connection().Ask(
      "SELECT valid_from, valid_to FROM software_period WHERE device = ?1 ORDER BY valid_from, id",
      section.device.number);
  while (rows.Next()) periods.push_back({.from = rows.Int(0), .to = rows.OptionalInt(1), .row_count = 0, .digest = {}});
  if (const Status good = run_.Engine(section.place); !good) return good;
  return Follow(section, "its software", periods);
}

// What ended before the first moment that is kept may stay for what came after (software that others are a patch of),
// and what came in between may be forgotten.
Status SectionProof::Follow(const Section& section, const std::string& what, const std::vector<Period>& periods) const {
  for (std::size_t i = 1; i < periods.size(); ++i) {
    const std::optional<UnixTime> ended = periods[i - 1].to;
    const UnixTime begun = periods[i].from;
    if (!ended || *ended > begun) {
      return run_.Broken(section.place, what + " has two periods at once, since " + FormatTime(begun));
    }
    if (*ended == begun) continue;
    if (section.device.kept_since && begun <= *section.device.kept_since) continue;
    return run_.Broken(section.place, what + " has a gap from " + FormatTime(*ended) + " to " + FormatTime(begun) +
                                          ": a period is missing");
  }
  return {};
}

Status SectionProof::HeldRows(const Section& section, const std::string& place, std::optional<UnixTime> at,
                              const std::optional<std::string>& digest, std::int64_t count) {
  const auto rows = LoadSectionRows(run_.connection(), section.device.number, section.name, at, items_);
  if (const Status good = run_.Engine(place); !good) return good;
  if (!rows) return run_.Broken(place, rows.error().message);
  if (!digest && rows->empty() && count == 0) return {};
  if (!digest || *digest != DigestRows(*rows)) {
    return run_.Broken(place, "the rows held have not the digest reported");
  }
  if (count != static_cast<std::int64_t>(rows->size())) {
    return run_.Broken(
        place, "its count of rows is " + std::to_string(count) + ", and " + std::to_string(rows->size()) + " are held");
  }
  ++sections_;
  return {};
}

Status SectionProof::Shown(const Section& section) const {
  const Projection* projection = FindProjection(section.name);
  if (projection == nullptr) return {};
  const SectionType& type = *FindSection(section.name);
  std::string sql = "SELECT row";
  for (const ProjectedColumn& column : projection->columns) sql += ", " + std::string(column.name);
  Query rows =
      run_.connection().Ask(sql + " FROM " + std::string(projection->table) + " WHERE device = ?1 AND valid_to IS NULL",
                            section.device.number);
  while (rows.Next()) {
    const auto parsed = ParseRow(type, rows.Bytes(0));
    if (!parsed) return run_.Broken(section.place, "a row does not parse: " + parsed.error().message);
    int index = 0;
    for (const ProjectedColumn& column : projection->columns) {
      if (Shows(rows, ++index, ProjectField(**parsed, FindPath(*(*parsed)->GetDescriptor(), column.path)))) continue;
      return run_.Broken(section.place, "column " + std::string(column.name) + " does not show what the row of key '" +
                                            RowKey(type, **parsed) + "' says");
    }
  }
  return run_.Engine(section.place);
}

}  // namespace daicho::collector
