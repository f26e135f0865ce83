#include "collector/admin/past_moment.h"

#include "collector/admin/row.h"

namespace daicho::collector {

Status CheckKept(const Store& store, UnixTime moment) {
  std::optional<UnixTime> kept_since;
  SelectRequest select;
  select.sql = "SELECT kept_since FROM history";
  const Status read = store.Select(select, [&](auto columns, auto values) {
    kept_since = Row(columns, values).Integer("kept_since");
    return false;
  });
  if (!read) return read;
  if (!kept_since || moment >= *kept_since) return {};
  // Not kNotFound: whoever asks who had X then must not take it for "nobody".
  return Fail(Code::kFailedPrecondition, "the ledger has forgotten what was before " + FormatTime(*kept_since) +
                                             " ([history] keep_days of the collector); ask for a time from then on");
}

}  // namespace daicho::collector
