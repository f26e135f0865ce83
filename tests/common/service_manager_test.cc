#include "common/service_manager.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace daicho {
namespace {

TEST(ServiceManager, IsToldOverItsSocket) {
  const std::string path = "/tmp/daicho-notify-" + std::to_string(::getpid());
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  EXPECT_TRUE(NotifyServiceManager("READY=1\nSTATUS=x"));
  char buffer[100];
  const ssize_t size = ::recv(socket, buffer, sizeof buffer, 0);
  ASSERT_GT(size, 0);
  EXPECT_EQ(std::string(buffer, static_cast<std::size_t>(size)), "READY=1\nSTATUS=x");
  ::setenv("NOTIFY_SOCKET", "no-path", 1);
  EXPECT_EQ(NotifyServiceManager("READY=1").error().code, Code::kInvalidArgument);
  ::setenv("NOTIFY_SOCKET", "@daicho-nobody-listens", 1);
  EXPECT_EQ(NotifyServiceManager("READY=1").error().code, Code::kUnavailable);
  ::unsetenv("NOTIFY_SOCKET");
  EXPECT_TRUE(NotifyServiceManager("READY=1"));
  ::close(socket);
  ::unlink(path.c_str());
}

}  // namespace
}  // namespace daicho
