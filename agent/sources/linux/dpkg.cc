// The section "software" of a system with dpkg(1).
#include <algorithm>
#include <span>
#include <string>
#include <tuple>

#include "agent/sources/linux/dpkg_status.h"
#include "agent/sources/linux/linux_sources.h"
#include "agent/sources/section_builder.h"
#include "common/text.h"

namespace daicho::agent {

namespace {

constexpr std::string_view kStatus = "/var/lib/dpkg/status";
constexpr std::string_view kStatusFolder = "/var/lib/dpkg/status.d";
constexpr std::string_view kUpdates = "/var/lib/dpkg/updates";
constexpr std::string_view kInfo = "/var/lib/dpkg/info";
constexpr int kMaxReads = 3;
constexpr std::size_t kUsualStanzaBytes = 800;
constexpr std::size_t kBatch = 256;  // packages whose files are looked at in one go

void ReportUnreadable(std::string_view file, const Error& error, SectionBuilder& section) {
  section.AddIssue(file, std::nullopt, error.message);
  section.Partial(error.message);
}

// Files of `folder` whose name `wanted` accepts, in order of name. No folder: nothing.
template <typename Wanted>
void AddFolder(const FileTree& files, std::string_view folder, DpkgFile kind, const Wanted& wanted,
               DpkgDatabase& database, SectionBuilder& section) {
  const auto names = files.List(folder);
  if (!names) {
    if (names.error().code != Code::kNotFound) ReportUnreadable(folder, names.error(), section);
    return;
  }
  for (const std::string& name : *names) {
    if (!wanted(name)) continue;
    const std::string path = std::string(folder) + "/" + name;
    const Status read = ReadDpkgStatus(files, path, kMaxConfigBytes, kind, section, database);
    if (!read && read.error().code != Code::kNotFound) ReportUnreadable(path, read.error(), section);
  }
}

bool IsNumber(std::string_view name) {
  return !name.empty() && name.find_first_not_of("0123456789") == std::string_view::npos;
}

bool SameFile(const FileTree& files, const Result<FileInfo>& before) {
  const auto now = files.Stat(kStatus);
  if (!before || !now) return before.has_value() == now.has_value();
  return std::tie(before->device, before->inode, before->modified_at, before->size) ==
         std::tie(now->device, now->inode, now->modified_at, now->size);
}

// Images without dpkg have only status.d; a system with dpkg only status. False: neither.
bool AddStatus(const FileTree& files, DpkgDatabase& database, SectionBuilder& section) {
  AddFolder(
      files, kStatusFolder, DpkgFile::kControl, [](std::string_view name) { return !name.ends_with(".md5sums"); },
      database, section);
  const Status read = ReadDpkgStatus(files, kStatus, kMaxDatabaseBytes, DpkgFile::kStatus, section, database);
  if (!read) {
    if (read.error().code == Code::kNotFound && !database.stanzas.empty()) return true;
    section.Failed(read.error().code == Code::kNotFound
                       ? std::string(kStatus) + ": no dpkg status file; is this a Debian system?"
                       : read.error().message);
    return false;
  }
  if (!database.stanzas.empty()) return true;
  const auto info = files.Stat(kStatus);
  section.Failed(std::string(kStatus) + (info && info->size == 0
                                             ? ": empty; restore it from status-old or /var/backups/dpkg.status.*"
                                             : ": no package in it could be read"));
  return false;
}

// dpkg notes changes in updates/NNNN, whole stanzas, until it writes status anew. When status is replaced between the
// two reads, the changes would be in neither text: then all is read again.
bool ReadDatabase(const FileTree& files, DpkgDatabase& database, SectionBuilder& section) {
  for (int read = 1;; ++read) {
    database = {};
    section = SectionBuilder("software");
    const auto before = files.Stat(kStatus);
    if (before) database.stanzas.reserve(std::min<std::uint64_t>(before->size, kMaxDatabaseBytes) / kUsualStanzaBytes);
    if (!AddStatus(files, database, section)) return false;
    AddFolder(files, kUpdates, DpkgFile::kStatus, IsNumber, database, section);
    if (read == kMaxReads || SameFile(files, before)) return true;
  }
}

// One stanza for each name and architecture, the last one, ordered.
std::vector<const DpkgStanza*> LastOfEach(const std::vector<DpkgStanza>& stanzas, SectionBuilder& section) {
  const auto key = [](const DpkgStanza* s) { return std::tie(s->package, s->architecture); };
  std::vector<const DpkgStanza*> order;
  order.reserve(stanzas.size());
  for (const DpkgStanza& stanza : stanzas) order.push_back(&stanza);
  // The address last: equal ones stay in the order in which they were read.
  std::ranges::sort(order, {}, [](const DpkgStanza* s) { return std::tuple(s->package, s->architecture, s); });
  std::vector<const DpkgStanza*> last;
  last.reserve(order.size());
  for (const DpkgStanza* stanza : order) {
    if (last.empty() || key(last.back()) != key(stanza)) {
      last.push_back(stanza);
      continue;
    }
    if (last.back()->file == stanza->file) {
      section.AddIssue(stanza->file, stanza->line,
                       "package " + std::string(stanza->package) + " a second time; the one of line " +
                           std::to_string(last.back()->line) + " is ignored");
    }
    last.back() = stanza;
  }
  return last;
}

// dpkg writes info/NAME.list, or info/NAME:ARCH.list for packages that may be there for several architectures,
// whenever it unpacks the package.
std::vector<std::optional<UnixTime>> InstallTimes(const FileTree& files, std::span<const DpkgStanza* const> stanzas) {
  std::vector<std::string> names;
  names.reserve(stanzas.size());
  for (const DpkgStanza* stanza : stanzas) {
    std::string& name = names.emplace_back(stanza->package);
    if (stanza->multi_arch_same) name.append(":").append(stanza->architecture);
    name += ".list";
  }
  const auto infos = files.StatEach(kInfo, names);
  std::vector<std::optional<UnixTime>> times(stanzas.size());
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (infos[i]) times[i] = infos[i]->modified_at;
  }
  return times;
}

bool IsPlain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c < '\x7f'; });
}

