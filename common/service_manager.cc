#include "common/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <system_error>

namespace daicho {

Status NotifyServiceManager(std::string_view message) {
  const char* variable = std::getenv("NOTIFY_SOCKET");
  if (!variable || *variable == '\0') return {};
  const std::string_view path = variable;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if ((path[0] != '/' && path[0] != '@') || path.size() >= sizeof address.sun_path) {
    return Fail(Code::kInvalidArgument, "NOTIFY_SOCKET is neither a path nor an abstract socket name");
  }
  std::copy(path.begin(), path.end(), address.sun_path);
  if (path[0] == '@') address.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());

  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const bool sent = fd >= 0 && ::sendto(fd, message.data(), message.size(), MSG_NOSIGNAL,
                                        reinterpret_cast<const sockaddr*>(&address), size) >= 0;
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (sent) return {};
  return Fail(Code::kUnavailable, "cannot notify the service manager: " + std::generic_category().message(error));
}

}  // namespace daicho
