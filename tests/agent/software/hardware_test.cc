#include <gtest/gtest.h>

#include "agent/sources/linux/linux_sources.h"
#include "agent/sources/linux/placeholders.h"
#include "agent/sources/linux/proc_system.h"
#include "agent/sources/linux/smbios.h"
#include "tests/agent/fake_tree.h"
#include "tests/agent/software/rows.h"

namespace daicho::agent {
namespace {

v1::Section Collect(const FakeTree& files) {
  const FakeSystem system;
  return CollectHardware({files, system, 0});
}
v1::Hardware Row(const FakeTree& files) { return RowsOf<v1::Hardware>(Collect(files)).at(0); }

constexpr char kTwoCpus[] =
    "processor\t: 0\nmodel name\t: Intel(R) Core(TM) i5-8500 CPU\nflags\t\t: fpu vme\n\n"
    "processor\t: 1\nmodel name\t: Intel(R) Core(TM) i5-8500 CPU\nflags\t\t: fpu vme\n\n";

FakeTree RealDesktop() {
  FakeTree files;
  const std::string dmi = "/sys/class/dmi/id/";
  files.File(dmi + "sys_vendor", "Dell Inc.\n")
      .File(dmi + "product_name", "OptiPlex 7060\n")
      .File(dmi + "product_serial", "7XK2M13\n")
      .File(dmi + "product_uuid", "4C4C4544-0058-4B10-8032-B7C04F4D3133\n")
      .File(dmi + "bios_vendor", "Dell Inc.\n")
      .File(dmi + "bios_version", "1.24.0\n")
      .File(dmi + "chassis_type", "3\n")
      .File("/proc/cpuinfo", kTwoCpus)
      .File("/proc/meminfo", "MemTotal:       16277508 kB\nMemFree: 1 kB\n");
  return files;
}

TEST(Hardware, FillsARealMachine) {
  FakeTree files = RealDesktop();
  files.File("/sys/block/sda/size", "976773168\n")
      .File("/sys/block/sda/removable", "0\n")
      .File("/sys/block/sda/queue/rotational", "1\n")
      .File("/sys/block/sda/device/model", "ST500DM002-1BD14\n")
      .File("/sys/block/sda/device/vpd_pg80", std::string("\x00\x80\x00\x0c    Z2A1B2C3", 16))
      .File("/sys/block/nvme0n1/device/serial", "S4EVNF0M  \n")
      .File("/sys/block/loop0/size", "8\n")
      .File("/sys/block/mmcblk0boot0/size", "8\n")
      .File("/sys/block/zram0/size", "8\n")
      .File("/sys/block/dm-0/size", "8\n");
  const v1::Section section = Collect(files);
  EXPECT_EQ(section.status(), v1::OK) << section.reason();
  const v1::Hardware row = Row(files);
  EXPECT_EQ(row.manufacturer(), "Dell Inc.");
  EXPECT_EQ(row.model(), "OptiPlex 7060");
  EXPECT_EQ(row.serial(), "7XK2M13");
  EXPECT_EQ(row.uuid(), "4c4c4544-0058-4b10-8032-b7c04f4d3133");
  EXPECT_EQ(row.bios_version(), "1.24.0");
  EXPECT_EQ(row.chassis(), "desktop");
  EXPECT_EQ(row.virtualization(), "");
  EXPECT_EQ(row.cpu_model(), "Intel(R) Core(TM) i5-8500 CPU");
  EXPECT_EQ(row.cpu_threads(), 2u);
  EXPECT_EQ(row.memory_mib(), 15896u);
  EXPECT_EQ(row.placeholders_size(), 0);
  ASSERT_EQ(row.disks_size(), 2);
  EXPECT_EQ(row.disks(0).name(), "nvme0n1");
  EXPECT_EQ(row.disks(0).serial(), "S4EVNF0M");
  EXPECT_EQ(row.disks(1).model(), "ST500DM002-1BD14");
  EXPECT_EQ(row.disks(1).serial(), "Z2A1B2C3");
  EXPECT_EQ(row.disks(1).size_mib(), 476940u);
  EXPECT_TRUE(row.disks(1).rotational());
  EXPECT_FALSE(row.disks(1).removable());
}

TEST(Hardware, PlaceholdersAreDroppedAndNamed) {
  FakeTree files = RealDesktop();
  files.File("/sys/class/dmi/id/product_serial", "Default string\n")
      .File("/sys/class/dmi/id/product_uuid", "03000200-0400-0500-0006-000700080009\n")
      .File("/sys/class/dmi/id/product_name", "To Be Filled By O.E.M.\n")
      .File("/sys/class/dmi/id/board_name", "H310M-K\n");
  const v1::Hardware row = Row(files);
  EXPECT_EQ(row.serial(), "");
  EXPECT_EQ(row.uuid(), "");
  EXPECT_EQ(row.model(), "H310M-K");
  EXPECT_EQ(std::vector<std::string>(row.placeholders().begin(), row.placeholders().end()),
            (std::vector<std::string>{"model: To Be Filled By O.E.M.", "serial: Default string",
                                      "uuid: 03000200-0400-0500-0006-000700080009"}));
}

TEST(Hardware, SerialThatMayNotBeReadIsUnknownAndNotGone) {
  FakeTree files = RealDesktop();
  files.Unreadable("/sys/class/dmi/id/product_serial");
  const v1::Section section = Collect(files);
  EXPECT_EQ(section.status(), v1::PARTIAL);
  ASSERT_EQ(section.issues_size(), 1);
  EXPECT_EQ(section.issues(0).file(), "/sys/class/dmi/id/product_serial");
}

TEST(Hardware, OtherRootSaysThatItIsNotRunning) {
  const v1::Section section = Collect(FakeTree().File("/etc/os-release", "ID=debian\n"));
  EXPECT_EQ(section.status(), v1::FAILED);
  EXPECT_NE(section.reason().find("not the running system"), std::string::npos);
}

TEST(Hardware, MachinesWithoutSmbiosNameThemselvesInTheDeviceTree) {
  FakeTree files;
  files.File("/sys/firmware/devicetree/base/model", std::string("Raspberry Pi 4 Model B\0", 23))
      .File("/sys/firmware/devicetree/base/serial-number", std::string("10000000abcd\0", 13))
      .File("/proc/cpuinfo", "processor\t: 0\nBogoMIPS\t: 108.00\n\nModel\t\t: Raspberry Pi 4 Model B\n");
  const v1::Hardware row = Row(files);
  EXPECT_EQ(row.model(), "Raspberry Pi 4 Model B");
  EXPECT_EQ(row.serial(), "10000000abcd");
  EXPECT_EQ(row.cpu_threads(), 1u);
}

TEST(Hardware, VirtualMachinesAreKnownByTheirFirmwareOrTheirCpu) {
  struct Case {
    const char *vendor, *product;
    bool hypervisor;
    const char* name;
  };
  for (const Case& c :
       {Case{"QEMU", "Standard PC (Q35 + ICH9, 2009)", true, "kvm"}, Case{"QEMU", "Standard PC", false, "qemu"},
        Case{"VMware, Inc.", "VMware Virtual Platform", true, "vmware"},
        Case{"innotek GmbH", "VirtualBox", true, "virtualbox"},
        Case{"Microsoft Corporation", "Virtual Machine", true, "hyper-v"},
        Case{"Microsoft Corporation", "Surface Pro 7", false, ""}, Case{"Amazon EC2", "m5.large", true, "amazon"},
        Case{"Amazon EC2", "m5.metal", false, ""}, Case{"Dell Inc.", "OptiPlex", false, ""},
        Case{"", "", true, "unknown"}, Case{"", "", false, ""}}) {
    EXPECT_EQ(VirtualizationName(c.vendor, c.product, c.hypervisor), c.name) << c.vendor << " " << c.product;
  }
  FakeTree files;
  files.File("/proc/cpuinfo", "processor : 0\nflags : fpu hypervisor sse\n");
  EXPECT_EQ(Row(files).chassis(), "virtual machine");
}

TEST(Hardware, ChassisTypesOfSmbios) {
  const std::pair<const char*, const char*> cases[] = {
      {"3", "desktop"}, {"9", "laptop"},  {"10", "laptop"},   {"13", "all-in-one"}, {"17", "server"},
      {"23", "server"}, {"30", "tablet"}, {"31", "laptop"},   {"35", "mini PC"},    {"36", "stick PC"},
      {"1", ""},        {"2", ""},        {"131", "desktop"}, {"37", ""},           {"99", ""},
      {"x", ""},        {"", ""}};
  for (const auto& [type, name] : cases) EXPECT_EQ(ChassisName(type), name) << type;
}

TEST(Placeholders, KnownTextsAreNoIdentity) {
  for (const char* value : {"Default string",
                            "DEFAULT STRING",
                            " To be filled by O.E.M. ",
                            "System Serial Number",
                            "0123456789",
                            "123456789",
                            "01234567890123456789",
                            "None",
                            "Not Specified",
                            "N/A",
                            "0",
                            "00000000",
                            "FFFFFFFF",
                            "xxxxxxxxxx",
                            "........",
                            "-",
                            "00000000-0000-0000-0000-000000000000",
                            "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
                            "03000200-0400-0500-0006-000700080009",
                            "System Product Name",
                            "Chassis Serial Number"}) {
    EXPECT_TRUE(IsPlaceholder(value)) << value;
  }
  for (const char* value :
       {"", "7XK2M13", "PF0ABCDE", "VMware-56 4d 12", "4c4c4544-0058-4b10-8032-b7c04f4d3133", "OptiPlex 7060", "1234",
        "5678901", "AA", "11", "J1900", "Standard PC (Q35 + ICH9, 2009)", "Quanta Cloud"}) {
    EXPECT_FALSE(IsPlaceholder(value)) << value;
  }
}

TEST(ProcSystem, OddTextsGiveWhatTheyState) {
  EXPECT_EQ(ParseCpuInfo("").threads, 0u);
  EXPECT_EQ(ParseCpuInfo("processor : x\nno colon\n:\n").threads, 0u);
  EXPECT_EQ(ParseCpuInfo("processor : 0\ncpu : POWER9\nmachine : PowerNV\n").model, "POWER9");
  EXPECT_EQ(ParseMemTotal("MemTotal: 2048 kB\n"), 2048u);
  EXPECT_EQ(ParseMemTotal("MemTotal: -1 kB\n"), std::nullopt);
  EXPECT_EQ(ParseMemTotal("MemFree: 1 kB\n"), std::nullopt);
}

}  // namespace
}  // namespace daicho::agent
