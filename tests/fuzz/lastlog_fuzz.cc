// lastlog from noise and any uid: an entry lies wholly within its record, and nobody shares another's login.
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "agent/sources/linux/login_evidence.h"
#include "agent/sources/linux/login_records.h"
#include "tests/agent/fake_tree.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::uint32_t uid = 0;
  if (size >= sizeof uid) std::memcpy(&uid, data, sizeof uid);
  const std::string noise(reinterpret_cast<const char*>(data), size);
  const auto entry = daicho::agent::ParseLastlogRecord(noise);
  if (entry.at != 0 && size < daicho::agent::kLastlogRecordBytes) std::abort();
  if (!entry.from.empty() &&
      (entry.from.data() < noise.data() || entry.from.data() + entry.from.size() > noise.data() + noise.size())) {
    std::abort();
  }
  daicho::agent::FakeTree tree;
  daicho::agent::FileInfo info;
  info.born_at = 1'700'000'000;
  tree.File("/var/log/lastlog", noise, info);
  const daicho::agent::LoginName accounts[] = {{"root", 0}, {"toor", 0}, {"tanaka", uid % 16 + 1}};
  daicho::agent::FileIssues issues;
  const auto uses = daicho::agent::ReadLoginEvidence(tree, accounts, 1'795'413'600, issues);
  if (uses[0].last_at || uses[1].last_at || uses[0].evidence_since || uses[1].evidence_since) std::abort();
  return 0;
}
