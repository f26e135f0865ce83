#include "collector/store/software_scan.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "collector/store/projection.h"
#include "collector/store/software_period.h"

namespace daicho::collector {

namespace {

using Clock = std::chrono::steady_clock;

// Of encoded sets that are kept: 2 to 3 KB each.
constexpr std::size_t kMaxSetBytes = 64u << 20;

// installed_at of a tail (fields from 16 on), which nearly always has nothing else: 82 01, length, 08, seconds.
std::optional<UnixTime> InstalledAt(std::string_view tail) {
  if (tail.empty()) return std::nullopt;
  if (tail.size() == 9 && tail.starts_with("\x82\x01\x06\x08")) {
    UnixTime seconds = 0;
    for (std::size_t i = 8; i >= 4; --i) seconds = seconds << 7 | (static_cast<std::uint8_t>(tail[i]) & 0x7f);
    return seconds;
  }
  v1::Software software;
  if (!software.ParseFromArray(tail.data(), static_cast<int>(tail.size())) || !software.has_installed_at()) {
    return std::nullopt;
  }
  return KnownTime(software.installed_at());
}

struct Holder {
  std::int64_t device = 0;
  std::string device_id;
  std::string hostname;
  std::int64_t set = 0;
};

Result<std::vector<Holder>> FindHolders(Connection& connection, const SoftwareScan& scan) {
  std::string sql =
      "SELECT d.id, d.device_id, d.hostname, p.set_id FROM device_entry AS d JOIN software_period AS p ON ";
  std::string held = "p.valid_to IS NULL";
  std::string lives = "d.revoked_at IS NULL";
  if (scan.at) {
    held = "p.valid_from <= ?2 AND (p.valid_to IS NULL OR p.valid_to > ?2)";
    lives = "(d.revoked_at IS NULL OR d.revoked_at > ?2)";
  }
  sql += "p.device = d.id AND " + held + " WHERE CASE WHEN ?1 = '' THEN " + lives +
         " ELSE d.device_id = ?1 END ORDER BY d.hostname, d.device_id";
  Query rows = scan.at ? connection.Ask(sql, scan.device_id, *scan.at) : connection.Ask(sql, scan.device_id);
  std::vector<Holder> holders;
  while (rows.Next()) {
    holders.push_back({rows.Int(0), std::string(rows.Text(1)), std::string(rows.Text(2)), rows.Int(3)});
  }
  if (!connection.ok()) return std::unexpected(connection.status().error());
  return holders;
}

class Scanner {
 public:
  Scanner(Connection& connection, SoftwareCache& cache, const SoftwareScan& scan, const InstallationSink& sink)
      : connection_(connection), cache_(cache), scan_(scan), sink_(sink) {
    for (std::size_t i = 0; scan.items && i < scan.items->size(); ++i) order_.emplace((*scan.items)[i], i);
    if (scan.limit_ms) end_ = Clock::now() + std::chrono::milliseconds(*scan.limit_ms);
  }

  Status Run() {
    if (scan_.items && scan_.items->empty()) return {};
    auto holders = FindHolders(connection_, scan_);
    if (!holders) return std::unexpected(holders.error());
    auto catalog =
        scan_.items ? cache_.catalog().Load(connection_, *scan_.items) : cache_.catalog().LoadAll(connection_);
    if (!catalog) return std::unexpected(catalog.error());
    catalog_ = std::move(*catalog);
    for (const Holder& holder : *holders) {
      if (end_ && Clock::now() > *end_) {
        return Fail(Code::kDeadlineExceeded,
                    "the list took longer than " + std::to_string(*scan_.limit_ms) + " ms; narrow it");
      }
      if (const Status done = ScanDevice(holder); !done) return done;
      if (stopped_) return {};
    }
    return {};
  }

