#include "collector/admin/change_reader.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "collector/admin/row.h"
#include "collector/reports/section_diff.h"
#include "common/time_format.h"

namespace daicho::collector {

namespace {

constexpr const char* kDeviceSection = "device";

struct Place {
  std::string device_id;
  std::string hostname;
  std::string section;
  std::string kind;  // of kDeviceSection

  auto Order() const { return std::tie(hostname, device_id, section, kind); }
};

const char* NameOf(RowChangeKind kind) {
  switch (kind) {
    case RowChangeKind::kAdded:
      return "added";
    case RowChangeKind::kRemoved:
      return "removed";
    case RowChangeKind::kChanged:
      break;
  }
  return "changed";
}

SelectRequest SelectOf(const ChangeFilter& filter, std::string sql) {
  SelectRequest select;
  select.sql = std::move(sql);
  select.limit_ms = kListLimitMs;
  select.parameters = {{"since", filter.since}, {"until", filter.until}};
  if (!filter.device_id.empty()) {
    select.sql += " AND device_id = :device";
    select.parameters["device"] = filter.device_id;
  }
  return select;
}

// Devices that came or went in between. `came` has those whose rows are all new, and say nothing that `show` does not.
Status AddDevices(const Store& store, const ChangeFilter& filter, std::vector<Place>& places,
                  std::set<std::string>& came) {
  const SelectRequest select =
      SelectOf(filter,
               "SELECT device_id, hostname, CASE WHEN enrolled_at > :since THEN 1 ELSE 0 END AS came, CASE WHEN "
               "revoked_at > :since AND revoked_at <= :until THEN 1 ELSE 0 END AS went FROM device WHERE ((enrolled_at "
               "> :since AND enrolled_at <= :until) OR (revoked_at > :since AND revoked_at <= :until))");
  return store.Select(select, [&](auto columns, auto values) {
    const Row row(columns, values);
    Place place{.device_id = row.Text("device_id"),
                .hostname = row.Text("hostname"),
                .section = kDeviceSection,
                .kind = "added"};
    if (row.Count("came") != 0) {
      came.insert(place.device_id);
      places.push_back(place);
    }
    place.kind = "removed";
    if (row.Count("went") != 0) places.push_back(std::move(place));
    return true;
  });
}

// A period that held at `since` and does not at `until` ended in between; one that holds only at `until` began there.
Status AddSections(const Store& store, const ChangeFilter& filter, const std::set<std::string>& came,
                   std::vector<Place>& places) {
  SelectRequest select =
      SelectOf(filter,
               "SELECT device_id, hostname, section, max(CASE WHEN valid_from <= :since THEN digest END) AS before, "
               "max(CASE WHEN valid_to IS NULL OR valid_to > :until THEN digest END) AS after FROM section_history "
               "WHERE ((valid_from > :since AND valid_from <= :until) OR (valid_from <= :since AND valid_to > :since "
               "AND valid_to <= :until))");
  select.sql += " GROUP BY device_id, hostname, section";
  return store.Select(select, [&](auto columns, auto values) {
    const Row row(columns, values);
    Place place{.device_id = row.Text("device_id"),
                .hostname = row.Text("hostname"),
                .section = row.Text("section"),
                .kind = {}};
    if (row.Text("before") != row.Text("after") && !came.contains(place.device_id)) places.push_back(std::move(place));
    return true;
  });
}

v1::Change ChangeOf(const Place& place, const RowChange& row) {
  v1::Change change;
  change.set_device_id(place.device_id);
  change.set_hostname(place.hostname);
  change.set_section(place.section);
  change.set_kind(NameOf(row.kind));
  change.set_subject(row.subject);
  for (const FieldChange& field : row.fields) {
    v1::FieldDifference& difference = *change.add_fields();
    difference.set_field(field.field);
    difference.set_before(field.before);
    difference.set_after(field.after);
  }
  return change;
}

// False: the sink wants no more.
Result<bool> SendSection(const Store& store, const ChangeFilter& filter, const Place& place,
                         const Sink<v1::Change>& sink) {
  const SectionType* const type = FindSection(place.section);
  if (type == nullptr) return true;
  const auto before = store.SectionRows(place.device_id, place.section, filter.since);
  if (!before) return std::unexpected(before.error());
  const auto after = store.SectionRows(place.device_id, place.section, filter.until);
  if (!after) return std::unexpected(after.error());
  for (const RowChange& row : DiffSection(*type, *before, *after, DiffDetail::kChangesOnly)) {
    if (!sink(ChangeOf(place, row))) return false;
  }
  return true;
}

bool SendDevice(const Place& place, const Sink<v1::Change>& sink) {
  v1::Change change;
  change.set_device_id(place.device_id);
  change.set_hostname(place.hostname);
  change.set_section(place.section);
  change.set_kind(place.kind);
  return sink(change);
}

}  // namespace

Status ReadChanges(const Store& store, const ChangeFilter& filter, const Sink<v1::Change>& sink) {
  if (filter.since > filter.until) {
    return Fail(Code::kInvalidArgument,
                "since " + FormatTime(filter.since) + " is after until " + FormatTime(filter.until));
  }
  std::vector<Place> places;
  std::set<std::string> came;
  if (auto done = AddDevices(store, filter, places, came); !done) return done;
  if (auto done = AddSections(store, filter, came, places); !done) return done;
  std::ranges::sort(places, [](const Place& a, const Place& b) { return a.Order() < b.Order(); });
  for (const Place& place : places) {
    const Result<bool> more = place.section == kDeviceSection ? Result<bool>(SendDevice(place, sink))
                                                              : SendSection(store, filter, place, sink);
    if (!more) return std::unexpected(more.error());
    if (!*more) return {};
  }
  return {};
}

}  // namespace daicho::collector
