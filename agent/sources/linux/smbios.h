// Meaning of SMBIOS values (DMTF DSP0134) as sysfs shows them.
#pragma once

#include <string_view>

namespace daicho::agent {

// What a person calls a machine of this enclosure type (DSP0134 §7.4.1): "desktop", "laptop", "server", "tablet",
// "all-in-one", "mini PC", …; empty: says nothing ("Other", "Unknown", not a type).
std::string_view ChassisName(std::string_view type);

// The hypervisor whose machine this is: "kvm", "qemu", "vmware", "virtualbox", "hyper-v", "xen", "parallels", "bhyve",
// "amazon", "google", "apple"; "unknown" where only the CPU tells (`hypervisor`); empty: a real machine.
std::string_view VirtualizationName(std::string_view vendor, std::string_view product, bool hypervisor);

}  // namespace daicho::agent
