#include "collector/store/verify.h"

#include <google/protobuf/message.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <string>
#include <vector>

#include "collector/store/content_table.h"
#include "collector/store/item_reader.h"
#include "collector/store/journal_hash.h"
#include "collector/store/projection.h"
#include "collector/store/section_rows.h"
#include "collector/store/set_codec.h"
#include "common/sections.h"
#include "common/time_format.h"
#include "common/version_order.h"
#include "daicho/v1/facts.pb.h"

namespace daicho::collector {

namespace {

// Rows of one transaction: some milliseconds of work, and what an engine across a wire gives in one answer.
constexpr std::int64_t kPage = 500;
// Looks at the progress: whoever waits sees it move, and whoever left is noticed.
constexpr std::uint64_t kStepsPerLook = 256;
constexpr std::chrono::milliseconds kLookAfter(200);

struct KnownDevice {
  std::int64_t number = 0;
  std::string device_id;
  std::string hostname;
};

class Verification {
 public:
  Verification(Connection& connection, const VerifyProgress& progress)
      : connection_(connection), progress_(progress), items_(connection) {}

  Result<VerifyCounts> Run() {
    Status done = AtOneMoment([this] { return CountWork(); });
    if (done) done = AllPages(&Verification::ItemPage);
    if (done) done = AllPages(&Verification::SetPage);
    if (done) done = AllPages(&Verification::DevicePage);
    if (done) done = AtOneMoment([this] { return Orphans(); });
    if (done) done = AtOneMoment([this] { return JournalHead(); });
    if (done) done = AllPages(&Verification::JournalPage);
    if (done) done = JournalEnd();
    if (!done) return std::unexpected(done.error());
    return counts_;
  }

 private:
  // How far the pages of a table have come: everything up to this number is done.
  struct Place {
    std::int64_t number = std::numeric_limits<std::int64_t>::min();
    std::string name;
    bool at_end = false;
  };

  template <typename Work>
  Status AtOneMoment(const Work& work) {
    if (const Status begun = connection_.BeginRead(); !begun) return begun;
    const Status done = work();
    connection_.Rollback();
    return done;
  }

  Status AllPages(Status (Verification::*page)(Place&)) {
    Place place;
    while (!place.at_end) {
      if (const Status done = AtOneMoment([&] { return (this->*page)(place); }); !done) return done;
    }
    return {};
  }

  Status Broken(const std::string& place, const std::string& what) const {
    return Fail(Code::kDataLoss, connection_.name() + ": " + place + ": " + what);
  }

  // The engine's error, if there is one, with the place at which it came.
  Status Engine(const std::string& place) const {
    if (connection_.ok()) return {};
    const Error error = connection_.status().error();
    return Fail(error.code, place + ": " + error.message);
  }

  Status Step() {
    ++done_;
    const auto now = std::chrono::steady_clock::now();
    if (done_ % kStepsPerLook != 0 && now - looked_at_ < kLookAfter) return {};
    looked_at_ = now;
    // What came since the work was counted is work too.
    if (!progress_(done_, std::max(done_, of_))) return Fail(Code::kAborted, "stopped");
    return {};
  }

  Status CountWork() {
    for (const char* table : {"software_item", "software_set", "section_period", "journal_entry"}) {
      Query count = connection_.Ask(std::string("SELECT count(*) FROM ") + table);
      if (count.Next()) of_ += static_cast<std::uint64_t>(count.Int(0));
      if (const Status good = Engine(std::string("table ") + table); !good) return good;
    }
    return {};
  }

  Status ItemPage(Place& at) {
    Query rows = connection_.Ask(
        "SELECT id, item_hash, item, manager, name, version, version_key, architecture, state FROM software_item "
        "WHERE id > ?1 ORDER BY id LIMIT ?2",
        at.number, kPage);
    at.at_end = true;
    while (rows.Next()) {
      at = {.number = rows.Int(0), .name = {}, .at_end = false};
      if (const Status good = Item(rows); !good) return good;
      ++counts_.items;
      if (const Status on = Step(); !on) return on;
    }
    return Engine("table software_item");
  }

  Status Item(const Query& row) const {
    const std::string place = "software item " + std::to_string(row.Int(0));
    const std::string_view item = row.Bytes(2);
    v1::Software software;
    if (!software.ParseFromArray(item.data(), static_cast<int>(item.size()))) {
      return Broken(place, "its bytes are no message Software");
    }
    if (ItemHash(item) != row.Int(1)) return Broken(place, "its bytes have not its hash");
    const bool shown = software.manager() == row.Text(3) && software.name() == row.Text(4) &&
                       software.version() == row.Text(5) && software.architecture() == row.Text(7) &&
                       software.state() == row.Text(8);
    const bool has_nul = software.SerializeAsString().find('\0') != std::string::npos;
    if (!shown && !has_nul) return Broken(place, "its columns do not show what its bytes say");
    if (VersionKey(software.manager(), software.version()) != row.Bytes(6)) {
      return Broken(place, "its version key is not that of version '" + software.version() + "'");
    }
    return {};
  }

