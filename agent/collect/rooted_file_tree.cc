#include "agent/collect/rooted_file_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <system_error>

namespace daicho::agent {

namespace {

constexpr std::size_t kMaxFolderNames = 1'000'000;
constexpr std::size_t kPieceBytes = 64u << 10;

Code CodeForErrno(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ESRCH:  // a process that ended
      return Code::kNotFound;
    case EACCES:
    case EPERM:
      return Code::kPermissionDenied;
    case EINVAL:
    case ELOOP:
    case ENAMETOOLONG:
    case EISDIR:
    case ENXIO:
      return Code::kInvalidArgument;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return Code::kResourceExhausted;
    default:
      return Code::kDataLoss;
  }
}

std::unexpected<Error> FailWithErrno(std::string_view path, int error) {
  return Fail(CodeForErrno(error), std::string(path) + ": " + std::generic_category().message(error));
}

std::unexpected<Error> FailTooLarge(std::string_view path, std::size_t max_bytes) {
  return Fail(Code::kResourceExhausted,
              std::string(path) + ": larger than the " + std::to_string(max_bytes) + " bytes read of such a file");
}

FileInfo ToFileInfo(const struct statx& from) {
  FileInfo info;
  info.kind = S_ISREG(from.stx_mode)   ? FileKind::kRegular
              : S_ISDIR(from.stx_mode) ? FileKind::kFolder
              : S_ISLNK(from.stx_mode) ? FileKind::kLink
                                       : FileKind::kOther;
  info.size = from.stx_size;
  info.mode = from.stx_mode & 07777u;
  info.uid = from.stx_uid;
  info.device = (std::uint64_t{from.stx_dev_major} << 32) | from.stx_dev_minor;
  info.inode = from.stx_ino;
  info.modified_at = from.stx_mtime.tv_sec;
  // Some images and file systems carry 0 or a date before Linux kept births at all: not recorded.
  constexpr UnixTime kEarliestBirth = 946'684'800;  // 2000-01-01
  if ((from.stx_mask & STATX_BTIME) != 0 && from.stx_btime.tv_sec >= kEarliestBirth) {
    info.born_at = from.stx_btime.tv_sec;
  }
  return info;
}

// nullopt: errno says why.
std::optional<FileInfo> StatAt(int folder, const char* name, int flags) {
  struct statx info{};
  if (::statx(folder, name, flags | AT_NO_AUTOMOUNT, STATX_BASIC_STATS | STATX_BTIME, &info) != 0) return std::nullopt;
  return ToFileInfo(info);
}

// Calls visit(name) for each name but "." and ".."; returns an errno, 0 at the end.
template <typename Visit>
int VisitNames(int folder, const Visit& visit) {
  alignas(dirent64) char buffer[32768];
  for (;;) {
    const ssize_t size = ::getdents64(folder, buffer, sizeof buffer);
    if (size < 0) return errno;
    if (size == 0) return 0;
    for (ssize_t at = 0; at < size;) {
      const char* entry = buffer + at;
      unsigned short length = 0;
      std::memcpy(&length, entry + offsetof(dirent64, d_reclen), sizeof length);
      const char* name = entry + offsetof(dirent64, d_name);
      const std::string_view text(name);
      if (text != "." && text != "..") visit(name);
      at += length;
    }
  }
}

// Appends what is left of the file; false when it is more than max_bytes in all. `error` is an errno.
bool ReadToEnd(int file, std::size_t expected, std::size_t max_bytes, std::string& content, int& error) {
  std::size_t used = 0;
  std::size_t room = std::max<std::size_t>(expected, 4095) + 1;
  for (;;) {
    ssize_t got = 0;
    content.resize_and_overwrite(room, [&](char* data, std::size_t size) {
      do {
        got = ::read(file, data + used, size - used);
      } while (got < 0 && errno == EINTR);
      error = got < 0 ? errno : 0;
      return used + static_cast<std::size_t>(std::max<ssize_t>(got, 0));
    });
    if (got <= 0) return true;
    used = content.size();
    if (used > max_bytes) return false;
    if (used == room) room *= 2;
  }
}

}  // namespace

Result<RootedFileTree> RootedFileTree::Open(const std::string& root, Resolver resolver) {
  UniqueFd folder(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!folder.ok()) return FailWithErrno(root, errno);
  return RootedFileTree(std::move(folder), resolver);
}

Result<RootedFileTree::Opened> RootedFileTree::OpenRegular(std::string_view path) const {
  // A look first: merely opening a pipe wakes its writer, and opening a device may start it.
  const auto seen = Stat(path);
  if (!seen) return std::unexpected(seen.error());
  const auto not_a_file = [&] { return Fail(Code::kInvalidArgument, std::string(path) + ": not a regular file"); };
  if (seen->kind != FileKind::kRegular) return not_a_file();
  UniqueFd file = OpenInRoot(root_.get(), std::string(path), O_RDONLY | O_NONBLOCK, resolver_);
  if (!file.ok()) return FailWithErrno(path, errno);
  const auto info = StatAt(file.get(), "", AT_EMPTY_PATH);
  if (!info) return FailWithErrno(path, errno);
  if (info->kind != FileKind::kRegular) return not_a_file();
  return Opened{std::move(file), *info};
}

