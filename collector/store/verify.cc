#include "collector/store/verify.h"

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "collector/store/content_table.h"
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

struct KnownDevice {
  std::int64_t number = 0;
  std::string device_id;
  std::string hostname;
};

class Verification {
 public:
  Verification(Connection& connection, const VerifyProgress& progress) : connection_(connection), progress_(progress) {}

  Result<VerifyCounts> Run() {
    Status done = CountWork();
    if (done) done = Items();
    if (done) done = Sets();
    if (done) done = Devices();
    if (done) done = Journal();
    if (!done) return std::unexpected(done.error());
    return counts_;
  }

 private:
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
    if (done_ % 256 == 0 && !progress_(done_, of_)) return Fail(Code::kAborted, "stopped");
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

  Status Items() {
    Query rows = connection_.Ask(
        "SELECT id, item_hash, item, manager, name, version, version_key FROM software_item ORDER BY id");
    while (rows.Next()) {
      const std::string place = "software item " + std::to_string(rows.Int(0));
      const std::string_view item = rows.Bytes(2);
      v1::Software software;
      if (!software.ParseFromArray(item.data(), static_cast<int>(item.size()))) {
        return Broken(place, "its bytes are no message Software");
      }
      if (ItemHash(item) != rows.Int(1)) return Broken(place, "its bytes have not its hash");
      const bool shown =
          software.manager() == rows.Text(3) && software.name() == rows.Text(4) && software.version() == rows.Text(5);
      const bool has_nul = software.SerializeAsString().find('\0') != std::string::npos;
      if (!shown && !has_nul) return Broken(place, "its columns do not show what its bytes say");
      if (VersionKey(software.manager(), software.version()) != rows.Bytes(6)) {
        return Broken(place, "its version key is not that of version '" + software.version() + "'");
      }
      ++counts_.items;
      if (const Status on = Step(); !on) return on;
    }
    return Engine("table software_item");
  }

  Status Sets() {
    Query rows = connection_.Ask("SELECT id, sha256, item_count, items FROM software_set ORDER BY id");
    while (rows.Next()) {
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

  Status Devices() {
    std::vector<KnownDevice> devices;
    {
      Query rows = connection_.Ask("SELECT id, device_id, hostname FROM device_entry ORDER BY device_id");
      while (rows.Next()) devices.push_back({rows.Int(0), std::string(rows.Text(1)), std::string(rows.Text(2))});
      if (const Status good = Engine("table device_entry"); !good) return good;
    }
    for (const KnownDevice& device : devices) {
      for (const SectionType& section : AllSections()) {
        if (const Status good = Section(device, std::string(section.name)); !good) return good;
      }
      ++counts_.devices;
    }
    return {};
  }

  Status Section(const KnownDevice& device, const std::string& section) {
    const std::string place = "device " + device.device_id + " (" + device.hostname + "), section " + section;
    if (const Status good = Rows(device, section, place, std::nullopt); !good) return good;
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
    const auto rows = LoadSectionRows(connection_, device.number, section, at);
    if (!rows) return Broken(place, rows.error().message);
    const auto digest = LoadSectionDigest(connection_, device.number, section, at);
    if (!digest) return std::unexpected(digest.error());
    if (!*digest && rows->empty()) return {};
    if (!*digest || **digest != DigestRows(*rows)) return Broken(place, "the rows held have not the digest reported");
    ++counts_.sections;
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

  Status Journal() {
    std::string previous;
    std::int64_t seq = 0;
    Query rows = connection_.Ask("SELECT seq, at, actor, action, detail, hash FROM journal_entry ORDER BY seq");
    while (rows.Next()) {
      const std::string place = "journal entry " + std::to_string(rows.Int(0));
      if (rows.Int(0) != ++seq) return Broken(place, "entry " + std::to_string(seq) + " is missing before it");
      const JournalEntry entry{seq, rows.Int(1), rows.Text(2), rows.Text(3), rows.Text(4)};
      const std::string hash = JournalHash(previous, entry);
      if (hash != rows.Bytes(5)) return Broken(place, "it, or one before it, was changed: the hash chain breaks here");
      previous = hash;
      ++counts_.journal_entries;
      if (const Status on = Step(); !on) return on;
    }
    if (const Status good = Engine("table journal_entry"); !good) return good;
    Query head = connection_.Ask("SELECT seq, hash FROM journal_head");
    if (!head.Next()) return connection_.ok() ? Broken("journal", "its head is missing") : Engine("journal");
    if (head.Int(0) != seq || head.Bytes(1) != previous) {
      return Broken("journal", "entries behind number " + std::to_string(seq) + " are missing");
    }
    return {};
  }

  Connection& connection_;
  const VerifyProgress& progress_;
  VerifyCounts counts_;
  std::uint64_t done_ = 0;
  std::uint64_t of_ = 0;
};

}  // namespace

Result<VerifyCounts> VerifyLedger(Connection& connection, const VerifyProgress& progress) {
  return Verification(connection, progress).Run();
}

}  // namespace daicho::collector
