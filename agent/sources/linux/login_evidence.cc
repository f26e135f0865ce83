#include "agent/sources/linux/login_evidence.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "agent/sources/linux/login_records.h"
#include "agent/sources/linux/login_scan.h"
#include "agent/sources/linux/wtmp_family.h"
#include "common/text.h"

namespace daicho::agent {

namespace {

constexpr std::string_view kLogFolder = "/var/log";
constexpr std::string_view kLastlogPath = "/var/log/lastlog";
constexpr std::array<std::string_view, 2> kUtmpPaths = {"/run/utmp", "/var/run/utmp"};
constexpr std::array<std::string_view, 2> kNewerRecords = {"/var/lib/wtmpdb/wtmp.db", "/var/lib/lastlog/lastlog2.db"};
constexpr std::size_t kMaxFamilyBytes = 4 * kMaxDatabaseBytes;
// login(1) and sshd(8) write lastlog and wtmp one after the other.
constexpr UnixTime kSameLogin = 120;

void Lower(std::optional<UnixTime>& since, const std::optional<UnixTime>& other) {
  if (other && (!since || *other < *since)) since = other;
}

class EvidenceReader {
 public:
  EvidenceReader(const FileTree& files, std::span<const LoginName> accounts, UnixTime now, FileIssues& issues)
      : files_(files), accounts_(accounts), now_(now), issues_(issues), uses_(accounts.size()) {
    for (std::size_t i = 0; i < accounts.size(); ++i) {
      if (accounts[i].name.size() <= kLoginNameBytes) index_.try_emplace(accounts[i].name, i);
      ++names_of_uid_[accounts[i].uid];
    }
  }

  std::vector<AccountUse> Read() {
    const std::optional<UnixTime> wtmp_since = ReadWtmpFamily();
    ReadUtmp();
    const bool elsewhere = HasNewerRecords();
    if (wtmp_since && !elsewhere) {
      for (const auto& [name, i] : index_) uses_[i].evidence_since = wtmp_since;
    }
    ReadLastlog(!elsewhere);
    return std::move(uses_);
  }

 private:
  struct LastUse {
    UnixTime at = 0;  // 0: never
    std::string from;
  };

  std::optional<UnixTime> ReadWtmpFamily() {
    const auto names = files_.List(kLogFolder);
    if (!names) {
      if (names.error().code != Code::kNotFound) issues_.Add(kLogFolder, names.error().message);
      return std::nullopt;
    }
    std::vector<WtmpFile> read;
    for (WtmpName& name : FindWtmpFamily(*names)) {
      if (auto file = ReadWtmp(std::move(name))) read.push_back(std::move(*file));
    }
    return GaplessSince(read);
  }

  // Nothing: another name of a file that was read.
  std::optional<WtmpFile> ReadWtmp(WtmpName name) {
    const std::string path = std::string(kLogFolder) + "/" + name.name;
    const FileInfo info = files_.Stat(path).value_or(FileInfo{});
    if (!IsFirstSight(info)) return std::nullopt;
    WtmpFile file;
    file.sort_time = name.day ? *name.day * 86'400 : info.modified_at;
    file.name = std::move(name);
    const auto scan = Scan(path, file.name.compression, true);
    if (!scan) {
      issues_.Add(path, scan.error().message);
      return file;
    }
    file.usable = true;
    file.first_at = scan->first_at;
    file.damaged = scan->damaged;
    if (!scan->damaged) file.quiet_since = info.born_at;
    if (scan->newest_at > 0) file.sort_time = scan->newest_at;
    return file;
  }

  Result<LoginScan> Scan(std::string_view path, Compression compression, bool log) {
    LoginScanner scanner(path, log, index_, now_, uses_, issues_);
    const auto take = [&](std::string_view bytes, bool last) { return scanner.Take(bytes, last); };
    const Status read = compression == Compression::kNone ? files_.ReadPieces(path, kMaxDatabaseBytes, take)
                                                          : ReadCompressed(path, compression, take);
    if (!read) return std::unexpected(read.error());
    if (log) family_bytes_ += scanner.bytes();
    if (!log || family_bytes_ <= kMaxFamilyBytes) return scanner.Finish();
    return Fail(Code::kResourceExhausted, std::string(path) + ": more than " + std::to_string(kMaxFamilyBytes) +
                                              " bytes of login records in all; not read");
  }

  Status ReadCompressed(std::string_view path, Compression compression, const FileTree::TakeBytes& take) {
    auto bytes = files_.Read(path, kMaxDatabaseBytes);
    if (bytes) bytes = Decompress(path, compression, *bytes, kMaxDatabaseBytes);
    if (!bytes) return std::unexpected(bytes.error());
    take(*bytes, true);
    return {};
  }

  void ReadUtmp() {
    for (const std::string_view path : kUtmpPaths) {
      const auto info = files_.Stat(path);
      if (info && !IsFirstSight(*info)) continue;
      const auto scan = Scan(path, Compression::kNone, false);
      if (!scan && scan.error().code != Code::kNotFound) issues_.Add(path, scan.error().message);
    }
  }

