#include "agent/supervisor/sandbox.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <system_error>

namespace daicho::agent {

namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
#error "name the AUDIT_ARCH of this architecture (linux/audit.h)"
#endif

// Numbers from here on belong to the x32 calls, which are the same calls by another name.
constexpr std::uint32_t kFirstX32Call = 0x40000000;

// LeakSanitizer looks at its own process with ptrace(2); builds with it deny another call of the list twice instead.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kPtraceIsNeeded = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool kPtraceIsNeeded = true;
#else
constexpr bool kPtraceIsNeeded = false;
#endif
#else
constexpr bool kPtraceIsNeeded = false;
#endif

// Ways to a socket beside socket(2): one of the kernel's io_uring, one of another process.
constexpr std::array<std::uint32_t, 5> kNetworkCalls = {__NR_connect, __NR_io_uring_setup, __NR_pidfd_getfd,
                                                        __NR_process_vm_writev,
                                                        kPtraceIsNeeded ? __NR_pidfd_getfd : __NR_ptrace};
constexpr std::array<std::uint32_t, 2> kProgramCalls = {__NR_execve, __NR_execveat};

constexpr sock_filter Load(std::size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
}
// Skips that many instructions if the loaded word is the value, or if it is not.
constexpr sock_filter IfIs(std::uint32_t value, std::uint8_t skip, std::uint8_t skip_else) {
  return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, skip, skip_else);
}
constexpr sock_filter kRefuse = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
constexpr sock_filter kLet = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);

// The low half of an argument of a system call; the kernel itself looks at no more of an int.
constexpr std::size_t Argument(std::size_t index) {
  static_assert(std::endian::native == std::endian::little);
  return offsetof(seccomp_data, args) + index * sizeof(std::uint64_t);
}

// A filter of classic BPF on the stack, because this runs between fork and exec.
class Filter {
 public:
  // All calls of another architecture are refused.
  Filter() {
    Add({Load(offsetof(seccomp_data, arch)), IfIs(kArchitecture, 1, 0), kRefuse, Load(offsetof(seccomp_data, nr)),
         BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, kFirstX32Call, 0, 1), kRefuse});
  }

  void Refuse(std::span<const std::uint32_t> calls) {
    for (const std::uint32_t call : calls) Add({IfIs(call, 0, 1), kRefuse});
  }
  // The last rule: the word that is loaded is no longer the number of the call.
  void RefuseSocketsButRoute() {
    Add({IfIs(__NR_socket, 0, 5), Load(Argument(0)), IfIs(AF_NETLINK, 0, 2), Load(Argument(2)),
         IfIs(NETLINK_ROUTE, 1, 0), kRefuse});
  }
  bool Enter() {
    Add({kLet});
    const sock_fprog filter{size_, program_.data()};
    return ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0;
  }

 private:
  void Add(std::initializer_list<sock_filter> instructions) {
    for (const sock_filter& instruction : instructions) program_[size_++] = instruction;
  }
  std::array<sock_filter, 32> program_{};
  unsigned short size_ = 0;
};

bool DenyNetwork() {
  Filter filter;
  filter.Refuse(kNetworkCalls);
  filter.RefuseSocketsButRoute();
  return filter.Enter();
}

// With no_new_privs an exec as root does not bring the others back.
bool KeepOnly(std::uint64_t capabilities) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {};
  if (::syscall(__NR_capget, &header, sets) != 0) return false;
  for (__user_cap_data_struct& set : sets) {
    const auto kept = static_cast<std::uint32_t>(capabilities);
    set.effective &= kept;
    set.permitted &= kept;
    set.inheritable &= kept;
    capabilities >>= 32;
  }
  return ::syscall(__NR_capset, &header, sets) == 0;
}

constexpr std::uint64_t kReadFile = LANDLOCK_ACCESS_FS_READ_FILE;
constexpr std::uint64_t kRead = kReadFile | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t kRun = kRead | LANDLOCK_ACCESS_FS_EXECUTE;
constexpr std::uint64_t kTruncate = 1u << 14;  // LANDLOCK_ACCESS_FS_TRUNCATE, version 3; not in older headers
constexpr std::uint64_t kWriteFile = LANDLOCK_ACCESS_FS_WRITE_FILE | kTruncate;
constexpr std::uint64_t kWrite = kRead | kWriteFile | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                                 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG;
constexpr std::uint64_t kAllRights = (1u << 13) - 1;  // of version 1

