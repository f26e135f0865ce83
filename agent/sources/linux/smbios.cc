#include "agent/sources/linux/smbios.h"

#include <iterator>

#include "common/text.h"

namespace daicho::agent {

namespace {

// Index is the value of the enclosure type.
constexpr std::string_view kChassis[] = {
    "",          "",        "",        "desktop", "desktop",   "desktop",         "desktop",
    "desktop",   "laptop",  "laptop",  "laptop",  "hand-held", "docking station", "all-in-one",
    "laptop",    "desktop", "desktop", "server",  "expansion", "expansion",       "expansion",
    "expansion", "storage", "server",  "desktop", "server",    "server",          "server",
    "server",    "server",  "tablet",  "laptop",  "laptop",    "gateway",         "embedded PC",
    "mini PC",   "stick PC"};
static_assert(std::size(kChassis) == 37);

struct VirtualMachine {
  std::string_view vendor;   // start of sys_vendor; empty: any
  std::string_view product;  // found in product_name; empty: any
  std::string_view name;
  bool only_with_hypervisor;  // the maker sells real machines under this name too
};

constexpr VirtualMachine kVirtualMachines[] = {
    {"", "KVM", "kvm", false},
    {"VMware", "", "vmware", false},
    {"innotek GmbH", "", "virtualbox", false},
    {"Oracle", "VirtualBox", "virtualbox", false},
    {"Microsoft Corporation", "Virtual Machine", "hyper-v", false},
    {"Xen", "", "xen", false},
    {"", "HVM domU", "xen", false},
    {"Parallels", "", "parallels", false},
    {"BHYVE", "", "bhyve", false},
    {"", "BHYVE", "bhyve", false},
    {"Amazon EC2", "", "amazon", true},
    {"Google", "Google Compute Engine", "google", true},
    {"Apple", "Virtual", "apple", false},
    {"OpenStack Foundation", "", "kvm", false},
    {"RDO", "OpenStack", "kvm", false},
    {"Red Hat", "", "kvm", true},
    {"oVirt", "", "kvm", false},
    {"Nutanix", "AHV", "kvm", false},
    {"DigitalOcean", "", "kvm", false},
    {"Bochs", "", "qemu", false},
};

}  // namespace

std::string_view ChassisName(std::string_view type) {
  const auto number = ParseUint32(type);
  if (!number) return {};
  const std::uint32_t index = *number & 0x7fu;  // the high bit says that the enclosure has a lock
  return index < std::size(kChassis) ? kChassis[index] : std::string_view();
}

std::string_view VirtualizationName(std::string_view vendor, std::string_view product, bool hypervisor) {
  for (const VirtualMachine& machine : kVirtualMachines) {
    const bool matches = vendor.starts_with(machine.vendor) && product.find(machine.product) != std::string_view::npos;
    if (matches && (hypervisor || !machine.only_with_hypervisor)) return machine.name;
  }
  if (vendor.starts_with("QEMU")) return hypervisor ? "kvm" : "qemu";
  return hypervisor ? "unknown" : "";
}

}  // namespace daicho::agent
