#include "collector/store/ledger_store.h"

#include <chrono>
#include <set>
#include <type_traits>

#include "collector/store/device_writes.h"
#include "collector/store/ledger_reader.h"
#include "collector/store/section_rows.h"
#include "collector/store/verify.h"

namespace daicho::collector {

namespace {

// For the questions of every call, which are short.
constexpr std::size_t kLookupConnections = 2;
// For scans of the software, which may take seconds, and minutes where somebody takes an export slowly.
constexpr std::size_t kScanConnections = 4;
// A proof of the whole ledger takes minutes: it holds nobody up, and there is one at a time.
constexpr std::size_t kProofConnections = 1;
constexpr std::chrono::seconds kWaitForProof(1);
// Collectors that want the same rows at once: the engine ends one of them, and it is to try again.
constexpr int kTries = 5;

// Devices whose changes are remembered one by one; beyond, whoever asks has to look at all of them anyway.
constexpr std::size_t kMaxRememberedChanges = 1'000;

// What the engine refuses is refused to this collector. To whoever calls, the ledger is not there: his own rights are
// another matter, and so is what he concludes.
std::unexpected<Error> OfTheEngine(Error error) {
  if (error.code == Code::kPermissionDenied) error.code = Code::kUnavailable;
  return std::unexpected(std::move(error));
}

using Connections = ConnectionPool<Connection>;
Result<Connections::Borrowed> BorrowFrom(Connections& pool, Connections::Deadline deadline = {}) {
  auto connection = pool.Borrow(deadline);
  if (!connection) return OfTheEngine(std::move(connection.error()));
  return connection;
}

// The device that a committed write is news of; empty: none.
template <typename Write>
std::string ChangedDevice(const Write& write) {
  if (!write.result) return {};
  if constexpr (requires { write.changed; }) return write.changed ? write.device_id : "";
  if constexpr (std::is_same_v<Write, RevokeWrite> || std::is_same_v<Write, EnrolWrite>) return write.device_id;
  return {};
}

}  // namespace

LedgerStore::LedgerStore(OpenWriter open_writer, OpenReader open_reader)
    : open_writer_(std::move(open_writer)),
      lookups_(kLookupConnections, open_reader),
      // A connection that is made anew may be to another server: nothing read from the former one is trusted.
      scans_(kScanConnections,
             [this, open_reader] {
               auto connection = open_reader();
               software_.Clear();  // after it: until then somebody may read from the former server and remember
               return connection;
             }),
      proofs_(kProofConnections, open_reader) {}

Status LedgerStore::Write(const std::function<Status(Writer&)>& work) {
  Status done;
  for (int tries = 0; tries < kTries; ++tries) {
    if (writer_ && writer_->is_lost()) writer_.reset();
    if (!writer_) {
      auto opened = open_writer_();
      if (!opened) return OfTheEngine(std::move(opened.error()));
      writer_ = std::move(*opened);
    }
    done = work(*writer_);
    if (done) return done;
    if (done.error().code != Code::kAborted) break;
  }
  return OfTheEngine(std::move(done.error()));
}

Status LedgerStore::Commit(std::span<StoreWrite> batch) {
  if (const Status done = Write([&](Writer& writer) { return writer.ledger().Commit(batch); }); !done) return done;
  for (const StoreWrite& write : batch) {
    std::string device = std::visit([](const auto& done) { return ChangedDevice(done); }, write);
    if (!device.empty()) changes_.Note(std::move(device));
  }
  return {};
}

void LedgerStore::ChangeLog::Note(std::string device_id) {
  const std::lock_guard lock(mutex_);
  ++count_;
  devices_.push_back(std::move(device_id));
  if (devices_.size() > kMaxRememberedChanges) devices_.pop_front();
}

LedgerChanges LedgerStore::ChangeLog::Since(std::uint64_t since) const {
  const std::lock_guard lock(mutex_);
  LedgerChanges changes{.count = count_, .devices = {}};
  if (since > count_ || count_ - since > devices_.size()) return changes;
  const auto first = devices_.end() - static_cast<std::ptrdiff_t>(count_ - since);
  const std::set<std::string> distinct(first, devices_.end());
  changes.devices.emplace(distinct.begin(), distinct.end());
  return changes;
}

Status LedgerStore::ScanSoftware(const SoftwareScan& scan, const InstallationSink& sink) const {
  return Read(scans_,
              [&](Connection& connection) { return collector::ScanSoftware(connection, software_, scan, sink); });
}

Result<TokenGrant> LedgerStore::FindToken(std::string_view token_hash, UnixTime now) const {
  const auto connection = BorrowFrom(lookups_);
  if (!connection) return std::unexpected(connection.error());
  return collector::FindToken(**connection, token_hash, now);
}

Result<DeviceStatus> LedgerStore::FindDevice(std::string_view device_id) const {
  const auto connection = BorrowFrom(lookups_);
  if (!connection) return std::unexpected(connection.error());
  return collector::FindDevice(**connection, device_id);
}

Result<Rows> LedgerStore::SectionRows(std::string_view device_id, std::string_view section,
                                      std::optional<UnixTime> at) const {
  Result<Rows> rows;
  const Status done = Read(lookups_, [&](Connection& connection) -> Status {
    const auto device = FindDeviceNumber(connection, device_id);
    if (!device) return device.error().code == Code::kNotFound ? Status() : std::unexpected(device.error());
    rows = LoadProvenRows(connection, *device, section, at);
    return {};
  });
  if (!done) return std::unexpected(done.error());
  return rows;
}

Result<VerifyCounts> LedgerStore::Verify(const VerifyProgress& progress) const {
  const auto connection = BorrowFrom(proofs_, std::chrono::steady_clock::now() + kWaitForProof);
  if (!connection) return std::unexpected(connection.error());
  if (const Status sound = ProveFiles(**connection); !sound) return std::unexpected(sound.error());
  return VerifyLedger(**connection, progress);
}

Status LedgerStore::Read(ConnectionPool<Connection>& pool, const std::function<Status(Connection&)>& work) const {
  const auto connection = BorrowFrom(pool);
  if (!connection) return std::unexpected(connection.error());
  if (const Status begun = (*connection)->BeginRead(); !begun) return begun;
  const Status done = work(**connection);
  (*connection)->Rollback();
  // Rows that did not come are not rows that are not there.
  return done ? (*connection)->status() : done;
}

}  // namespace daicho::collector