Result<std::string> RootedFileTree::Read(std::string_view path, std::size_t max_bytes) const {
  const auto opened = OpenRegular(path);
  if (!opened) return std::unexpected(opened.error());
  if (opened->info.size > max_bytes) return FailTooLarge(path, max_bytes);
  std::string content;
  int error = 0;
  if (!ReadToEnd(opened->file.get(), static_cast<std::size_t>(opened->info.size), max_bytes, content, error)) {
    return FailTooLarge(path, max_bytes);
  }
  if (error != 0) return FailWithErrno(path, error);
  return content;
}

Status RootedFileTree::ReadPieces(std::string_view path, std::size_t max_bytes, const TakeBytes& take) const {
  const auto opened = OpenRegular(path);
  if (!opened) return std::unexpected(opened.error());
  if (opened->info.size > max_bytes) return FailTooLarge(path, max_bytes);
  std::string buffer(kPieceBytes, '\0');
  std::size_t used = 0;
  for (std::size_t total = 0;;) {
    if (used == buffer.size()) buffer.resize(2 * used);
    const ssize_t got = ::read(opened->file.get(), buffer.data() + used, buffer.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FailWithErrno(path, errno);
    total += static_cast<std::size_t>(got);
    if (total > max_bytes) return FailTooLarge(path, max_bytes);
    used += static_cast<std::size_t>(got);
    const std::size_t taken = take({buffer.data(), used}, got == 0);
    if (got == 0) return {};
    used -= taken;
    std::memmove(buffer.data(), buffer.data() + taken, used);
  }
}

Result<std::string> RootedFileTree::ReadAt(std::string_view path, std::uint64_t offset, std::size_t size) const {
  const auto opened = OpenRegular(path);
  if (!opened) return std::unexpected(opened.error());
  std::string bytes(size, '\0');
  std::size_t used = 0;
  while (used < size) {
    const ssize_t got =
        ::pread(opened->file.get(), bytes.data() + used, size - used, static_cast<off_t>(offset + used));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FailWithErrno(path, errno);
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
  }
  bytes.resize(used);
  return bytes;
}

Result<std::vector<std::string>> RootedFileTree::List(std::string_view path) const {
  const UniqueFd folder = OpenInRoot(root_.get(), std::string(path), O_RDONLY | O_DIRECTORY, resolver_);
  if (!folder.ok()) return FailWithErrno(path, errno);
  std::vector<std::string> names;
  const int error = VisitNames(folder.get(), [&](const char* name) {
    if (names.size() <= kMaxFolderNames) names.emplace_back(name);
  });
  if (error != 0) return FailWithErrno(path, error);
  if (names.size() > kMaxFolderNames) {
    return Fail(Code::kResourceExhausted, std::string(path) + ": more than a million names in the folder");
  }
  std::ranges::sort(names);
  return names;
}

Result<FileInfo> RootedFileTree::Stat(std::string_view path) const {
  const UniqueFd file = OpenInRoot(root_.get(), std::string(path), O_PATH, resolver_);
  if (!file.ok()) return FailWithErrno(path, errno);
  const auto info = StatAt(file.get(), "", AT_EMPTY_PATH);
  if (!info) return FailWithErrno(path, errno);
  return *info;
}

Result<std::string> RootedFileTree::ReadLink(std::string_view path) const {
  const UniqueFd link = OpenInRoot(root_.get(), std::string(path), O_PATH | O_NOFOLLOW, resolver_);
  if (!link.ok()) return FailWithErrno(path, errno);
  char text[PATH_MAX];
  const ssize_t size = ::readlinkat(link.get(), "", text, sizeof text);
  // readlinkat(2) with an empty path calls what is no link ENOENT.
  if (size < 0) return FailWithErrno(path, errno == ENOENT ? EINVAL : errno);
  return std::string(text, static_cast<std::size_t>(size));
}

std::vector<std::optional<FileInfo>> RootedFileTree::StatEach(std::string_view folder,
                                                              std::span<const std::string> names) const {
  std::vector<std::optional<FileInfo>> infos(names.size());
  const UniqueFd opened = OpenInRoot(root_.get(), std::string(folder), O_PATH | O_DIRECTORY, resolver_);
  if (!opened.ok()) return infos;
  for (std::size_t i = 0; i < names.size(); ++i) {
    // A name with a slash could walk out of the root here; such a one, and links, go the long way.
    if (names[i].find('/') == std::string::npos) infos[i] = StatAt(opened.get(), names[i].c_str(), AT_SYMLINK_NOFOLLOW);
    if (names[i].find('/') != std::string::npos || (infos[i] && infos[i]->kind == FileKind::kLink)) {
      const auto info = Stat(std::string(folder) + "/" + names[i]);
      infos[i] = info ? std::optional(*info) : std::nullopt;
    }
  }
  return infos;
}

Result<std::vector<std::string>> RootedFileTree::ReadLinks(std::string_view folder) const {
  const UniqueFd opened = OpenInRoot(root_.get(), std::string(folder), O_RDONLY | O_DIRECTORY, resolver_);
  if (!opened.ok()) return FailWithErrno(folder, errno);
  std::vector<std::string> texts;
  const int error = VisitNames(opened.get(), [&](const char* name) {
    char text[PATH_MAX];
    const ssize_t size = ::readlinkat(opened.get(), name, text, sizeof text);
    if (size >= 0) texts.emplace_back(text, static_cast<std::size_t>(size));
  });
  if (error != 0) return FailWithErrno(folder, error);
  return texts;
}

}  // namespace daicho::agent
