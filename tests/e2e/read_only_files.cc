// Preloaded into a process (LD_PRELOAD): while the file that DAICHO_READ_ONLY_WHILE names is there, its files take no
// writes, as on a disk that the kernel has made read-only under them after an error (errors=remount-ro of ext4(5)). A
// mount cannot be made so from outside as long as files of it are open to write.
#include <dlfcn.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace {

bool IsReadOnly() {
  static const char* const file = std::getenv("DAICHO_READ_ONLY_WHILE");
  const int before = errno;
  const bool is = file != nullptr && ::access(file, F_OK) == 0;
  errno = is ? EROFS : before;
  return is;
}

template <typename Function>
Function* Next(Function*, const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t at) {
  static auto* const next = Next(&pwrite64, "pwrite64");
  return IsReadOnly() ? -1 : next(file, bytes, size, at);
}

ssize_t pwrite(int file, const void* bytes, size_t size, off_t at) {
  static auto* const next = Next(&pwrite, "pwrite");
  return IsReadOnly() ? -1 : next(file, bytes, size, at);
}

int ftruncate64(int file, off64_t size) {
  static auto* const next = Next(&ftruncate64, "ftruncate64");
  return IsReadOnly() ? -1 : next(file, size);
}

int ftruncate(int file, off_t size) {
  static auto* const next = Next(&ftruncate, "ftruncate");
  return IsReadOnly() ? -1 : next(file, size);
}

}  // extern "C"
