#include <gtest/gtest.h>

#include "agent/collect/rooted_file_tree.h"
#include "agent/collect/system_views.h"
#include "agent/sources/linux/linux_sources.h"
#include "tests/agent/fake_tree.h"
#include "tests/agent/software/rows.h"

namespace daicho::agent {
namespace {

std::map<std::string, v1::NetworkInterface> Rows(const v1::Section& section) {
  std::map<std::string, v1::NetworkInterface> rows;
  for (const auto& row : RowsOf<v1::NetworkInterface>(section)) rows[row.name()] = row;
  return rows;
}

v1::Section Collect(const FileTree& files, const SystemView& system) { return CollectNetwork({files, system, 0}); }

void AddInterface(FakeTree& files, const std::string& name, const std::string& type, const std::string& mac,
                  const std::string& assigned, const std::string& flags) {
  const std::string folder = "/sys/class/net/" + name;
  files.File(folder + "/type", type + "\n")
      .File(folder + "/address", mac + "\n")
      .File(folder + "/addr_assign_type", assigned + "\n")
      .File(folder + "/flags", flags + "\n");
}

TEST(Network, FillsInterfacesWithTheirAddresses) {
  FakeTree files;
  AddInterface(files, "lo", "772", "00:00:00:00:00:00", "0", "0x9");
  AddInterface(files, "eth0", "1", "52:54:00:12:34:56", "0", "0x1003");
  files.Link("/sys/class/net/eth0/device", "../../../0000:00:03.0").File("/sys/class/net/bonding_masters", "");
  const FakeSystem system({{"eth0", "2001:db8::5/64"}, {"eth0", "192.0.2.5/24"}, {"lo", "127.0.0.1/8"}});
  const v1::Section section = Collect(files, system);
  EXPECT_EQ(section.status(), v1::OK) << section.reason();
  auto rows = Rows(section);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows["lo"].kind(), "loopback");
  EXPECT_EQ(rows["lo"].mac(), "");
  EXPECT_FALSE(rows["lo"].has_mac_permanent());
  const v1::NetworkInterface& eth0 = rows["eth0"];
  EXPECT_EQ(eth0.kind(), "ethernet");
  EXPECT_FALSE(eth0.virtual_());
  EXPECT_TRUE(eth0.up());
  EXPECT_TRUE(eth0.mac_permanent());
  EXPECT_EQ(eth0.mac(), "52:54:00:12:34:56");
  EXPECT_EQ(std::vector<std::string>(eth0.addresses().begin(), eth0.addresses().end()),
            (std::vector<std::string>{"192.0.2.5/24", "2001:db8::5/64"}));
}

TEST(Network, KindsAreToldApart) {
  struct Case {
    const char *name, *type, *devtype, *kind;
    bool device;
  };
  for (const Case& c :
       {Case{"wlan0", "1", "DEVTYPE=wlan\n", "wireless", true}, Case{"br0", "1", "DEVTYPE=bridge\n", "bridge", false},
        Case{"eth0.5", "1", "INTERFACE=x\nDEVTYPE=vlan\n", "vlan", false},
        Case{"bond0", "1", "DEVTYPE=bond\n", "bond", false},
        Case{"wg0", "65534", "DEVTYPE=wireguard\n", "tunnel", false}, Case{"sit0", "776", "", "tunnel", false},
        Case{"veth1", "1", "", "virtual", false}, Case{"eno1", "1", "", "ethernet", true}}) {
    FakeTree files;
    AddInterface(files, c.name, c.type, "02:00:00:00:00:01", "3", "0x2");
    files.File(std::string("/sys/class/net/") + c.name + "/uevent", c.devtype);
    if (c.device) files.Link(std::string("/sys/class/net/") + c.name + "/device", "x");
    const v1::NetworkInterface row = Rows(Collect(files, FakeSystem(std::vector<InterfaceAddress>{}))).at(c.name);
    EXPECT_EQ(row.kind(), c.kind) << c.name;
    EXPECT_EQ(row.virtual_(), !c.device);
    EXPECT_FALSE(row.up());
    EXPECT_FALSE(row.mac_permanent());
  }
}

TEST(Network, PrivacyAddressesThatChangeByThemselvesAreLeftOut) {
  FakeTree files;
  AddInterface(files, "eth0", "1", "52:54:00:12:34:56", "0", "0x1003");
  files.File("/proc/net/if_inet6",
             "20010db8000000000000000000000005 02 40 00 80     eth0\n"
             "20010db80000000041ab22ff00000001 02 40 00 01     eth0\n"
             "nonsense\n");
  const FakeSystem system({{"eth0", "2001:db8::5/64"}, {"eth0", "2001:db8::41ab:22ff:0:1/64"}});
  const v1::Section section = Collect(files, system);
  EXPECT_EQ(section.status(), v1::OK);
  ASSERT_EQ(section.issues_size(), 1);
  EXPECT_EQ(section.issues(0).line(), 3u);
  const v1::NetworkInterface row = Rows(section).at("eth0");
  ASSERT_EQ(row.addresses_size(), 1);
  EXPECT_EQ(row.addresses(0), "2001:db8::5/64");
}

TEST(Network, OtherRootFailsAndASystemWithoutSysfsIsPartial) {
  EXPECT_EQ(Collect(FakeTree(), FakeSystem()).status(), v1::FAILED);
  const v1::Section section = Collect(FakeTree(), FakeSystem(std::vector<InterfaceAddress>{{"eth0", "192.0.2.5/24"}}));
  EXPECT_EQ(section.status(), v1::PARTIAL);
  EXPECT_EQ(Rows(section).at("eth0").addresses(0), "192.0.2.5/24");
}

TEST(Network, ThisMachineHasALoopbackAndTwoLooksAreEqual) {
  const auto files = RootedFileTree::Open("/");
  ASSERT_TRUE(files);
  const v1::Section section = Collect(*files, LiveSystem());
  EXPECT_EQ(section.status(), v1::OK) << section.reason();
  EXPECT_EQ(Rows(section)["lo"].kind(), "loopback");
  EXPECT_EQ(section.SerializeAsString(), Collect(*files, LiveSystem()).SerializeAsString());
}

}  // namespace
}  // namespace daicho::agent
