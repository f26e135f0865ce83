// The container of a backup: POSIX tar in zstd, by libarchive (`tar --zstd -tf FILE` lists it). Threads: one at a time.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "collector/backup/manifest.h"
#include "common/clock.h"
#include "common/error.h"

struct archive;
struct archive_entry;

namespace daicho::collector {

// Size and digest of a file. kDataLoss: cannot be read.
Result<BackupMember> DescribeFile(const std::string& path, const std::string& name);

// Writes FILE (0600) in one step: the manifest, then its members from below `folder`. kResourceExhausted: no space
// left.
Status WriteArchive(const std::string& file, const std::string& folder, const Manifest& manifest, UnixTime at);

class ArchiveReader {
 public:
  struct Entry {
    std::string name;
    std::int64_t bytes = 0;
    mode_t mode = 0;
  };

  // kNotFound, kPermissionDenied; kDataLoss: not such a container.
  static Result<ArchiveReader> Open(const std::string& file);

  // The next member; nothing: the end. kDataLoss: damaged, truncated, or a member that is no plain file.
  Result<std::optional<Entry>> Next();
  // Content of the member. kDataLoss: damaged, or longer than `max_bytes`.
  Result<std::string> ReadText(std::size_t max_bytes);
  // Content of the member to the new file `path`, flushed to the disk.
  Status Extract(const std::string& path, mode_t mode);

 private:
  struct Close {
    void operator()(archive* reader) const;
  };
  ArchiveReader(archive* reader, std::string file) : reader_(reader), file_(std::move(file)) {}
  std::unexpected<Error> Damaged() const;

  std::unique_ptr<archive, Close> reader_;
  std::string file_;
};

}  // namespace daicho::collector
