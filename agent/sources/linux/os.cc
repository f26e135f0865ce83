// The section "os": os-release(5), proc(5) sys/kernel, hostname(5), localtime(5), machine-id(5).
#include <algorithm>

#include "agent/sources/linux/linux_sources.h"
#include "agent/sources/linux/os_release.h"
#include "agent/sources/linux/small_files.h"
#include "agent/sources/section_builder.h"
#include "common/delta.h"

namespace daicho::agent {

namespace {

bool AllOf(std::string_view text, std::string_view allowed) {
  return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

void SetRelease(const FileTree& files, v1::Os& row, SectionBuilder& section) {
  std::string_view path = "/etc/os-release";
  auto text = files.Read(path, kMaxConfigBytes);
  if (!text && text.error().code == Code::kNotFound) {
    path = "/usr/lib/os-release";
    text = files.Read(path, kMaxConfigBytes);
  }
  if (!text) {
    section.AddIssue(path, std::nullopt, text.error().message);
    section.Partial(text.error().message);
    return;
  }
  OsRelease release = ParseOsRelease(*text, path, section);
  row.set_id(std::move(release.id));
  row.set_name(std::move(release.pretty_name));
  row.set_version(std::move(release.version_id));
  row.set_codename(std::move(release.version_codename));
}

// "12.11" for VERSION_ID 12; debian_version of a release to come says "trixie/sid" and is no version.
void SetPointRelease(const FileTree& files, v1::Os& row) {
  if (row.id() != "debian") return;
  const std::string point = ReadLineOrEmpty(files, "/etc/debian_version");
  if (AllOf(point, "0123456789.") && point.starts_with(row.version() + ".")) row.set_version(point);
}

// The name of the running kernel; of a system that does not run, the one it will have.
std::string Hostname(const FileTree& files) {
  if (std::string name = ReadLineOrEmpty(files, "/proc/sys/kernel/hostname"); !name.empty() && name != "(none)") {
    return name;
  }
  const auto text = files.Read("/etc/hostname", kMaxLineFileBytes);
  if (!text) return "";
  std::string_view rest = *text;
  std::string_view line;
  while (NextLine(rest, line)) {
    line = Trim(line);
    if (!line.empty() && line.front() != '#') return CleanText(line);
  }
  return "";
}

// localtime(5) first: /etc/timezone is only Debian's note of it and may be old.
std::string TimeZone(const FileTree& files) {
  constexpr std::string_view kFolder = "zoneinfo/";
  const auto link = files.ReadLink("/etc/localtime");
  const auto at = link ? link->rfind(kFolder) : std::string::npos;
  std::string zone =
      at == std::string::npos ? ReadLineOrEmpty(files, "/etc/timezone") : CleanText(link->substr(at + kFolder.size()));
  for (const std::string_view variant : {"posix/", "right/"}) {
    if (zone.starts_with(variant)) zone.erase(0, variant.size());
  }
  return zone;
}

// Hashed because the id itself must not leave the machine (machine-id(5)).
std::string MachineId(const FileTree& files) {
  const std::string id = ReadLineOrEmpty(files, "/etc/machine-id");
  if (id.size() != 32 || !AllOf(id, "0123456789abcdef")) return "";
  return Hex(Sha256(id)).substr(0, 32);
}

}  // namespace

v1::Section CollectOs(const SourceInput& input) {
  SectionBuilder section("os");
  v1::Os row;
  SetRelease(input.files, row, section);
  SetPointRelease(input.files, row);
  row.set_hostname(Hostname(input.files));
  row.set_kernel(ReadLineOrEmpty(input.files, "/proc/sys/kernel/osrelease"));
  row.set_architecture(ReadLineOrEmpty(input.files, "/proc/sys/kernel/arch"));
  row.set_time_zone(TimeZone(input.files));
  row.set_machine_id(MachineId(input.files));
  if (row.ByteSizeLong() == 0) section.Failed("no os-release, host name or kernel below this root; is it a system?");
  section.AddRow(row);
  return section.Take();
}

}  // namespace daicho::agent
