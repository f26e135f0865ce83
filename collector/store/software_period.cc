#include "collector/store/software_period.h"

#include <string>

namespace daicho::collector {

namespace {

constexpr std::string_view kSelect =
    "SELECT p.id, s.items, p.tails, b.id, b.tails, t.items FROM software_period AS p "
    "JOIN software_set AS s ON s.id = p.set_id "
    "LEFT JOIN software_period AS b ON b.device = p.device AND b.id = p.base "
    "LEFT JOIN software_set AS t ON t.id = b.set_id WHERE p.device = ?1 AND ";

Query Ask(Connection& connection, std::int64_t device, std::optional<UnixTime> at) {
  static const std::string now = std::string(kSelect) + "p.valid_to IS NULL";
  // A period that ended in the second in which it began held at no time.
  static const std::string then =
      std::string(kSelect) + "p.valid_from <= ?2 AND (p.valid_to IS NULL OR p.valid_to > ?2)";
  return at ? connection.Ask(then, device, *at) : connection.Ask(now, device);
}

Result<ItemTails> Whole(std::string_view items, std::string_view tails) {
  auto ids = DecodeItems(items);
  if (!ids) return std::unexpected(ids.error());
  auto decoded = DecodeTails(tails, ids->size());
  if (!decoded) return std::unexpected(decoded.error());
  return ItemTails{std::move(*ids), std::move(*decoded)};
}

Result<SoftwarePeriod> Decode(const Query& row) {
  SoftwarePeriod period;
  if (row.IsNull(3)) {
    auto held = Whole(row.Bytes(1), row.Bytes(2));
    if (!held) return std::unexpected(held.error());
    period.held = std::move(*held);
    period.whole_id = row.Int(0);
    period.whole_size = row.Bytes(2).size();
    return period;
  }
  auto base = Whole(row.Bytes(5), row.Bytes(4));
  if (!base) return std::unexpected(base.error());
  auto ids = DecodeItems(row.Bytes(1));
  if (!ids) return std::unexpected(ids.error());
  auto tails = ApplyPatch(row.Bytes(2), *ids, *base);
  if (!tails) return std::unexpected(tails.error());
  period.held = {std::move(*ids), std::move(*tails)};
  period.whole_id = row.Int(3);
  period.whole_size = row.Bytes(4).size();
  period.base = std::move(*base);
  return period;
}

}  // namespace

Result<std::optional<SoftwarePeriod>> ReadSoftwarePeriod(Connection& connection, std::int64_t device,
                                                         std::optional<UnixTime> at) {
  Query row = Ask(connection, device, at);
  if (!row.Next()) {
    if (const Status status = connection.status(); !status) return std::unexpected(status.error());
    return std::nullopt;
  }
  auto period = Decode(row);
  if (!period) return Fail(period.error().code, connection.name() + ": " + period.error().message);
  return std::move(*period);
}

}  // namespace daicho::collector
