#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <iostream>
#include <system_error>

#include "collector/backup/backup.h"
#include "collector/backup/scratch_folder.h"
#include "collector/backup/unpack.h"
#include "collector/config.h"
#include "collector/config_store.h"
#include "collector/enrol/authority.h"
#include "collector/proof.h"
#include "collector/state_lock.h"
#include "collector/store/open_store.h"
#include "common/clock.h"
#include "common/files.h"
#include "common/json.h"
#include "common/text.h"
#include "common/time_format.h"

namespace daicho::collector {

namespace {

constexpr mode_t kStateFolder = 0750;

std::unexpected<Error> FailErrno(const std::string& what) {
  const Code code = errno == ENOSPC ? Code::kResourceExhausted : Code::kPermissionDenied;
  return Fail(code, what + ": " + std::generic_category().message(errno));
}

std::string Text(const LedgerCounts& counts) {
  return std::to_string(counts.devices) + " devices, " + std::to_string(counts.section_rows) + " rows, " +
         std::to_string(counts.journal_entries) + " journal entries";
}

// Opens the ledger as the collector would, proves it, and lets its devices go on.
Result<VerifyCounts> ProveLedger(const std::string& ledger, const std::string& file, const Manifest& manifest) {
  const auto counts = CountSqliteStore(ledger);
  if (!counts) return std::unexpected(counts.error());
  if (*counts != manifest.counts) {
    return Fail(Code::kDataLoss,
                file + ": its ledger has " + Text(*counts) + "; its manifest says " + Text(manifest.counts));
  }
  const auto store = OpenStore(ledger);
  if (!store) return std::unexpected(store.error());
  auto proved = Prove(**store);
  if (!proved && proved.error().code == Code::kDataLoss) {
    return Fail(Code::kDataLoss, file + ": the ledger in it is damaged: " + proved.error().message +
                                     "; nothing was restored: take the last backup that is sound");
  }
  if (!proved) return proved;
  std::vector<StoreWrite> batch;
  batch.emplace_back(ForgetLinesWrite{});
  batch.emplace_back(JournalWrite{.at = SystemClock().Now(),
                                  .actor = "collector",
                                  .action = "ledger.restore",
                                  .detail = "backup of " + CleanText(manifest.made_at),
                                  .result = {}});
  if (auto done = (*store)->Commit(batch); !done) return std::unexpected(done.error());
  return proved;
}

Result<VerifyCounts> ProveLedgerAndConfig(const std::string& folder, const std::string& file,
                                          const Manifest& manifest) {
  const std::string path = folder + "/collector.toml";
  const auto config = LoadConfig(path);
  if (!config) return std::unexpected(config.error());
  if (IsPostgresUrl(config->store) != (manifest.store == "postgresql")) {
    return Fail(Code::kDataLoss, file + ": its manifest names a ledger on " + CleanText(manifest.store) +
                                     ", its collector.toml another one");
  }
  if (manifest.store != "sqlite") return VerifyCounts{};
  const std::string ledger = folder + "/" + kSqliteFile;
  auto proved = ProveLedger(ledger, file, manifest);
  if (proved &&
      std::filesystem::path(config->store).lexically_normal() != std::filesystem::path(ledger).lexically_normal()) {
    std::cerr << "collector.toml named a ledger elsewhere, " << config->store << "; it names " << kSqliteFile
              << " in the state folder now.\n";
    if (auto done = SetStoreOfConfig(path, kSqliteFile); !done) return std::unexpected(done.error());
  }
  return proved;
}

// All that a collector needs to run.
Result<VerifyCounts> ProveState(const std::string& folder, const std::string& file, const Manifest& manifest) {
  auto proved = ProveLedgerAndConfig(folder, file, manifest);
  if (!proved) return proved;
  if (const auto authority = Authority::Load(folder); !authority) {
    return Fail(Code::kDataLoss, file + ": the authority in it cannot be used: " + authority.error().message);
  }
  return proved;
}

// What the folder was before, if it was.
struct OldState {
  bool is_there = false;
  bool is_empty = true;
  uid_t owner = 0;
  gid_t group = 0;
};

Result<OldState> Look(const std::string& state) {
  struct stat found{};
  if (::stat(state.c_str(), &found) != 0) {
    if (errno == ENOENT) return OldState{};
    return FailErrno(state);
  }
  std::error_code error;
  const bool is_empty = std::filesystem::is_empty(state, error);
  if (error || !S_ISDIR(found.st_mode)) return Fail(Code::kFailedPrecondition, state + ": is no folder");
  return OldState{.is_there = true, .is_empty = is_empty, .owner = found.st_uid, .group = found.st_gid};
}

// --force is for a collector's state; whatever else is there stays.
Status CheckOld(const RestoreOptions& options, const OldState& old) {
  if (old.is_empty) return {};
  std::error_code error;
  if (!options.force) {
    return Fail(Code::kFailedPrecondition, options.state +
                                               ": is not empty; nothing was changed. Take another --state, or --force, "
                                               "which moves what is there to " +
                                               options.state + ".before-restore-TIME");
  }
  if (std::filesystem::exists(options.state + "/collector.toml", error)) return {};
  return Fail(Code::kFailedPrecondition,
              options.state + ": has no collector.toml, so it is no collector's state; --force does not move it");
}

// Where a service has its own user, root restores for it.
Status GiveTo(const std::string& folder, const OldState& old) {
  if (::geteuid() != 0 || !old.is_there) return {};
  if (::lchown(folder.c_str(), old.owner, old.group) != 0) return FailErrno(folder + ": cannot give it to its owner");
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (::lchown(entry.path().c_str(), old.owner, old.group) != 0) return FailErrno(entry.path().string());
  }
  return {};
}

// The folder takes the state's place. Where the old one went; empty: there was none.
Result<std::string> PutInPlace(const std::string& folder, const std::string& state, const OldState& old) {
  std::string moved;
  if (!old.is_empty) {
    std::string time = FormatTime(SystemClock().Now());
    std::erase(time, ':');
    moved = state + ".before-restore-" + time;
    if (::rename(state.c_str(), moved.c_str()) != 0) return FailErrno(state + ": cannot be moved to " + moved);
  }
  if (::rename(folder.c_str(), state.c_str()) != 0) {
    auto failed = FailErrno(state +
                            ": the restored state cannot take its place (a mount point cannot be replaced: "
                            "restore into a folder within it)");
    if (!moved.empty()) std::filesystem::rename(moved, state);
    return failed;
  }
  const std::string parent = std::filesystem::path(state).parent_path().string();
  const int above = ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (above >= 0) {
    ::fsync(above);
    ::close(above);
  }
  return moved;
}

void Say(const RestoreOptions& options, const std::string& state, const Manifest& manifest, const VerifyCounts& counts,
         const std::string& moved) {
  if (options.json) {
    std::string line = "{\"state\":";
    AppendJsonString(state, line);
    line += ",\"made_at\":";
    AppendJsonString(manifest.made_at, line);
    line += ",\"store\":\"" + manifest.store + "\"";
    AppendJsonMembers(counts, line);
    line += ",\"moved\":";
    AppendJsonString(moved, line);
    std::cout << line << "}\n";
    return;
  }
  std::cout << "restored  " << state << ", as of " << CleanText(manifest.made_at) << "\n";
  if (manifest.store == "sqlite") {
    std::cout << "proved    " << ToText(counts) << "\n";
  }
  if (!moved.empty()) std::cout << "before    " << moved << "\n";
  std::cout << "next      daicho-collector run --state " << state << "\n";
}

void AdviseOnDatabase(const std::string& url) {
  const std::string name = WithoutPassword(url);
  std::cerr << "The ledger is in PostgreSQL and not in this file. If the database was lost too, restore it with:\n"
            << "  pg_restore --no-owner --dbname='" << name << "' daicho-ledger.dump\n"
            << "  psql '" << name
            << "' -c 'UPDATE daicho.device_entry SET line_continuation = NULL, line_presented = NULL, line_instance = "
               "NULL; DELETE FROM daicho.claim_entry'\n";
}

}  // namespace

