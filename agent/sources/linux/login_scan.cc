#include "agent/sources/linux/login_scan.h"

#include <limits>

#include "common/text.h"

namespace daicho::agent {

namespace {

constexpr std::size_t kNoRecord = std::numeric_limits<std::size_t>::max();

// Why a record cannot be used; empty: it can, or it does not matter.
std::string_view Damage(const LoginRecord& record, bool log, UnixTime now) {
  const int type = record.type();
  if (type < 0 || type > kMaxRecordType) return "not a login record; the file is damaged";
  if (type == kEmptyRecord) return log ? "empty record; logins may be lost here" : "";
  if (type != kUserProcess || IsLoginTime(record.at(), now)) return "";
  return record.at() > now ? "login at a time in the future; the clock was wrong, the record is not used"
                           : "login at a time before the clock was set; the record is not used";
}

class Scanner {
 public:
  Scanner(std::string_view bytes, bool log, const LoginNameIndex& index, UnixTime now, std::span<AccountUse> uses)
      : records_(bytes), log_(log), index_(index), now_(now), uses_(uses), newest_(uses.size(), kNoRecord) {}

  LoginScan Run(std::string_view path, FileIssues& issues) {
    for (std::size_t i = 0; i < records_.size(); ++i) {
      const LoginRecord record = records_[i];
      const std::string_view damage = Damage(record, log_, now_);
      if (damage.empty()) {
        Take(record, i);
        continue;
      }
      // A run of the same damage (a block of zeros after a crash) is one place.
      if (damage != last_damage_) issues.AddRecord(path, static_cast<std::uint32_t>(i + 1), std::string(damage));
      last_damage_ = damage;
      Break();
    }
    if (records_.cut()) {
      issues.AddRecord(path, static_cast<std::uint32_t>(records_.size() + 1), "the file ends within this record");
      Break();
    }
    Keep(path);
    return scan_;
  }

 private:
  void Take(const LoginRecord& record, std::size_t i) {
    const UnixTime at = record.at();
    if (!IsLoginTime(at, now_)) return;
    last_damage_ = {};
    if (!scan_.first_at) scan_.first_at = at;
    if (at > scan_.newest_at) scan_.newest_at = at;
    if (record.type() != kUserProcess) return;
    const auto account = index_.find(record.user());
    if (account == index_.end()) return;
    std::size_t& newest = newest_[account->second];
    if (newest == kNoRecord || at >= records_[newest].at()) newest = i;
  }

  void Break() {
    scan_.damaged = true;
    scan_.first_at.reset();
  }

  void Keep(std::string_view path) {
    const std::string_view source = path.substr(path.rfind('/') + 1);
    for (std::size_t i = 0; i < newest_.size(); ++i) {
      if (newest_[i] == kNoRecord) continue;
      const LoginRecord record = records_[newest_[i]];
      if (uses_[i].last_at && *uses_[i].last_at >= record.at()) continue;
      uses_[i].last_at = record.at();
      uses_[i].source = source;
      uses_[i].from = CleanText(record.from());
    }
  }

  LoginRecords records_;
  bool log_;
  const LoginNameIndex& index_;
  UnixTime now_;
  std::span<AccountUse> uses_;
  std::vector<std::size_t> newest_;  // record of each account
  LoginScan scan_;
  std::string_view last_damage_;
};

}  // namespace

LoginScan ScanLogins(std::string_view path, std::string_view bytes, bool log, const LoginNameIndex& index, UnixTime now,
                     std::span<AccountUse> uses, FileIssues& issues) {
  return Scanner(bytes, log, index, now, uses).Run(path, issues);
}

}  // namespace daicho::agent
