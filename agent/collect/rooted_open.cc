#include "agent/collect/rooted_open.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <string_view>
#include <vector>

namespace daicho::agent {

namespace {

constexpr int kMaxLinks = 40;    // path_resolution(7)
constexpr int kMaxRetries = 16;  // EAGAIN: something was renamed while ".." was resolved

UniqueFd KernelOpen(int root, const std::string& path, int flags) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags);
  how.resolve = RESOLVE_IN_ROOT;
  for (int attempt = 0;; ++attempt) {
    const long fd = ::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how);
    if (fd >= 0) return UniqueFd(static_cast<int>(fd));
    if ((errno != EAGAIN && errno != EINTR) || attempt == kMaxRetries) return UniqueFd();
  }
}

UniqueFd Failed(int error) {
  errno = error;
  return UniqueFd();
}

// Components of `path` in reverse, so that the next one is at the back.
void PushComponents(std::string_view path, std::vector<std::string>& pending) {
  while (!path.empty()) {
    const auto slash = path.rfind('/');
    const std::string_view last = slash == std::string_view::npos ? path : path.substr(slash + 1);
    if (!last.empty() && last != ".") pending.emplace_back(last);
    path = slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
  }
}

class Walk {
 public:
  Walk(int root, const std::string& path, int flags) : root_(root), flags_(flags) {
    PushComponents(path, pending_);
    if (path.size() > 1 && path.ends_with('/')) flags_ |= O_DIRECTORY;
  }

  UniqueFd Run() {
    while (!pending_.empty()) {
      const std::string name = std::move(pending_.back());
      pending_.pop_back();
      if (name == "..") {
        // The parent as walked, not as the folder says: a folder moved meanwhile cannot lead out of the root.
        if (!folders_.empty()) folders_.pop_back();
        continue;
      }
      UniqueFd next(::openat(Here(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
      struct stat info{};
      if (!next.ok() || ::fstat(next.get(), &info) != 0) return UniqueFd();
      const bool last = pending_.empty();
      if (S_ISLNK(info.st_mode) && !(last && (flags_ & O_NOFOLLOW) != 0)) {
        if (const int error = Follow(next.get()); error != 0) return Failed(error);
      } else if (last) {
        // O_NOFOLLOW: a link put here since the look above is refused and not followed.
        return UniqueFd(::openat(Here(), name.c_str(), flags_ | O_NOFOLLOW));
      } else if (!S_ISDIR(info.st_mode)) {
        return Failed(ENOTDIR);
      } else {
        folders_.push_back(std::move(next));
      }
    }
    return UniqueFd(::openat(Here(), ".", flags_ & ~O_NOFOLLOW));
  }

 private:
  int Here() const { return folders_.empty() ? root_ : folders_.back().get(); }

  // Puts the link's text before what is pending. Returns an errno, 0 if all is well.
  int Follow(int link) {
    if (++links_ > kMaxLinks) return ELOOP;
    char text[PATH_MAX];
    const ssize_t size = ::readlinkat(link, "", text, sizeof text);
    if (size < 0) return errno;
    if (size == sizeof text) return ENAMETOOLONG;
    const std::string_view target(text, static_cast<std::size_t>(size));
    if (target.starts_with('/')) folders_.clear();
    PushComponents(target, pending_);
    return 0;
  }

  int root_;
  int flags_;
  int links_ = 0;
  std::vector<std::string> pending_;
  std::vector<UniqueFd> folders_;
};

}  // namespace

Resolver BestResolver() {
  const UniqueFd here = KernelOpen(AT_FDCWD, ".", O_PATH | O_CLOEXEC);
  return here.ok() ? Resolver::kKernel : Resolver::kWalk;
}

UniqueFd OpenInRoot(int root, const std::string& path, int flags, Resolver resolver) {
  if (path.find('\0') != std::string::npos) return Failed(EINVAL);
  flags |= O_CLOEXEC;
  // openat2 refuses flags that O_PATH would ignore.
  if ((flags & O_PATH) == 0) flags |= O_NOCTTY;
  if (path.empty()) return Failed(ENOENT);
  return resolver == Resolver::kKernel ? KernelOpen(root, path, flags) : Walk(root, path, flags).Run();
}

}  // namespace daicho::agent
