// The section "hardware": SMBIOS by sysfs, proc(5), block devices by sysfs; the device tree where there is no SMBIOS.
#include <algorithm>

#include "agent/sources/linux/linux_sources.h"
#include "agent/sources/linux/placeholders.h"
#include "agent/sources/linux/proc_system.h"
#include "agent/sources/linux/small_files.h"
#include "agent/sources/linux/smbios.h"
#include "agent/sources/section_builder.h"

namespace daicho::agent {

namespace {

constexpr std::string_view kDmi = "/sys/class/dmi/id/";
constexpr std::string_view kDeviceTree = "/sys/firmware/devicetree/base/";
constexpr std::uint64_t kSectorBytes = 512;  // of /sys/block/*/size, whatever the device's own
constexpr std::size_t kMaxSerialPageBytes = 4096;

// Reads values of one folder; a placeholder is noted in the row and dropped.
class FirmwareReader {
 public:
  FirmwareReader(const FileTree& files, v1::Hardware& row, SectionBuilder& section)
      : files_(files), row_(row), section_(section) {}

  std::string Take(std::string_view file, std::string_view field) {
    const std::string path = std::string(kDmi) + std::string(file);
    auto value = ReadLine(files_, path);
    if (!value) {
      // Serial and UUID are for root only: to say "none" would remove what an earlier report knew.
      if (value.error().code != Code::kNotFound) {
        section_.AddIssue(path, std::nullopt, value.error().message);
        section_.Partial(value.error().message);
      }
      return "";
    }
    any_ = true;
    if (!IsPlaceholder(*value)) return *value;
    row_.add_placeholders(std::string(field) + ": " + *value);
    return "";
  }

  bool any() const { return any_; }

 private:
  const FileTree& files_;
  v1::Hardware& row_;
  SectionBuilder& section_;
  bool any_ = false;
};

std::string LowerCase(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return text;
}

// Strings of the device tree end in a NUL, which is a blank once it is clean.
std::string ReadDeviceTree(const FileTree& files, std::string_view name) {
  return std::string(Trim(ReadLineOrEmpty(files, std::string(kDeviceTree) + std::string(name))));
}

// False: there is neither SMBIOS nor device tree.
bool SetFirmware(const FileTree& files, v1::Hardware& row, std::string& chassis, SectionBuilder& section) {
  FirmwareReader dmi(files, row, section);
  row.set_manufacturer(dmi.Take("sys_vendor", "manufacturer"));
  row.set_model(dmi.Take("product_name", "model"));
  row.set_serial(dmi.Take("product_serial", "serial"));
  row.set_uuid(LowerCase(dmi.Take("product_uuid", "uuid")));
  row.set_bios_vendor(dmi.Take("bios_vendor", "bios_vendor"));
  row.set_bios_version(dmi.Take("bios_version", "bios_version"));
  chassis = ChassisName(ReadLineOrEmpty(files, std::string(kDmi) + "chassis_type"));
  // Machines built from parts carry their names on the board only.
  if (row.manufacturer().empty()) row.set_manufacturer(dmi.Take("board_vendor", "board_manufacturer"));
  if (row.model().empty()) row.set_model(dmi.Take("board_name", "board_model"));
  if (dmi.any()) return true;
  row.set_model(ReadDeviceTree(files, "model"));
  row.set_serial(ReadDeviceTree(files, "serial-number"));
  return !row.model().empty();
}

bool IsDisk(std::string_view name) {
  constexpr std::string_view kPrefixes[] = {"sd", "hd", "vd", "xvd", "nvme", "mmcblk"};
  // mmcblk0boot0 and its like are parts of mmcblk0, not devices.
  if (name.starts_with("mmcblk") && name.find_first_not_of("0123456789", 6) != std::string_view::npos) return false;
  return std::ranges::any_of(kPrefixes, [&](std::string_view prefix) { return name.starts_with(prefix); });
}

// Where drivers show a serial: virtio; NVMe and MMC; SCSI as its "unit serial number" page (SPC-4 §7.8.15), whose
// four header bytes end in the length.
std::string DiskSerial(const FileTree& files, const std::string& folder) {
  for (const char* name : {"/serial", "/device/serial"}) {
    if (std::string serial = ReadLineOrEmpty(files, folder + name); !serial.empty()) return serial;
  }
  const auto page = files.Read(folder + "/device/vpd_pg80", kMaxSerialPageBytes);
  if (!page || page->size() < 4) return "";
  const std::size_t length = static_cast<unsigned char>((*page)[3]);
  std::string_view serial = std::string_view(*page).substr(4, length);
  serial = serial.substr(0, serial.find('\0'));
  return CleanText(Trim(serial));
}

v1::Disk ReadDisk(const FileTree& files, const std::string& name) {
  const std::string folder = "/sys/block/" + name;
  v1::Disk disk;
  disk.set_name(CleanText(name));
  disk.set_model(ReadLineOrEmpty(files, folder + (name.starts_with("mmcblk") ? "/device/name" : "/device/model")));
  if (std::string serial = DiskSerial(files, folder); !IsPlaceholder(serial)) disk.set_serial(std::move(serial));
  // A reader without a card in it has size 0.
  if (const auto sectors = ParseInt64(ReadLineOrEmpty(files, folder + "/size")); sectors && *sectors > 0) {
    disk.set_size_mib(static_cast<std::uint32_t>(static_cast<std::uint64_t>(*sectors) / ((1u << 20) / kSectorBytes)));
  }
  if (const auto flag = ParseUint32(ReadLineOrEmpty(files, folder + "/removable"))) disk.set_removable(*flag != 0);
  if (const auto flag = ParseUint32(ReadLineOrEmpty(files, folder + "/queue/rotational"))) {
    disk.set_rotational(*flag != 0);
  }
  return disk;
}

void SetDisks(const FileTree& files, v1::Hardware& row) {
  const auto names = files.List("/sys/block");
  if (!names) return;  // containers often have none
  for (const std::string& name : *names) {
    if (IsDisk(name)) *row.add_disks() = ReadDisk(files, name);
  }
}

}  // namespace

v1::Section CollectHardware(const SourceInput& input) {
  SectionBuilder section("hardware");
  v1::Hardware row;
  std::string chassis;
  const bool firmware = SetFirmware(input.files, row, chassis, section);
  const auto cpuinfo = input.files.Read("/proc/cpuinfo", kMaxDatabaseBytes);
  if (!firmware && !cpuinfo) {
    section.Failed("neither /sys/class/dmi/id nor /proc/cpuinfo below this root: not the running system");
    return section.Take();
  }
  const CpuInfo cpu = cpuinfo ? ParseCpuInfo(*cpuinfo) : CpuInfo{};
  row.set_cpu_model(cpu.model);
  if (cpu.threads > 0) row.set_cpu_threads(cpu.threads);
  if (const auto meminfo = input.files.Read("/proc/meminfo", kMaxConfigBytes)) {
    if (const auto kib = ParseMemTotal(*meminfo)) row.set_memory_mib(static_cast<std::uint32_t>(*kib / 1024));
  }
  const std::string_view host = VirtualizationName(row.manufacturer(), row.model(), cpu.hypervisor);
  row.set_virtualization(std::string(host));
  row.set_chassis(host.empty() ? chassis : "virtual machine");
  SetDisks(input.files, row);
  section.AddRow(row);
  return section.Take();
}

}  // namespace daicho::agent
