#include "collector/admin/finding_lookup.h"

#include <algorithm>
#include <vector>

#include "collector/admin/row.h"
#include "common/text.h"

namespace daicho::collector {

namespace {

constexpr std::size_t kMinPrefix = 4;
constexpr std::size_t kMaxText = 64;
constexpr std::int64_t kShownCandidates = 8;

bool IsIdPrefix(std::string_view text) {
  return text.size() >= kMinPrefix && text.size() <= kMaxText &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == '-'; });
}

}  // namespace

Result<FoundFinding> LookUpFinding(const Store& store, std::string_view text) {
  const std::string quoted = "\"" + CleanText(text.substr(0, kMaxText)) + "\"";
  const Error none{Code::kNotFound, "no finding has the id, or id prefix of 4 characters or more, " + quoted};
  if (!IsIdPrefix(text)) return std::unexpected(none);
  SelectRequest select;
  // "~" follows every character of an id.
  select.sql =
      "SELECT finding_id, status, hostname, subject FROM finding WHERE finding_id >= :text AND finding_id < :text || "
      "'~' ORDER BY finding_id <> :text, status = 'resolved', finding_id LIMIT :most";
  select.parameters = {{"text", std::string(text)}, {"most", kShownCandidates + 1}};
  std::vector<FoundFinding> found;
  std::string list;
  const auto done = store.Select(select, [&](auto columns, auto values) {
    const Row row(columns, values);
    found.push_back({row.Text("finding_id"), row.Text("status")});
    list += "\n  " + found.back().finding_id + " (" + CleanText(row.Text("hostname")) + ", " +
            CleanText(row.Text("subject")) + ", " + found.back().status + ")";
    return true;
  });
  if (!done) return std::unexpected(done.error());
  if (found.empty()) return std::unexpected(none);
  const bool only_living = found.size() > 1 && found[0].status != "resolved" && found[1].status == "resolved";
  if (found.size() == 1 || found[0].finding_id == text || only_living) return found.front();
  return Fail(Code::kInvalidArgument, quoted + " names several findings; use more of the id:" + list);
}

}  // namespace daicho::collector
