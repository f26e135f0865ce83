#include "collector/admin/device_lookup.h"

#include <algorithm>
#include <vector>

#include "collector/admin/row.h"
#include "common/text.h"

namespace daicho::collector {

namespace {

constexpr std::size_t kMinPrefix = 4;
constexpr std::size_t kMaxText = 253;
constexpr std::int64_t kShownCandidates = 8;

bool IsIdPrefix(std::string_view text) {
  return text.size() >= kMinPrefix &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

struct Candidate {
  std::string device_id;
  std::string shown;
  bool revoked = false;
};

}  // namespace

Result<std::string> FindDeviceId(const Store& store, std::string_view text) {
  if (text.empty() || text.size() > kMaxText) return Fail(Code::kInvalidArgument, "name a device by id or host name");
  SelectRequest select;
  // "g" follows the last hex digit: all ids that begin with the text, by index.
  select.sql =
      "SELECT device_id, hostname, status FROM device WHERE lower(hostname) = lower(:text) OR "
      "(:prefix <> '' AND device_id >= :prefix AND device_id < :prefix || 'g') ORDER BY status = 'revoked', device_id "
      "LIMIT "
      ":most";
  select.parameters = {{"text", std::string(text)},
                       {"prefix", IsIdPrefix(text) ? std::string(text) : std::string()},
                       {"most", kShownCandidates + 1}};
  std::vector<Candidate> candidates;
  const auto done = store.Select(select, [&](auto columns, auto values) {
    const Row row(columns, values);
    const std::string id = row.Text("device_id");
    const std::string status = row.Text("status");
    candidates.push_back({id, id + " (" + CleanText(row.Text("hostname")) + ", " + status + ")", status == "revoked"});
    return true;
  });
  if (!done) return std::unexpected(done.error());
  const std::string quoted = "\"" + CleanText(text) + "\"";
  if (candidates.empty()) {
    return Fail(Code::kNotFound, "no device has the id, id prefix of 4 digits or more, or host name " + quoted);
  }
  if (candidates.size() == 1) return candidates.front().device_id;
  // A machine that was revoked and enrolled as new has a namesake that nobody means any more.
  if (!candidates[0].revoked && candidates[1].revoked) return candidates.front().device_id;
  std::string list;
  for (std::size_t i = 0; i < candidates.size() && i < kShownCandidates; ++i) list += "\n  " + candidates[i].shown;
  if (candidates.size() > kShownCandidates) list += "\n  …";
  return Fail(Code::kInvalidArgument, quoted + " names several devices; use more of the id:" + list);
}

}  // namespace daicho::collector
