// Any bytes as a dpkg status file: rows parse back, keys are unique and not empty, there are never more rows than
// stanzas, FAILED has no rows, a problem is never silent, and twice the same text gives twice the same section, in
// whatever pieces it comes.
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>

#include "agent/sources/linux/dpkg_status.h"
#include "agent/sources/linux/linux_sources.h"
#include "common/sections.h"
#include "common/text.h"
#include "tests/agent/fake_tree.h"

namespace {

using namespace daicho;         // NOLINT(google-build-using-namespace)
using namespace daicho::agent;  // NOLINT(google-build-using-namespace)

void Require(bool condition) {
  if (!condition) std::abort();
}

std::size_t CountStanzas(std::string_view text) {
  std::size_t stanzas = 0;
  bool open = false;
  std::string_view line;
  while (NextLine(text, line)) {
    const bool blank = Trim(line).empty();
    if (!blank && !open) ++stanzas;
    open = !blank;
  }
  return stanzas;
}

v1::Section CollectStatus(const std::string& text, std::size_t piece_bytes) {
  FakeTree files;
  files.PieceBytes(piece_bytes).File("/var/lib/dpkg/status", text);
  const FakeSystem system;
  return CollectDpkg({files, system, 0});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const v1::Section section = CollectStatus(text, 100);
  Require(section.status() != v1::SECTION_STATUS_UNSPECIFIED);
  Require(section.status() != v1::FAILED || section.rows().empty());
  Require((section.status() == v1::OK) == section.reason().empty());
  Require(static_cast<std::size_t>(section.rows_size()) <= CountStanzas(text));
  std::set<std::string> keys;
  for (const std::string& bytes : section.rows()) {
    v1::Software row;
    Require(row.ParseFromString(bytes));
    Require(!row.name().empty() && !row.state().empty() && row.state() != "not-installed");
    Require(keys.insert(RowKey(*FindSection("software"), row)).second);
  }
  Require(section.SerializeAsString() == CollectStatus(text, 100).SerializeAsString());
  Require(section.SerializeAsString() == CollectStatus(text, 1 + text.size() / 7).SerializeAsString());
  return 0;
}