  Status SetPage(Place& at) {
    Query rows = connection_.Ask(
        "SELECT id, sha256, item_count, items FROM software_set WHERE id > ?1 ORDER BY id LIMIT ?2", at.number, kPage);
    at.at_end = true;
    while (rows.Next()) {
      at = {.number = rows.Int(0), .name = {}, .at_end = false};
      const std::string place = "software set " + std::to_string(rows.Int(0));
      if (Sha256(rows.Bytes(3)) != rows.Bytes(1)) return Broken(place, "its items have not its SHA-256");
      const auto items = DecodeItems(rows.Bytes(3));
      if (!items) return Broken(place, items.error().message);
      if (static_cast<std::int64_t>(items->size()) != rows.Int(2)) return Broken(place, "its count of items is wrong");
      ++counts_.sets;
      if (const Status on = Step(); !on) return on;
    }
    return Engine("table software_set");
  }

  Status DevicePage(Place& at) {
    KnownDevice device;
    {
      Query rows = connection_.Ask(
          "SELECT id, device_id, hostname FROM device_entry WHERE device_id > ?1 ORDER BY device_id LIMIT 1", at.name);
      at.at_end = !rows.Next();
      if (const Status good = Engine("table device_entry"); !good) return good;
      if (at.at_end) return {};
      device = {rows.Int(0), std::string(rows.Text(1)), std::string(rows.Text(2))};
    }
    at.name = device.device_id;
    for (const SectionType& section : AllSections()) {
      if (const Status good = Section(device, std::string(section.name)); !good) return good;
    }
    ++counts_.devices;
    return {};
  }

  Status Section(const KnownDevice& device, const std::string& section) {
    const std::string place = "device " + device.device_id + " (" + device.hostname + "), section " + section;
    if (const Status good = Rows(device, section, place, std::nullopt); !good) return good;
    if (const Status good = RowCount(device, section, place); !good) return good;
    std::vector<UnixTime> moments;
    {
      Query periods = connection_.Ask(
          "SELECT valid_from FROM section_period WHERE device = ?1 AND section = ?2 AND digest IS NOT NULL AND "
          "(valid_to IS NULL OR valid_to > valid_from) ORDER BY valid_from",
          device.number, section);
      while (periods.Next()) moments.push_back(periods.Int(0));
      if (const Status good = Engine(place); !good) return good;
    }
    for (const UnixTime moment : moments) {
      if (const Status good = Rows(device, section, place + ", since " + FormatTime(moment), moment); !good)
        return good;
      if (const Status on = Step(); !on) return on;
    }
    return Shown(device, section, place);
  }

  Status Rows(const KnownDevice& device, const std::string& section, const std::string& place,
              std::optional<UnixTime> at) {
    const auto rows = LoadSectionRows(connection_, device.number, section, at, items_);
    if (const Status good = Engine(place); !good) return good;
    if (!rows) return Broken(place, rows.error().message);
    const auto digest = LoadSectionDigest(connection_, device.number, section, at);
    if (const Status good = Engine(place); !good) return good;
    if (!digest) return std::unexpected(digest.error());
    if (!*digest && rows->empty()) return {};
    if (!*digest || **digest != DigestRows(*rows)) return Broken(place, "the rows held have not the digest reported");
    ++counts_.sections;
    return {};
  }

  // The count that is shown and, of rows that are held one by one, how many there are. (Those of software are counted
  // with their set.)
  Status RowCount(const KnownDevice& device, const std::string& section, const std::string& place) {
    const Projection* projection = FindProjection(section);
    const std::string held =
        projection == nullptr
            ? "(SELECT t.item_count FROM software_period AS p JOIN software_set AS t ON t.id = p.set_id "
              "WHERE p.device = s.device AND p.valid_to IS NULL)"
            : "(SELECT count(*) FROM " + std::string(projection->table) +
                  " AS r WHERE r.device = s.device AND r.valid_to IS NULL)";
    Query counts = connection_.Ask("SELECT s.row_count, " + held +
                                       " FROM section_state AS s WHERE s.device = ?1 AND s.section = ?2 AND s.digest "
                                       "IS NOT NULL",
                                   device.number, section);
    if (counts.Next() && counts.Int(0) != counts.Int(1)) {
      return Broken(place, "its count of rows is " + std::to_string(counts.Int(0)) + ", and " +
                               std::to_string(counts.Int(1)) + " are held");
    }
    return Engine(place);
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
        return Broken("table " + table, "it has rows of device number " + std::to_string(rows.Int(0)) +
                                            ", which is missing in table device_entry");
      }
      if (const Status good = Engine("table " + table); !good) return good;
    }
    return {};
  }

