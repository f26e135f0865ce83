#include "collector/backup/backup.h"

#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <iostream>
#include <system_error>

#include "collector/backup/archive.h"
#include "collector/backup/scratch_folder.h"
#include "collector/config.h"
#include "collector/enrol/authority.h"
#include "collector/proof.h"
#include "collector/store/postgres_store.h"
#include "common/clock.h"
#include "common/files.h"
#include "common/json.h"
#include "common/time_format.h"

namespace daicho::collector {

namespace {

// Everything of a state folder that cannot be made again.
struct StateFile {
  const char* name;
  bool is_needed;
};
constexpr std::array kStateFiles = {StateFile{"collector.toml", true},
                                    StateFile{"ca.pem", true},
                                    StateFile{"ca/ca.pem", true},
                                    StateFile{"ca/ca-key.pem", true},
                                    StateFile{"admin/profile.toml", false},
                                    StateFile{"admin/ca.pem", false},
                                    StateFile{"admin/certificate.pem", false},
                                    StateFile{"admin/key.pem", false}};

Status CopyFiles(const std::string& state, const std::string& to) {
  for (const StateFile& file : kStateFiles) {
    const std::string from = state + "/" + file.name;
    const std::string copy = to + "/" + file.name;
    const auto content = ReadFile(from);
    if (!content && content.error().code == Code::kNotFound && !file.is_needed) continue;
    if (!content) return std::unexpected(content.error());
    struct stat found{};
    if (::stat(from.c_str(), &found) != 0) return Fail(Code::kNotFound, from + ": went away");
    if (auto done = MakeFoldersIn(to, file.name); !done) return done;
    if (auto done = WriteFileAtomically(copy, *content, found.st_mode & 0777); !done) return done;
  }
  return {};
}

Status DescribeAll(const std::string& folder, Manifest& manifest) {
  std::vector<std::string> names;
  for (const StateFile& file : kStateFiles) names.emplace_back(file.name);
  names.emplace_back(kSqliteFile);
  for (const std::string& name : names) {
    auto member = DescribeFile(folder + "/" + name, name);
    if (!member && member.error().code == Code::kNotFound) continue;
    if (!member) return std::unexpected(member.error());
    manifest.members.push_back(std::move(*member));
  }
  return {};
}

Status CopyLedger(const CollectorConfig& config, const std::string& folder, Manifest& manifest) {
  manifest.store = IsPostgresUrl(config.store) ? "postgresql" : "sqlite";
  if (IsPostgresUrl(config.store)) return {};
  const std::string copy = folder + "/" + kSqliteFile;
  if (auto copied = CopySqliteStore(config.store, copy); !copied) {
    if (copied.error().code != Code::kResourceExhausted) return copied;
    return Fail(Code::kResourceExhausted, folder + ": no room for a copy of the ledger (" + copied.error().message +
                                              "); give the backup a FILE on a larger disk");
  }
  const auto counts = CountSqliteStore(copy);
  if (!counts) return std::unexpected(counts.error());
  manifest.counts = *counts;
  return {};
}

// What is damaged in the copy. A ledger of a former schema is proved when it is restored.
Status ProveCopy(const std::string& copy) {
  const auto store = OpenSqliteStore(copy, {.read_only = true});
  const auto proved = store ? Prove(**store) : std::unexpected(store.error());
  if (proved || proved.error().code != Code::kDataLoss) return {};
  return std::unexpected(proved.error());
}

void Say(const BackupOptions& options, const Manifest& manifest, std::uintmax_t bytes) {
  const LedgerCounts& counts = manifest.counts;
  if (options.json) {
    std::string line = "{\"file\":";
    AppendJsonString(options.file, line);
    line += ",\"bytes\":" + std::to_string(bytes) + ",\"made_at\":\"" + manifest.made_at + "\",\"store\":\"" +
            manifest.store + "\",\"schema\":" + std::to_string(counts.schema) +
            ",\"devices\":" + std::to_string(counts.devices) +
            ",\"section_rows\":" + std::to_string(counts.section_rows) +
            ",\"journal_entries\":" + std::to_string(counts.journal_entries) + "}";
    std::cout << line << "\n";
    return;
  }
  std::cout << "backup   " << options.file << ", " << bytes << " bytes\n";
  if (manifest.store == "sqlite") {
    std::cout << "ledger   " << counts.devices << " devices, " << counts.section_rows << " rows, "
              << counts.journal_entries << " journal entries\n";
  }
  std::cout << "It has the private key of the authority: lock it away.\n";
}

void AdviseOnDatabase(const std::string& url) {
  std::cerr << "The ledger is in PostgreSQL and not in this file. Back it up with:\n"
            << "  pg_dump --format=custom --file=daicho-ledger.dump --dbname='" << WithoutPassword(url) << "'\n";
}

Status CheckTarget(const BackupOptions& options) {
  std::error_code error;
  if (!options.force && std::filesystem::exists(options.file, error)) {
    return Fail(Code::kAlreadyExists, options.file + ": exists; take another name, or --force to replace it");
  }
  return {};
}

}  // namespace

Status Backup(const BackupOptions& options) {
  if (auto good = CheckTarget(options); !good) return good;
  const auto config = LoadConfig(options.state + "/collector.toml");
  if (!config) return std::unexpected(config.error());
  if (const auto authority = Authority::Load(options.state); !authority) return std::unexpected(authority.error());
  // Beside the file, where there has to be room for it anyway.
  const auto scratch = ScratchFolder::MakeBeside(options.file);
  if (!scratch) return std::unexpected(scratch.error());
  const std::string& folder = scratch->path();
  const UnixTime now = SystemClock().Now();
  Manifest manifest;
  manifest.daicho = DAICHO_VERSION;
  manifest.made_at = FormatTime(now);
  Status done = CopyFiles(options.state, folder);
  if (done) done = CopyLedger(*config, folder, manifest);
  const Status sound = done && manifest.store == "sqlite" ? ProveCopy(folder + "/" + kSqliteFile) : Status();
  if (done) done = DescribeAll(folder, manifest);
  if (done) done = CheckTarget(options);
  if (done) done = WriteArchive(options.file, folder, manifest, now);
  if (!done) return done;
  std::error_code error;
  Say(options, manifest, std::filesystem::file_size(options.file, error));
  if (IsPostgresUrl(config->store)) AdviseOnDatabase(config->store);
  if (sound) return {};
  return Fail(Code::kDataLoss, options.file +
                                   ": is written, but the ledger in it is damaged: " + sound.error().message +
                                   "; keep the backups from before, and restore the last one that is sound");
}

}  // namespace daicho::collector
