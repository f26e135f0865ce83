// A source answers one section from files and system interfaces of an endpoint. Sources are pure: they see the endpoint
// only through the two interfaces below, so a test gives them a folder of strings and a fuzzer gives them noise.
// A new source is one .cc file in sources/<platform>/ and one line in sources/registry.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"
#include "common/error.h"
#include "daicho/v1/facts.pb.h"

namespace daicho::agent {

enum class FileKind { kRegular, kFolder, kLink, kOther };

struct FileInfo {
  FileKind kind = FileKind::kOther;
  std::uint64_t size = 0;    // bytes
  std::uint32_t mode = 0;    // permission bits
  std::uint32_t uid = 0;     // owner
  std::uint64_t device = 0;  // st_dev and st_ino: the same pair is the same file
  std::uint64_t inode = 0;
  UnixTime modified_at = 0;
  std::optional<UnixTime> born_at = std::nullopt;  // where the file system records it (statx(2) stx_btime)
};

// The endpoint's files below one root. Paths are absolute as seen inside the root ("/etc/passwd"). Symbolic links are
// followed inside the root only. Implementations are thread-compatible. Errors: kNotFound; kPermissionDenied (also a
// link that leaves the root); kResourceExhausted (larger than max_bytes); kInvalidArgument (a device, pipe or folder
// where a file is wanted); kDataLoss. Messages start with the path inside the root.
class FileTree {
 public:
  virtual ~FileTree() = default;
  virtual Result<std::string> Read(std::string_view path, std::size_t max_bytes) const = 0;
  // The whole file from its start to its end, for a large one that need not be in memory at once. `take` gets the bytes
  // that come next and returns how many of them it is done with; the others come again, with more behind them. `last`:
  // there is no more. Errors are those of Read and may come after bytes were taken.
  using TakeBytes = std::function<std::size_t(std::string_view bytes, bool last)>;
  virtual Status ReadPieces(std::string_view path, std::size_t max_bytes, const TakeBytes& take) const {
    const auto bytes = Read(path, max_bytes);
    if (!bytes) return std::unexpected(bytes.error());
    take(*bytes, true);
    return {};
  }
  // At most `size` bytes from `offset` on; fewer, or none, where the file ends. For sparse files: their size does not
  // matter. Errors are those of Read.
  virtual Result<std::string> ReadAt(std::string_view path, std::uint64_t offset, std::size_t size) const {
    auto bytes = Read(path, std::numeric_limits<std::size_t>::max());
    if (!bytes) return bytes;
    return offset < bytes->size() ? bytes->substr(static_cast<std::size_t>(offset), size) : std::string();
  }
  // Names in a folder, sorted, without "." and "..".
  virtual Result<std::vector<std::string>> List(std::string_view path) const = 0;
  // Follows links, like stat(2).
  virtual Result<FileInfo> Stat(std::string_view path) const = 0;
  // Text of the link itself; also for /proc/PID/exe and /proc/PID/fd/N.
  virtual Result<std::string> ReadLink(std::string_view path) const = 0;

  // The same for many names of one folder: the walk to the folder costs more than each question. Implementations
  // may do better than these loops.

  // Stat of `folder`/name for each name; nothing where it fails.
  virtual std::vector<std::optional<FileInfo>> StatEach(std::string_view folder,
                                                        std::span<const std::string> names) const {
    std::vector<std::optional<FileInfo>> infos(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (const auto info = Stat(std::string(folder) + "/" + names[i])) infos[i] = *info;
    }
    return infos;
  }
  // Texts of all links in `folder`, in no order; what vanishes meanwhile is left out. Errors are those of List.
  virtual Result<std::vector<std::string>> ReadLinks(std::string_view folder) const {
    const auto names = List(folder);
    if (!names) return std::unexpected(names.error());
    std::vector<std::string> texts;
    for (const std::string& name : *names) {
      if (auto text = ReadLink(std::string(folder) + "/" + name)) texts.push_back(std::move(*text));
    }
    return texts;
  }
};

struct InterfaceAddress {
  std::string interface;
  std::string address;  // CIDR: "192.0.2.5/24"
};

// What no file tells. With --root of another system there is none of it.
class SystemView {
 public:
  virtual ~SystemView() = default;
  // getifaddrs(3). kUnimplemented: the root inspected is not the running system.
  virtual Result<std::vector<InterfaceAddress>> Addresses() const = 0;
};

struct SourceInput {
  const FileTree& files;
  const SystemView& system;
  UnixTime now = 0;
};

// Returns the section with name, status, issues and rows (serialized, in any order). Does not throw.
using Collect = v1::Section (*)(const SourceInput&);

struct Source {
  std::string_view section;
  Collect collect;
};

// In the order in which a snapshot prints them.
std::span<const Source> AllSources();

// Caps of a single file, bytes. Files of the endpoint that are larger are an issue, never read in part.
inline constexpr std::size_t kMaxDatabaseBytes = 64u << 20;  // dpkg status, wtmp
inline constexpr std::size_t kMaxConfigBytes = 4u << 20;     // passwd, sudoers, …

}  // namespace daicho::agent