 private:
  // Positions in the set of the items that are looked for, in the order in which they are given.
  Result<const std::vector<std::size_t>*> PlacesIn(std::int64_t set) {
    const auto [place, fresh] = places_.try_emplace(set);
    if (!fresh) return &place->second;
    const auto blob = cache_.SetItems(connection_, set);
    if (!blob) return std::unexpected(blob.error());
    const auto ids = DecodeItems(**blob);
    if (!ids) return Fail(ids.error().code, connection_.name() + ": " + ids.error().message);
    std::vector<std::pair<std::size_t, std::size_t>> found;
    for (const auto& [id, order] : order_) {
      const auto at = std::ranges::lower_bound(*ids, id);
      if (at != ids->end() && *at == id) found.emplace_back(order, static_cast<std::size_t>(at - ids->begin()));
    }
    std::ranges::sort(found);
    for (const auto& [order, at] : found) place->second.push_back(at);
    return &place->second;
  }

  Status ScanDevice(const Holder& holder) {
    const std::vector<std::size_t>* wanted = nullptr;
    if (scan_.items) {
      const auto places = PlacesIn(holder.set);
      if (!places) return std::unexpected(places.error());
      if ((*places)->empty()) return {};
      wanted = *places;
    }
    const auto period = ReadSoftwarePeriod(connection_, holder.device, scan_.at);
    if (!period) return std::unexpected(period.error());
    if (!*period) return {};
    const ItemTails& held = (*period)->held;
    if (wanted == nullptr) {
      if (const Status known = Order(held.ids); !known) return known;
      wanted = &listed_;
    }
    for (const std::size_t at : *wanted) {
      const Installation one{.device_id = holder.device_id,
                             .hostname = holder.hostname,
                             .item_id = held.ids[at],
                             .item = *catalog_->Find(held.ids[at]),
                             .installed_at = InstalledAt(held.tails[at])};
      stopped_ = !sink_(one);
      if (stopped_) return {};
    }
    return {};
  }

  // All positions, in the order in which people list software.
  Status Order(const std::vector<ItemId>& ids) {
    if (std::ranges::any_of(ids, [this](ItemId id) { return catalog_->Find(id) == nullptr; })) {
      // Another collector committed it out of the order of numbers.
      if (const auto more = cache_.catalog().Load(connection_, ids); !more) return std::unexpected(more.error());
      auto catalog = cache_.catalog().LoadAll(connection_);
      if (!catalog) return std::unexpected(catalog.error());
      catalog_ = std::move(*catalog);
    }
    ranks_.clear();
    for (std::size_t i = 0; i < ids.size(); ++i) ranks_.emplace_back(catalog_->RankOf(ids[i]), i);
    std::ranges::sort(ranks_);
    listed_.clear();
    for (const auto& [rank, at] : ranks_) listed_.push_back(at);
    return {};
  }

  Connection& connection_;
  SoftwareCache& cache_;
  const SoftwareScan& scan_;
  const InstallationSink& sink_;
  std::optional<Clock::time_point> end_;
  std::shared_ptr<const CatalogItems> catalog_;
  std::unordered_map<ItemId, std::size_t> order_;                      // of the items that are looked for
  std::unordered_map<std::int64_t, std::vector<std::size_t>> places_;  // by set: many devices share one
  std::vector<std::pair<std::uint32_t, std::size_t>> ranks_;
  std::vector<std::size_t> listed_;
  bool stopped_ = false;
};

}  // namespace

Result<SoftwareCache::Blob> SoftwareCache::SetItems(Connection& connection, std::int64_t set) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = sets_.find(set); known != sets_.end()) return known->second;
  }
  Query row = connection.Ask("SELECT items FROM software_set WHERE id = ?1", set);
  if (!row.Next()) {
    if (!connection.ok()) return std::unexpected(connection.status().error());
    return Fail(Code::kDataLoss, connection.name() + ": software set " + std::to_string(set) + " is missing");
  }
  auto blob = std::make_shared<const std::string>(row.Bytes(0));
  const std::lock_guard lock(mutex_);
  if (bytes_ + blob->size() > kMaxSetBytes) {
    sets_.clear();
    bytes_ = 0;
  }
  if (sets_.emplace(set, blob).second) bytes_ += blob->size();
  return blob;
}

void SoftwareCache::Clear() {
  catalog_.Clear();
  const std::lock_guard lock(mutex_);
  sets_.clear();
  bytes_ = 0;
}

Status ScanSoftware(Connection& connection, SoftwareCache& cache, const SoftwareScan& scan,
                    const InstallationSink& sink) {
  return Scanner(connection, cache, scan, sink).Run();
}

}  // namespace daicho::collector
