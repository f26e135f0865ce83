#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <fstream>

#include "agent/collect/rooted_file_tree.h"
#include "agent/collect/system_views.h"
#include "agent/sources/linux/linux_sources.h"
#include "agent/sources/linux/proc_net.h"
#include "tests/agent/fake_tree.h"
#include "tests/agent/software/rows.h"

namespace daicho::agent {
namespace {

constexpr char kHeading[] =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

std::string Socket(const std::string& local, const std::string& state, const std::string& uid,
                   const std::string& inode) {
  return "   0: " + local + " 00000000:0000 " + state + " 00000000:00000000 00:00000000 00000000 " + uid + " 0 " +
         inode + " 1 0000000000000000 100 0 0 10 0\n";
}

v1::Section Collect(const FileTree& files) {
  const FakeSystem system;
  return CollectListeners({files, system, 0});
}

std::vector<std::string> Lines(const v1::Section& section) {
  std::vector<std::string> lines;
  for (const v1::Listener& row : RowsOf<v1::Listener>(section)) {
    lines.push_back(row.protocol() + " " + row.address() + " " + std::to_string(row.port()) + " " + row.program() +
                    " " + std::to_string(row.uid()));
  }
  return lines;
}

TEST(Listeners, ListenersHaveAddressPortProgramAndOwner) {
  FakeTree files;
  files
      .File("/proc/net/tcp", kHeading + Socket("0100007F:0019", "0A", "101", "500") +
                                 Socket("00000000:0016", "0A", "0", "501") + Socket("0100007F:1F90", "01", "0", "502"))
      .File("/proc/net/tcp6", kHeading + Socket("00000000000000000000000001000000:0016", "0A", "0", "503"))
      .File("/proc/net/udp",
            kHeading + Socket("00000000:0044", "07", "0", "504") + Socket("0100007F:0035", "01", "0", "505"))
      .Link("/proc/20/fd/3", "socket:[501]")
      .Link("/proc/20/fd/4", "socket:[503]")
      .Link("/proc/20/fd/5", "/dev/null")
      .Link("/proc/20/exe", "/usr/sbin/sshd (deleted)")
      .Link("/proc/100/fd/3", "socket:[501]")
      .Link("/proc/100/exe", "/usr/sbin/worker")
      .Link("/proc/9/fd/7", "socket:[504]")
      .File("/proc/9/comm", "dhclient\n");
  const v1::Section section = Collect(files);
  EXPECT_EQ(section.status(), v1::OK) << section.reason();
  EXPECT_EQ(Lines(section), (std::vector<std::string>{"tcp 0.0.0.0 22 sshd 0", "tcp 127.0.0.1 25  101",
                                                      "tcp6 ::1 22 sshd 0", "udp 0.0.0.0 68 dhclient 0"}));
}

TEST(Listeners, SocketsThatShareAPortAreOneRowWhateverTheirOrder) {
  const std::string a = Socket("00000000:0050", "0A", "33", "600");
  const std::string b = Socket("00000000:0050", "0A", "0", "601");
  const std::string c = Socket("00000000:0050", "0A", "0", "602");
  const std::string orders[] = {a + b + c, c + b + a, b + a + c};
  for (const std::string& text : orders) {
    FakeTree files;
    files.File("/proc/net/tcp", kHeading + text)
        .Link("/proc/5/fd/3", "socket:[600]")
        .Link("/proc/5/exe", "/usr/sbin/nginx")
        .Link("/proc/6/fd/3", "socket:[601]")
        .Link("/proc/6/exe", "/usr/sbin/apache2");
    EXPECT_EQ(Lines(Collect(files)), (std::vector<std::string>{"tcp 0.0.0.0 80 apache2 0"}));
  }
}

TEST(Listeners, EphemeralUdpPortsComeAndGoAndAreLeftOut) {
  FakeTree files;
  files
      .File("/proc/net/udp",
            kHeading + Socket("00000000:4E20", "07", "0", "1") + Socket("00000000:4E1F", "07", "0", "2"))
      .File("/proc/net/tcp", kHeading + Socket("00000000:C350", "0A", "0", "3"))
      .File("/proc/sys/net/ipv4/ip_local_port_range", "20000\t60999\n");
  EXPECT_EQ(Lines(Collect(files)), (std::vector<std::string>{"tcp 0.0.0.0 50000  0", "udp 0.0.0.0 19999  0"}));
}

TEST(Listeners, LineThatDoesNotParseIsAnIssueAndTheOthersStay) {
  const std::string good = Socket("00000000:0016", "0A", "0", "1");
  for (const std::string& bad : {std::string("garbage\n"), Socket("0000:0016", "0A", "0", "1"),
                                 Socket("00000000", "0A", "0", "1"), Socket("00000000:FFFFF", "0A", "0", "1"),
                                 Socket("00000000:0016", "0A", "x", "1"), Socket("00000000:0016", "XX", "0", "1"),
                                 std::string("   0: 00000000:0016 00000000:0000 0A\n"), std::string("\n")}) {
    std::string text = kHeading;
    text.append(bad).append(good);
    const v1::Section section = Collect(FakeTree().File("/proc/net/tcp", text));
    EXPECT_EQ(section.status(), v1::PARTIAL) << bad;
    ASSERT_EQ(section.issues_size(), 1) << bad;
    EXPECT_EQ(section.issues(0).file(), "/proc/net/tcp");
    EXPECT_EQ(section.issues(0).line(), 2u);
    EXPECT_EQ(section.rows_size(), 1) << bad;
  }
}

// Descriptors of other users may not be seen.
class ForeignProcesses final : public FileTree {
 public:
  explicit ForeignProcesses(const FakeTree& files) : files_(files) {}
  Result<std::string> Read(std::string_view path, std::size_t cap) const override { return files_.Read(path, cap); }
  Result<FileInfo> Stat(std::string_view path) const override { return files_.Stat(path); }
  Result<std::string> ReadLink(std::string_view path) const override { return files_.ReadLink(path); }
  Result<std::vector<std::string>> List(std::string_view path) const override {
    if (path.ends_with("/fd")) return Fail(Code::kPermissionDenied, std::string(path) + ": Permission denied");
    return files_.List(path);
  }

