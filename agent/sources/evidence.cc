#include "agent/sources/evidence.h"

#include <unordered_map>

#include "common/time_format.h"
#include "daicho/v1/facts.pb.h"

namespace daicho::agent {

namespace {

std::string Key(const v1::Account& account) {
  return account.name() + '\x1f' + (account.has_uid() ? std::to_string(account.uid()) : "");
}

bool KeepLastUse(const v1::Account& before, v1::Account& now) {
  if (!before.has_last_use()) return false;
  if (now.has_last_use() && FromTimestamp(now.last_use().at()) >= FromTimestamp(before.last_use().at())) return false;
  *now.mutable_last_use() = before.last_use();
  return true;
}

bool KeepEvidenceSince(const v1::Account& before, UnixTime collected_at, v1::Account& now) {
  if (!before.has_evidence_since() || !now.has_evidence_since()) return false;
  const UnixTime since = FromTimestamp(now.evidence_since());
  if (since > collected_at || FromTimestamp(before.evidence_since()) >= since) return false;
  *now.mutable_evidence_since() = before.evidence_since();
  return true;
}

}  // namespace

void MergeEvidence(const std::vector<std::string>& previous_rows, UnixTime previous_collected_at,
                   std::vector<std::string>& rows) {
  std::unordered_map<std::string, v1::Account> previous;
  for (const std::string& row : previous_rows) {
    v1::Account account;
    if (account.ParseFromString(row)) previous.insert_or_assign(Key(account), std::move(account));
  }
  if (previous.empty()) return;
  for (std::string& row : rows) {
    v1::Account account;
    if (!account.ParseFromString(row)) continue;
    const auto before = previous.find(Key(account));
    if (before == previous.end()) continue;
    const bool use_kept = KeepLastUse(before->second, account);
    const bool since_kept = KeepEvidenceSince(before->second, previous_collected_at, account);
    if (use_kept || since_kept) row = account.SerializeAsString();
  }
}

}  // namespace daicho::agent