// Nearly all values are plain ASCII, which CleanText would copy character by character.
void SetText(std::string_view text, std::string* field) {
  if (IsPlain(text)) {
    field->assign(text);
  } else {
    *field = CleanText(text);
  }
}

// Source is "name" or "name (version)"; each is stated only where it differs from the package's own.
void SetSource(const DpkgStanza& stanza, v1::Software& row) {
  const auto open = stanza.source.find('(');
  const std::string_view name = Trim(stanza.source.substr(0, open));
  if (name != stanza.package) SetText(name, row.mutable_source());
  if (open == std::string_view::npos) return;
  const std::string_view rest = stanza.source.substr(open + 1);
  const std::string_view version = Trim(rest.substr(0, rest.find(')')));
  if (version != stanza.version) SetText(version, row.mutable_source_version());
}

void AddRow(const DpkgStanza& stanza, std::optional<UnixTime> installed_at, v1::Software& row,
            SectionBuilder& section) {
  row.Clear();
  row.set_manager("dpkg");
  SetText(stanza.package, row.mutable_name());
  SetText(stanza.architecture, row.mutable_architecture());
  SetText(stanza.version, row.mutable_version());
  row.set_state(std::string(stanza.state));
  SetSource(stanza, row);
  SetText(stanza.maintainer, row.mutable_publisher());
  SetText(stanza.section, row.mutable_section());
  row.set_want(std::string(stanza.want));
  row.set_reinstall_required(stanza.reinstall_required);
  // What is left of a removed package: its list was written when it was removed.
  if (installed_at && stanza.state != "config-files") row.mutable_installed_at()->set_seconds(*installed_at);
  section.AddRow(row);
}

}  // namespace

v1::Section CollectDpkg(const SourceInput& input) {
  SectionBuilder section("software");
  DpkgDatabase database;
  if (!ReadDatabase(input.files, database, section)) return section.Take();
  std::vector<const DpkgStanza*> stanzas = LastOfEach(database.stanzas, section);
  // What dpkg only knows of (a selection, a former package) is not there; dpkg-query -W does not list it either.
  std::erase_if(stanzas, [](const DpkgStanza* stanza) { return stanza->state == "not-installed"; });
  v1::Software row;
  for (std::span<const DpkgStanza* const> rest(stanzas); !rest.empty();) {
    const auto batch = rest.first(std::min(kBatch, rest.size()));
    const auto times = InstallTimes(input.files, batch);
    for (std::size_t i = 0; i < batch.size(); ++i) AddRow(*batch[i], times[i], row, section);
    rest = rest.subspan(batch.size());
  }
  return section.Take();
}

}  // namespace daicho::agent