// 0: none.
long LandlockVersion() {
  const long version = ::syscall(__NR_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  return version < 0 ? 0 : version;
}

std::uint64_t HandledRights(long version) { return version >= 3 ? kAllRights | kTruncate : kAllRights; }

// Async-signal-safe. A path that does not exist, or cannot be reached, needs no rule.
bool Allow(int ruleset, const char* path, std::uint64_t rights) {
  const int fd = ::open(path, O_PATH | O_CLOEXEC);
  if (fd < 0) return true;
  struct stat info{};
  constexpr std::uint64_t kOfFiles = kReadFile | LANDLOCK_ACCESS_FS_EXECUTE | kWriteFile;
  landlock_path_beneath_attr rule{rights & HandledRights(LandlockVersion()), fd};
  if (::fstat(fd, &info) == 0 && !S_ISDIR(info.st_mode)) rule.allowed_access &= kOfFiles;
  const bool done = ::syscall(__NR_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
  const int error = errno;
  ::close(fd);
  errno = error;
  return done;
}

constexpr std::uint64_t kToRead = std::uint64_t{1} << CAP_DAC_READ_SEARCH;
constexpr std::uint64_t kToSeePrograms = std::uint64_t{1} << CAP_SYS_PTRACE;

std::unexpected<Error> Refused(const char* what) {
  return Fail(Code::kInternal, std::string(what) + ": " + std::generic_category().message(errno));
}

}  // namespace

Sandbox CollectionSandbox() {
  return {.no_network = true, .capabilities = kToRead | kToSeePrograms, .readable = {}, .runnable = {}, .writable = {}};
}

Sandbox UplinkSandbox(const std::string& program, const std::string& state_folder, const std::string& file) {
  Sandbox sandbox{.capabilities = kToRead,
                  .confine_files = true,
                  .readable = {"/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/host.conf",
                               "/etc/gai.conf", "/etc/ssl", "/etc/ld.so.cache", "/etc/localtime", "/dev/urandom",
                               "/dev/random", "/sys/devices/system/cpu"},
                  .runnable = {program, "/lib", "/lib64", "/usr/lib", "/usr/lib64"},
                  .writable = {"/dev/null"}};
  if (!state_folder.empty()) sandbox.writable.push_back(state_folder);
  if (!file.empty()) sandbox.readable.push_back(file);
  return sandbox;
}

bool CanConfineFiles() { return LandlockVersion() > 0; }

Result<UniqueFd> PrepareSandbox(const Sandbox& sandbox) {
  const long version = LandlockVersion();
  if (!sandbox.confine_files || version == 0) return UniqueFd();
  const landlock_ruleset_attr attributes{.handled_access_fs = HandledRights(version)};
  UniqueFd ruleset(
      static_cast<int>(::syscall(__NR_landlock_create_ruleset, &attributes, sizeof attributes.handled_access_fs, 0)));
  if (!ruleset.ok()) return Refused("cannot make rules for a child's files");
  const auto allow = [&](const std::vector<std::string>& paths, std::uint64_t rights) {
    for (const std::string& path : paths) {
      if (!Allow(ruleset.get(), path.c_str(), rights)) return false;
    }
    return true;
  };
  if (!allow(sandbox.readable, kRead) || !allow(sandbox.runnable, kRun) || !allow(sandbox.writable, kWrite)) {
    return Refused("cannot make rules for a child's files");
  }
  return ruleset;
}

bool EnterSandbox(const Sandbox& sandbox, int prepared) {
  // /proc/self is the child's only here.
  if (prepared >= 0 &&
      (!Allow(prepared, "/proc/self", kRead) || ::syscall(__NR_landlock_restrict_self, prepared, 0) != 0)) {
    return false;
  }
  return KeepOnly(sandbox.capabilities) && (!sandbox.no_network || DenyNetwork());
}

Status GiveUpCapabilities() {
  if (!KeepOnly(0)) return Refused("cannot give up capabilities");
  return {};
}

Status ForbidOtherPrograms() {
  Filter filter;
  filter.Refuse(kProgramCalls);
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !filter.Enter()) {
    return Refused("cannot forbid this process to start programs");
  }
  return {};
}

}  // namespace daicho::agent