  // The columns that views and rules read are what the rows say.
  Status Shown(const KnownDevice& device, const std::string& section, const std::string& place) {
    const Projection* projection = FindProjection(section);
    if (projection == nullptr) return {};
    std::string sql = "SELECT row";
    for (const ProjectedColumn& column : projection->columns) sql += ", " + std::string(column.name);
    Query rows = connection_.Ask(
        sql + " FROM " + std::string(projection->table) + " WHERE device = ?1 AND valid_to IS NULL", device.number);
    while (rows.Next()) {
      const auto parsed = ParseRow(*FindSection(section), rows.Bytes(0));
      if (!parsed) return Broken(place, "a row does not parse: " + parsed.error().message);
      int index = 0;
      for (const ProjectedColumn& column : projection->columns) {
        if (Shows(rows, ++index, ProjectField(**parsed, FindPath(*(*parsed)->GetDescriptor(), column.path)))) continue;
        return Broken(place, "column " + std::string(column.name) + " does not show what the row of key '" +
                                 RowKey(*FindSection(section), **parsed) + "' says");
      }
    }
    return Engine(place);
  }

  static bool Shows(const Query& row, int column, const Projected& value) {
    if (std::holds_alternative<std::nullptr_t>(value)) return row.IsNull(column);
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
      return !row.IsNull(column) && row.Int(column) == *number;
    }
    const std::string& text = std::get<std::string>(value);
    // An engine that cannot have a NUL in a text shows another character.
    return row.Text(column) == text || text.find('\0') != std::string::npos;
  }

  // Entries are only ever added: the chain is proved up to the head of this moment.
  Status JournalHead() {
    Query head = connection_.Ask(
        "SELECT seq, hash, (SELECT min(e.seq) FROM journal_entry AS e WHERE e.seq < 1 OR e.seq > h.seq) "
        "FROM journal_head AS h");
    if (!head.Next()) return connection_.ok() ? Broken("journal", "its head is missing") : Engine("journal");
    head_seq_ = head.Int(0);
    head_hash_ = head.Bytes(1);
    if (head.IsNull(2)) return {};
    return Broken("journal entry " + std::to_string(head.Int(2)), "it is outside of the chain");
  }

  Status JournalPage(Place& at) {
    Query rows = connection_.Ask(
        "SELECT seq, at, actor, action, detail, hash FROM journal_entry WHERE seq > ?1 AND seq <= ?2 ORDER BY seq "
        "LIMIT ?3",
        journal_seq_, head_seq_, kPage);
    at.at_end = true;
    while (rows.Next()) {
      at.at_end = false;
      const std::string place = "journal entry " + std::to_string(rows.Int(0));
      if (rows.Int(0) != ++journal_seq_) {
        return Broken(place, "entry " + std::to_string(journal_seq_) + " is missing before it");
      }
      const JournalEntry entry{journal_seq_, rows.Int(1), rows.Text(2), rows.Text(3), rows.Text(4)};
      const std::string hash = JournalHash(journal_hash_, entry);
      if (hash != rows.Bytes(5)) return Broken(place, "it, or one before it, was changed: the hash chain breaks here");
      journal_hash_ = hash;
      ++counts_.journal_entries;
      if (const Status on = Step(); !on) return on;
    }
    return Engine("table journal_entry");
  }

  Status JournalEnd() const {
    if (journal_seq_ != head_seq_) {
      return Broken("journal", "entries behind number " + std::to_string(journal_seq_) + " are missing");
    }
    if (journal_hash_ != head_hash_) return Broken("journal", "its head is not that of its last entry");
    return {};
  }

  Connection& connection_;
  const VerifyProgress& progress_;
  ItemReader items_;
  VerifyCounts counts_;
  std::uint64_t done_ = 0;
  std::uint64_t of_ = 0;
  std::chrono::steady_clock::time_point looked_at_ = std::chrono::steady_clock::now();
  std::int64_t head_seq_ = 0;
  std::string head_hash_;
  std::int64_t journal_seq_ = 0;  // of the last entry proved
  std::string journal_hash_;
};

}  // namespace

Result<VerifyCounts> VerifyLedger(Connection& connection, const VerifyProgress& progress) {
  return Verification(connection, progress).Run();
}

}  // namespace daicho::collector
