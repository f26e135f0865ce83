#include "tests/e2e/small_disk.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

namespace daicho::e2e {

namespace {

constexpr const char* kType = "tmpfs";

// Mounts of this process are its own from now on; what it says if that is refused.
std::string LeaveTheMountsOfOthers() {
  if (::unshare(CLONE_NEWNS) == 0 && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0) return {};
  return std::string("no mounts of its own for this process: ") + std::strerror(errno);
}

}  // namespace

SmallDisk::SmallDisk(std::string folder, int mebibytes)
    : folder_(std::move(folder)), problem_(LeaveTheMountsOfOthers()) {
  if (!problem_.empty()) return;
  const std::string size = "mode=0700,size=" + std::to_string(mebibytes) + "m";
  if (::mount(kType, folder_.c_str(), kType, 0, size.c_str()) != 0) {
    problem_ = std::string("a file system in memory cannot be mounted: ") + std::strerror(errno);
  }
}

SmallDisk::~SmallDisk() {
  if (!problem_.empty()) return;
  EXPECT_EQ(::umount2(folder_.c_str(), MNT_DETACH), 0) << std::strerror(errno);
}

void SmallDisk::Fill() const {
  const int file = ::open((folder_ + "/filler").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  ASSERT_GE(file, 0) << std::strerror(errno);
  const std::vector<char> page(4096, 'x');
  while (::write(file, page.data(), page.size()) > 0) continue;
  EXPECT_EQ(errno, ENOSPC) << std::strerror(errno);
  ::close(file);
}

void SmallDisk::Empty() const { EXPECT_EQ(::unlink((folder_ + "/filler").c_str()), 0) << std::strerror(errno); }

void SmallDisk::SetReadOnly(bool read_only) const {
  const unsigned long flags = read_only ? MS_REMOUNT | MS_RDONLY : MS_REMOUNT;
  EXPECT_EQ(::mount(nullptr, folder_.c_str(), nullptr, flags, nullptr), 0) << std::strerror(errno);
}

}  // namespace daicho::e2e
