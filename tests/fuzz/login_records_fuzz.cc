// wtmp from noise, alone and as a rotated file: no use and no evidence at an impossible time, no evidence from before
// the oldest record, and prefixing a record keeps every use that was seen, as does any other cut into pieces.
#include <cstdint>
#include <cstdlib>

#include "agent/sources/linux/login_evidence.h"
#include "agent/sources/linux/login_records.h"
#include "tests/agent/fake_tree.h"

namespace {

constexpr daicho::UnixTime kNow = 1'795'413'600;

using daicho::agent::AccountUse;
using daicho::agent::FakeTree;
using daicho::agent::IsLoginTime;

std::vector<AccountUse> Look(const FakeTree& tree) {
  const daicho::agent::LoginName accounts[] = {{"tanaka", 1001}, {"root", 0}};
  daicho::agent::FileIssues issues;
  return daicho::agent::ReadLoginEvidence(tree, accounts, kNow, issues);
}

void Check(const FakeTree& tree) {
  for (const AccountUse& use : Look(tree)) {
    if (use.last_at && !IsLoginTime(*use.last_at, kNow)) std::abort();
    if (use.evidence_since && !IsLoginTime(*use.evidence_since, kNow)) std::abort();
    if (use.last_at.has_value() == use.source.empty()) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string noise(reinterpret_cast<const char*>(data), size);
  FakeTree alone;
  alone.File("/var/log/wtmp", noise);
  Check(alone);
  const auto before = Look(alone);
  alone.PieceBytes(1 + size / 7);
  const auto pieces = Look(alone);
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i].last_at != pieces[i].last_at || before[i].from != pieces[i].from) std::abort();
    if (before[i].evidence_since != pieces[i].evidence_since) std::abort();
  }
  // Of another architecture: refused whole, but not with a record of ours before it.
  if (daicho::agent::IsForeignLoginFile(noise)) return 0;
  FakeTree longer;
  longer.File("/var/log/wtmp", std::string(daicho::agent::kLoginRecordBytes, '\0') + noise);
  const auto after = Look(longer);
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i].last_at != after[i].last_at) std::abort();
    // Damage before the first record shortens nothing that was proved by records.
    if (before[i].evidence_since != after[i].evidence_since) std::abort();
  }
  FakeTree rotated;
  rotated.File("/var/log/wtmp", "").File("/var/log/wtmp.1", noise).File("/run/utmp", noise);
  Check(rotated);
  return 0;
}