 private:
  const FakeTree& files_;
};

TEST(Listeners, ProcessesOfOthersGiveOneIssueAndNoProgram) {
  FakeTree files;
  files.File("/proc/net/tcp", kHeading + Socket("00000000:0016", "0A", "0", "1"))
      .Link("/proc/1/fd/3", "socket:[1]")
      .Link("/proc/2/fd/3", "socket:[1]");
  const v1::Section section = Collect(ForeignProcesses(files));
  EXPECT_EQ(section.status(), v1::OK);
  EXPECT_EQ(section.issues_size(), 1);
  EXPECT_EQ(Lines(section), (std::vector<std::string>{"tcp 0.0.0.0 22  0"}));
}

TEST(Listeners, OtherRootFails) { EXPECT_EQ(Collect(FakeTree()).status(), v1::FAILED); }

TEST(Listeners, AddressesAreReadInBothNotations) {
  EXPECT_EQ(Inet4Text("0100007F"), "127.0.0.1");
  EXPECT_EQ(Inet4Text("0100007"), "");
  EXPECT_EQ(Inet6Text("B80D0120000000000000000005000000", true), "2001:db8::5");
  EXPECT_EQ(Inet6Text("20010db8000000000000000000000005", false), "2001:db8::5");
  EXPECT_EQ(Inet6Text("20010db800000000000000000000000g", false), "");
}

TEST(Listeners, OwnSocketOfThisProcessIsFoundWithItsProgram) {
  const UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(socket.get(), 1), 0);
  socklen_t size = sizeof address;
  ASSERT_EQ(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  const auto files = RootedFileTree::Open("/");
  ASSERT_TRUE(files);
  const LiveSystem system;
  const v1::Section section = CollectListeners({*files, system, 0});
  EXPECT_EQ(section.status(), v1::OK) << section.reason();
  const auto rows = RowsOf<v1::Listener>(section);
  const auto row =
      std::ranges::find_if(rows, [&](const v1::Listener& r) { return r.port() == ntohs(address.sin_port); });
  ASSERT_NE(row, rows.end());
  EXPECT_EQ(row->address(), "127.0.0.1");
  EXPECT_EQ(row->program(), "test_software");
}

}  // namespace
}  // namespace daicho::agent