  bool HasNewerRecords() {
    for (const std::string_view path : kNewerRecords) {
      if (!files_.Stat(path)) continue;
      issues_.Add(path, "logins are recorded in this database, which is not read; unused accounts cannot be told");
      return true;
    }
    return false;
  }

  void ReadLastlog(bool may_prove_absence) {
    const auto info = files_.Stat(kLastlogPath);
    const Status read = info ? ReadLastlogEntries(info->size) : std::unexpected(info.error());
    if (!read) {
      if (read.error().code != Code::kNotFound) issues_.Add(kLastlogPath, read.error().message);
      return;
    }
    std::optional<UnixTime> since;
    if (std::ranges::any_of(lastlog_, [](const auto& entry) { return entry.second.at != 0; })) since = info->born_at;
    if (info->size % kLastlogRecordBytes != 0) {
      issues_.AddRecord(kLastlogPath, static_cast<std::uint32_t>(info->size / kLastlogRecordBytes + 1),
                        "the file ends within this record");
      since.reset();
    }
    if (!may_prove_absence || (since && !BearsOut(*since))) since.reset();
    std::set<std::uint32_t> told;
    for (std::size_t i = 0; i < accounts_.size(); ++i) TakeLastlog(i, since, told);
  }

  // The records of the local accounts only: the file is as large as the largest uid that ever logged in, and sparse.
  Status ReadLastlogEntries(std::uint64_t size) {
    if (size % kLastlogRecordBytes != 0 && size % kForeignLastlogRecordBytes == 0) {
      return Fail(Code::kInvalidArgument, std::string(kLastlogPath) + ": " + std::string(kForeignRecords));
    }
    for (const auto& [uid, names] : names_of_uid_) {
      const std::uint64_t offset = std::uint64_t{uid} * kLastlogRecordBytes;
      if (offset + kLastlogRecordBytes > size) break;
      const auto record = files_.ReadAt(kLastlogPath, offset, kLastlogRecordBytes);
      if (!record) return std::unexpected(record.error());
      const LastlogEntry entry = ParseLastlogRecord(*record);
      lastlog_[uid] = {entry.at, CleanText(entry.from)};
    }
    return {};
  }

  // Whether every use seen elsewhere since `since` is in lastlog as well.
  bool BearsOut(UnixTime since) const {
    for (std::size_t i = 0; i < accounts_.size(); ++i) {
      const auto& seen = uses_[i].last_at;
      if (!seen || *seen < since || IsShared(accounts_[i].uid)) continue;
      if (InLastlog(accounts_[i].uid).at + kSameLogin < *seen) return false;
    }
    return true;
  }

  void TakeLastlog(std::size_t i, std::optional<UnixTime> since, std::set<std::uint32_t>& told) {
    const std::uint32_t uid = accounts_[i].uid;
    const LastUse entry = InLastlog(uid);
    AccountUse& use = uses_[i];
    if (IsShared(uid)) {
      if (entry.at != 0 && told.insert(uid).second) {
        issues_.AddRecord(kLastlogPath, uid + 1, "several accounts share this uid; whose login it was is not known");
      }
      // It may have been this account's: that it was not used is proved only from then on.
      if (use.evidence_since && !IsAttributed(uid, entry.at)) {
        use.evidence_since = std::max(*use.evidence_since, entry.at);
      }
      return;
    }
    if (entry.at != 0 && !IsLoginTime(entry.at, now_)) {
      issues_.AddRecord(kLastlogPath, uid + 1, "login at an impossible time; the clock was wrong, it is not used");
      return;
    }
    Lower(use.evidence_since, since);
    if (entry.at == 0 || (use.last_at && *use.last_at >= entry.at)) return;
    use.last_at = entry.at;
    use.source = "lastlog";
    use.from = entry.from;
  }

  // wtmp or utmp name the account that logged in at `at`.
  bool IsAttributed(std::uint32_t uid, UnixTime at) const {
    for (std::size_t i = 0; i < accounts_.size(); ++i) {
      if (accounts_[i].uid == uid && uses_[i].last_at && *uses_[i].last_at + kSameLogin >= at) return true;
    }
    return at == 0;
  }

  LastUse InLastlog(std::uint32_t uid) const {
    const auto entry = lastlog_.find(uid);
    return entry == lastlog_.end() ? LastUse{} : entry->second;
  }

  bool IsShared(std::uint32_t uid) const { return names_of_uid_.at(uid) > 1; }

  bool IsFirstSight(const FileInfo& info) { return info.inode == 0 || seen_.emplace(info.device, info.inode).second; }

  const FileTree& files_;
  std::span<const LoginName> accounts_;
  UnixTime now_;
  FileIssues& issues_;
  std::vector<AccountUse> uses_;
  LoginNameIndex index_;
  std::map<std::uint32_t, std::size_t> names_of_uid_;
  std::map<std::uint32_t, LastUse> lastlog_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> seen_;
  std::size_t family_bytes_ = 0;
};

}  // namespace

std::vector<AccountUse> ReadLoginEvidence(const FileTree& files, std::span<const LoginName> accounts, UnixTime now,
                                          FileIssues& issues) {
  return EvidenceReader(files, accounts, now, issues).Read();
}

}  // namespace daicho::agent
