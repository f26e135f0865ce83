#include "collector/backup/unpack.h"

#include <algorithm>
#include <set>

#include "collector/backup/archive.h"
#include "collector/backup/scratch_folder.h"
#include "common/files.h"

namespace daicho::collector {

namespace {

constexpr std::size_t kMaxManifest = 1u << 20;
// Nothing of a state folder is for all to write, or a program.
constexpr mode_t kModesOfFiles = 0644;

Status ExtractMember(ArchiveReader& reader, const ArchiveReader::Entry& entry, const std::string& folder) {
  const std::string path = folder + "/" + entry.name;
  if (auto done = MakeFoldersIn(folder, entry.name); !done) return done;
  return reader.Extract(path, entry.mode & kModesOfFiles);
}

Result<Manifest> UnpackMembers(const std::string& file, const std::string& folder) {
  auto reader = ArchiveReader::Open(file);
  if (!reader) return std::unexpected(reader.error());
  auto entry = reader->Next();
  if (!entry) return std::unexpected(entry.error());
  if (!*entry || (*entry)->name != kManifestName) {
    return Fail(Code::kDataLoss, file + ": is no backup of Daicho: it does not begin with " + kManifestName);
  }
  const auto text = reader->ReadText(kMaxManifest);
  if (!text) return std::unexpected(text.error());
  auto manifest = ParseManifest(*text, file + ": " + kManifestName);
  if (!manifest) return manifest;
  std::set<std::string> missing;
  for (const BackupMember& member : manifest->members) missing.insert(member.path);
  for (entry = reader->Next(); entry && *entry; entry = reader->Next()) {
    const auto& [name, bytes, mode] = **entry;
    const auto known = std::ranges::find(manifest->members, name, &BackupMember::path);
    if (missing.erase(name) == 0 || known->bytes != bytes) {
      return Fail(Code::kDataLoss, file + ": its member " + name + " is not the one that its manifest names");
    }
    if (auto done = ExtractMember(*reader, **entry, folder); !done) return std::unexpected(done.error());
  }
  if (!entry) return std::unexpected(entry.error());
  if (missing.empty()) return manifest;
  return Fail(Code::kDataLoss, file + ": is cut short: its member " + *missing.begin() + " is missing");
}

Status CheckDigests(const std::string& file, const std::string& folder, const Manifest& manifest) {
  for (const BackupMember& member : manifest.members) {
    const auto found = DescribeFile(folder + "/" + member.path, member.path);
    if (!found) return std::unexpected(found.error());
    if (*found != member) {
      return Fail(Code::kDataLoss, file + ": its member " + member.path + " is damaged: the SHA-256 is another one");
    }
  }
  return {};
}

}  // namespace

Result<Manifest> UnpackBackup(const std::string& file, const std::string& folder) {
  auto manifest = UnpackMembers(file, folder);
  if (!manifest) return manifest;
  if (auto good = CheckDigests(file, folder, *manifest); !good) return std::unexpected(good.error());
  return manifest;
}

}  // namespace daicho::collector