Status Restore(const RestoreOptions& options) {
  std::string state = options.state;
  while (state.size() > 1 && state.ends_with('/')) state.pop_back();
  const auto old = Look(state);
  if (!old) return std::unexpected(old.error());
  if (auto good = CheckOld(options, *old); !good) return good;
  std::optional<StateLock> lock;
  if (!old->is_empty) {
    auto taken = StateLock::Take(state);
    if (!taken) return std::unexpected(taken.error());
    lock.emplace(std::move(*taken));
  }
  // Everything is proved beside the state, and takes its place at the end.
  auto scratch = ScratchFolder::MakeBeside(state);
  if (!scratch) return std::unexpected(scratch.error());
  const std::string folder = scratch->path();
  const auto manifest = UnpackBackup(options.file, folder);
  if (!manifest) return std::unexpected(manifest.error());
  const auto proved = ProveState(folder, options.file, *manifest);
  if (!proved) return std::unexpected(proved.error());
  if (::chmod(folder.c_str(), kStateFolder) != 0) return FailErrno(folder);
  if (auto done = GiveTo(folder, *old); !done) return done;
  auto moved = [&] {
    const auto held = scratch->HoldStops();
    auto put = PutInPlace(folder, state, *old);
    if (put) scratch->Keep(state);
    return put;
  }();
  if (!moved) return std::unexpected(moved.error());
  Say(options, state, *manifest, *proved, *moved);
  if (manifest->store == "sqlite") return {};
  if (const auto config = LoadConfig(state + "/collector.toml")) AdviseOnDatabase(config->store);
  return {};
}

}  // namespace daicho::collector
