#include "agent/sources/linux/login_scan.h"

#include "common/text.h"

namespace daicho::agent {

namespace {

// Of how many bytes the start of a file shows whose records it has: whole records of both sizes.
constexpr std::size_t kSampleBytes = 150 * kLoginRecordBytes;
static_assert(kSampleBytes % kForeignLoginRecordBytes == 0);

// Why a record cannot be used; empty: it can, or it does not matter.
std::string_view Damage(const LoginRecord& record, bool log, UnixTime now) {
  const int type = record.type();
  if (type < 0 || type > kMaxRecordType) return "not a login record; the file is damaged";
  if (type == kEmptyRecord) return log ? "empty record; logins may be lost here" : "";
  if (type != kUserProcess || IsLoginTime(record.at(), now)) return "";
  return record.at() > now ? "login at a time in the future; the clock was wrong, the record is not used"
                           : "login at a time before the clock was set; the record is not used";
}

}  // namespace

std::size_t LoginScanner::Take(std::string_view bytes, bool last) {
  if (bytes_ == 0) {
    if (bytes.size() < kSampleBytes && !last) return 0;
    foreign_ = IsForeignLoginFile(bytes.substr(0, kSampleBytes));
  }
  const LoginRecords records(bytes);
  const std::size_t taken = last ? bytes.size() : records.size() * kLoginRecordBytes;
  bytes_ += taken;
  if (foreign_) return taken;
  for (std::size_t i = 0; i < records.size(); ++i) TakeRecord(records[i]);
  if (last && records.cut()) {
    issues_.AddRecord(path_, records_ + 1, "the file ends within this record");
    Break();
  }
  return taken;
}

void LoginScanner::TakeRecord(const LoginRecord& record) {
  ++records_;
  const std::string_view damage = Damage(record, log_, now_);
  if (damage.empty()) return TakeTime(record);
  // A run of the same damage (a block of zeros after a crash) is one place.
  if (damage != last_damage_) issues_.AddRecord(path_, records_, std::string(damage));
  last_damage_ = damage;
  Break();
}

void LoginScanner::TakeTime(const LoginRecord& record) {
  const UnixTime at = record.at();
  if (!IsLoginTime(at, now_)) return;
  last_damage_ = {};
  if (!scan_.first_at) scan_.first_at = at;
  if (at > scan_.newest_at) scan_.newest_at = at;
  if (record.type() != kUserProcess) return;
  const auto account = index_.find(record.user());
  if (account == index_.end()) return;
  Login& newest = newest_[account->second];
  if (at < newest.at) return;
  newest.at = at;
  newest.from = record.from();
}

void LoginScanner::Break() {
  scan_.damaged = true;
  scan_.first_at.reset();
}

Result<LoginScan> LoginScanner::Finish() {
  if (foreign_) return Fail(Code::kInvalidArgument, std::string(path_) + ": " + std::string(kForeignRecords));
  const std::string_view source = path_.substr(path_.rfind('/') + 1);
  for (std::size_t i = 0; i < newest_.size(); ++i) {
    const Login& login = newest_[i];
    if (login.at == 0 || (uses_[i].last_at && *uses_[i].last_at >= login.at)) continue;
    uses_[i].last_at = login.at;
    uses_[i].source = source;
    uses_[i].from = CleanText(login.from);
  }
  return scan_;
}

}  // namespace daicho::agent
