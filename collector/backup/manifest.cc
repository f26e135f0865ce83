#include "collector/backup/manifest.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "collector/rules/toml_reader.h"

namespace daicho::collector {

namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t kHexDigits = 64;

bool IsDigest(std::string_view text) {
  return text.size() == kHexDigits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// Texts are our own version, a time and names of IsMemberName: nothing that needs escaping.
std::string Line(std::string_view key, std::string_view text) {
  return std::string(key) + " = \"" + std::string(text) + "\"\n";
}
std::string Line(std::string_view key, std::int64_t number) {
  return std::string(key) + " = " + std::to_string(number) + "\n";
}

BackupMember ReadMember(const toml::table& table, const std::string& file, TomlReader& top) {
  TomlReader reader(table, file, "a member", {"path", "bytes", "sha256"});
  BackupMember member{
      .path = reader.Text("path"), .bytes = reader.Number("bytes", 0, kMost), .sha256 = reader.Text("sha256")};
  if (reader.ok() && !IsMemberName(member.path)) reader.Wrong("path", "path: is no name of a member");
  if (reader.ok() && !IsDigest(member.sha256)) reader.Wrong("sha256", "sha256: is no SHA-256");
  top.Adopt(reader.Finish());
  return member;
}

}  // namespace

bool IsMemberName(std::string_view name) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
  constexpr std::size_t kMaxName = 100;
  if (name.empty() || name.size() > kMaxName) return false;
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('/', begin), name.size());
    const std::string_view part = name.substr(begin, end - begin);
    if (part.empty() || part.front() == '.' || part.find_first_not_of(kLetters) != std::string_view::npos) return false;
    begin = end + 1;
  }
  return true;
}

std::string FormatManifest(const Manifest& manifest) {
  std::string text =
      "# A backup of the Daicho collector; daicho-collector restore puts it back.\n" + Line("format", kBackupFormat) +
      Line("daicho", manifest.daicho) + Line("made_at", manifest.made_at) + Line("store", manifest.store) +
      Line("schema", manifest.counts.schema) + Line("devices", manifest.counts.devices) +
      Line("section_rows", manifest.counts.section_rows) + Line("journal_entries", manifest.counts.journal_entries);
  for (const BackupMember& member : manifest.members) {
    text += "\n[[member]]\n" + Line("path", member.path) + Line("bytes", member.bytes) + Line("sha256", member.sha256);
  }
  return text;
}

Result<Manifest> ParseManifest(std::string_view text, const std::string& file) {
  const auto table = ParseToml(text, file, Code::kDataLoss);
  if (!table) return std::unexpected(table.error());
  TomlReader top(
      *table, file, "the manifest of a backup",
      {"format", "daicho", "made_at", "store", "schema", "devices", "section_rows", "journal_entries", "member"});
  // First: what follows may be otherwise in a newer format.
  if (const std::int64_t format = top.Number("format", 1, kMost); top.ok() && format != kBackupFormat) {
    return Fail(Code::kDataLoss,
                file + ": a backup of format " + std::to_string(format) +
                    "; this Daicho knows format 1: restore it with the Daicho that made it, or a newer one");
  }
  Manifest manifest{.daicho = top.Text("daicho"),
                    .made_at = top.Text("made_at"),
                    .store = top.OneOf("store", {"sqlite", "postgresql"}),
                    .counts = {.schema = top.Number("schema", 0, kMost),
                               .devices = top.Number("devices", 0, kMost),
                               .section_rows = top.Number("section_rows", 0, kMost),
                               .journal_entries = top.Number("journal_entries", 0, kMost)},
                    .members = {}};
  std::set<std::string> names;
  for (const toml::table* const entry : top.Tables("member")) {
    manifest.members.push_back(ReadMember(*entry, file, top));
    if (!names.insert(manifest.members.back().path).second) top.WrongAt(entry->source(), "path: is there twice");
  }
  if (auto good = top.Finish(); !good) return Fail(Code::kDataLoss, good.error().message);
  return manifest;
}

}  // namespace daicho::collector
