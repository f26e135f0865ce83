#include "collector/store/verify.h"

#include <limits>
#include <string>
#include <vector>

#include "collector/store/content_table.h"
#include "collector/store/journal_proof.h"
#include "collector/store/projection.h"
#include "collector/store/proof_run.h"
#include "collector/store/section_proof.h"
#include "collector/store/set_codec.h"
#include "common/version_order.h"
#include "daicho/v1/facts.pb.h"

namespace daicho::collector {

namespace {

class Verification {
 public:
  Verification(Connection& connection, const VerifyProgress& progress)
      : connection_(connection), run_(connection, progress), sections_(run_), journal_(run_) {}

  Result<VerifyCounts> Run() {
    Status done = run_.AtOneMoment([this] { return CountWork(); });
    if (done) done = AllPages(&Verification::ItemPage);
    if (done) done = AllPages(&Verification::SetPage);
    if (done) done = AllPages(&Verification::DevicePage);
    if (done) done = run_.AtOneMoment([this] { return Orphans(); });
    if (done) done = journal_.Prove();
    if (!done) return std::unexpected(done.error());
    counts_.sections = sections_.sections();
    counts_.journal_entries = journal_.entries();
    return counts_;
  }

 private:
  // How far the pages of a table have come: everything up to this number is done.
  struct Place {
    std::int64_t number = std::numeric_limits<std::int64_t>::min();
    std::string name;
    bool at_end = false;
  };

  Status AllPages(Status (Verification::*page)(Place&)) {
    Place place;
    while (!place.at_end) {
      if (const Status done = run_.AtOneMoment([&] { return (this->*page)(place); }); !done) return done;
    }
    return {};
  }

  Status CountWork() {
    for (const char* table : {"software_item", "software_set", "section_period", "journal_entry"}) {
      Query count = connection_.Ask(std::string("SELECT count(*) FROM ") + table);
      if (count.Next()) run_.Expect(static_cast<std::uint64_t>(count.Int(0)));
      if (const Status good = run_.Engine(std::string("table ") + table); !good) return good;
    }
    return {};
  }

  Status ItemPage(Place& at) {
    Query rows = connection_.Ask(
        "SELECT id, item_hash, item, manager, name, version, version_key, architecture, state FROM software_item "
        "WHERE id > ?1 ORDER BY id LIMIT ?2",
        at.number, ProofRun::kPage);
    at.at_end = true;
    while (rows.Next()) {
      at = {.number = rows.Int(0), .name = {}, .at_end = false};
      if (const Status good = Item(rows); !good) return good;
      ++counts_.items;
      if (const Status on = run_.Step(); !on) return on;
    }
    return run_.Engine("table software_item");
  }

  Status Item(const Query& row) const {
    const std::string place = "software item " + std::to_string(row.Int(0));
    const std::string_view item = row.Bytes(2);
    v1::Software software;
    if (!software.ParseFromArray(item.data(), static_cast<int>(item.size()))) {
      return run_.Broken(place, "its bytes are no message Software");
    }
    if (ItemHash(item) != row.Int(1)) return run_.Broken(place, "its bytes have not its hash");
    const bool shown = software.manager() == row.Text(3) && software.name() == row.Text(4) &&
                       software.version() == row.Text(5) && software.architecture() == row.Text(7) &&
                       software.state() == row.Text(8);
    const bool has_nul = software.SerializeAsString().find('\0') != std::string::npos;
    if (!shown && !has_nul) return run_.Broken(place, "its columns do not show what its bytes say");
    if (VersionKey(software.manager(), software.version()) != row.Bytes(6)) {
      return run_.Broken(place, "its version key is not that of version '" + software.version() + "'");
    }
    return {};
  }

  Status SetPage(Place& at) {
    Query rows =
        connection_.Ask("SELECT id, sha256, item_count, items FROM software_set WHERE id > ?1 ORDER BY id LIMIT ?2",
                        at.number, ProofRun::kPage);
    at.at_end = true;
    while (rows.Next()) {
      at = {.number = rows.Int(0), .name = {}, .at_end = false};
      const std::string place = "software set " + std::to_string(rows.Int(0));
      if (Sha256(rows.Bytes(3)) != rows.Bytes(1)) return run_.Broken(place, "its items have not its SHA-256");
      const auto items = DecodeItems(rows.Bytes(3));
      if (!items) return run_.Broken(place, items.error().message);
      if (static_cast<std::int64_t>(items->size()) != rows.Int(2))
        return run_.Broken(place, "its count of items is wrong");
      ++counts_.sets;
      if (const Status on = run_.Step(); !on) return on;
    }
    return run_.Engine("table software_set");
  }

  Status DevicePage(Place& at) {
    DeviceToProve device;
    {
      Query rows = connection_.Ask(
          "SELECT id, device_id, hostname, reported_at IS NOT NULL, revoked_at, (SELECT kept_since FROM history_state) "
          "FROM device_entry WHERE device_id > ?1 ORDER BY device_id LIMIT 1",
          at.name);
      at.at_end = !rows.Next();
      if (const Status good = run_.Engine("table device_entry"); !good) return good;
      if (at.at_end) return {};
      device = {.number = rows.Int(0),
                .device_id = std::string(rows.Text(1)),
                .hostname = std::string(rows.Text(2)),
                .has_reported = rows.Int(3) != 0,
                .revoked_at = rows.OptionalInt(4),
                .kept_since = rows.OptionalInt(5)};
    }
    at.name = device.device_id;
    if (const Status good = sections_.Prove(device); !good) return good;
    ++counts_.devices;
    return {};
  }

  // What belongs to a device that is not there.
  Status Orphans() {
    std::vector<std::string> tables = {"section_state", "section_period", "software_period", "certificate_entry",
                                       "claim_entry"};
    for (const Projection& projection : AllProjections()) tables.emplace_back(projection.table);
    for (const std::string& table : tables) {
      Query rows = connection_.Ask("SELECT t.device FROM " + table +
                                   " AS t WHERE NOT EXISTS (SELECT 1 FROM device_entry AS d WHERE d.id = t.device) "
                                   "LIMIT 1");
      if (rows.Next()) {
        return run_.Broken("table " + table, "it has rows of device number " + std::to_string(rows.Int(0)) +
                                                 ", which is missing in table device_entry");
      }
      if (const Status good = run_.Engine("table " + table); !good) return good;
    }
    return {};
  }

  Connection& connection_;
  ProofRun run_;
  SectionProof sections_;
  JournalProof journal_;
  VerifyCounts counts_;
};

}  // namespace

Result<VerifyCounts> VerifyLedger(Connection& connection, const VerifyProgress& progress) {
  return Verification(connection, progress).Run();
}

}  // namespace daicho::collector
