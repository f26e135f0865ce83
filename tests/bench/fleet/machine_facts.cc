#include "tests/bench/fleet/machine_facts.h"

#include <array>
#include <cstdio>

#include "common/sections.h"
#include "daicho/v1/facts.pb.h"
#include "tests/bench/fleet/installed_software.h"
#include "tests/bench/fleet/random.h"

namespace daicho::fleet {

namespace {

constexpr UnixTime kDay = 86'400;

// Keys of streams of random numbers; those of installed_software.cc are below 100.
enum Stream : std::uint64_t { kPeople = 101, kParts };

// The first are people; the rest are those of base-passwd and of services, with the uids they have.
constexpr std::array<const char*, 12> kPeopleNames = {"sato",      "suzuki",   "takahashi", "tanaka",
                                                      "ito",       "watanabe", "yamamoto",  "nakamura",
                                                      "kobayashi", "kato",     "yoshida",   "yamada"};
constexpr std::uint32_t kPeopleOfAMachine = 7;

struct ServiceAccount {
  const char* name;
  std::uint32_t uid;
};
constexpr std::array<ServiceAccount, kAccounts - kPeopleOfAMachine> kServices = {{
    {"root", 0},     {"daemon", 1},    {"bin", 2},          {"sys", 3},     {"sync", 4},
    {"games", 5},    {"man", 6},       {"lp", 7},           {"mail", 8},    {"news", 9},
    {"uucp", 10},    {"proxy", 13},    {"www-data", 33},    {"backup", 34}, {"list", 38},
    {"irc", 39},     {"_apt", 42},     {"nobody", 65534},   {"sshd", 101},  {"messagebus", 102},
    {"avahi", 103},  {"dnsmasq", 104}, {"usbmux", 105},     {"rtkit", 106}, {"saned", 107},
    {"colord", 108}, {"pulse", 109},   {"Debian-gdm", 110}, {"tss", 111},   {"systemd-network", 998},
}};

std::string Padded(const char* format, std::uint32_t number) {
  char text[32];
  std::snprintf(text, sizeof text, format, number);
  return text;
}

void AddAccounts(std::uint64_t seed, std::uint32_t machine, Rows& rows) {
  for (const auto& [name, uid] : kServices) {
    v1::Account account;
    account.set_name(name);
    account.set_uid(uid);
    account.set_gid(uid);
    account.set_full_name(name);
    account.set_home(uid == 0 ? "/root" : "/nonexistent");
    account.set_shell(uid == 0 ? "/bin/bash" : "/usr/sbin/nologin");
    account.set_human(false);
    account.set_enabled(false);
    account.set_password(uid == 0 ? "locked" : "none");
    account.set_expired(false);
    account.set_admin(uid == 0);
    if (uid == 0) account.add_admin_by("uid 0");
    account.add_groups(name);
    account.mutable_evidence_since()->set_seconds(kFleetEpoch - 400 * kDay);
    rows.push_back(RowBytes(account));
  }
  Random random{seed, kPeople, machine};
  const auto people = random.Draw(kPeopleOfAMachine, kPeopleNames.size());
  for (std::uint32_t i = 0; i < kPeopleOfAMachine; ++i) {
    const std::string name = kPeopleNames[people[i]];
    v1::Account account;
    account.set_name(name);
    account.set_uid(1000 + i);
    account.set_gid(1000 + i);
    account.set_home("/home/" + name);
    account.set_shell("/bin/bash");
    account.set_human(true);
    account.set_enabled(true);
    account.set_password("set");
    account.set_expired(false);
    account.set_admin(i == 0);
    if (i == 0) account.add_admin_by("group sudo");
    account.add_groups(name);
    if (i == 0) account.add_groups("sudo");
    account.mutable_password_set_at()->set_seconds(kFleetEpoch - (1 + random.Below(700)) * kDay);
    v1::LastUse& use = *account.mutable_last_use();
    use.mutable_at()->set_seconds(kFleetEpoch - random.Below(200 * kDay));
    use.set_source("wtmp");
    use.set_from("tty2");
    account.mutable_evidence_since()->set_seconds(kFleetEpoch - 400 * kDay);
    rows.push_back(RowBytes(account));
  }
}

void AddGroups(std::uint64_t seed, std::uint32_t machine, Rows& rows) {
  const auto add = [&](const std::string& name, std::uint32_t gid, const std::string& member, bool admin) {
    v1::Group group;
    group.set_name(name);
    group.set_gid(gid);
    if (!member.empty()) group.add_members(member);
    group.set_admin(admin);
    rows.push_back(RowBytes(group));
  };
  for (const auto& [name, uid] : kServices) add(name, uid, name, uid == 0);
  const auto people = Random{seed, kPeople, machine}.Draw(kPeopleOfAMachine, kPeopleNames.size());
  for (std::uint32_t i = 0; i < kPeopleOfAMachine; ++i) {
    const std::string name = kPeopleNames[people[i]];
    add(name, 1000 + i, name, false);
    if (i == 0) add("sudo", 27, name, true);
  }
}

void AddOs(std::uint64_t seed, std::uint32_t machine, Rows& rows) {
  v1::Os os;
  os.set_hostname(HostnameOf(machine));
  os.set_id("debian");
  os.set_name("Debian GNU/Linux 12 (bookworm)");
  os.set_version("12.12");
  os.set_codename("bookworm");
  os.set_kernel("6.1.0-40-amd64");
  os.set_architecture("x86_64");
  os.set_time_zone("Asia/Tokyo");
  os.set_machine_id(Hex(Sha256("machine " + std::to_string(seed) + " " + std::to_string(machine))).substr(0, 32));
  rows.push_back(RowBytes(os));
}

void AddHardware(std::uint64_t seed, std::uint32_t machine, Rows& rows) {
  struct Model {
    const char* manufacturer;
    const char* model;
    const char* cpu;
    std::uint32_t threads;
    std::uint32_t memory_mib;
  };
  static constexpr std::array<Model, 5> kModels = {{
      {"Dell Inc.", "OptiPlex 7010", "13th Gen Intel(R) Core(TM) i5-13500", 20, 15'796},
      {"HP", "HP ProDesk 400 G9", "12th Gen Intel(R) Core(TM) i5-12500", 12, 15'796},
      {"FUJITSU CLIENT COMPUTING LIMITED", "ESPRIMO D9012/K", "12th Gen Intel(R) Core(TM) i3-12100", 8, 7'716},
      {"NEC", "Mate MKL44/B", "Intel(R) Core(TM) i7-10700", 16, 15'892},
      {"LENOVO", "ThinkCentre M70q", "12th Gen Intel(R) Core(TM) i5-12400T", 12, 7'716},
  }};
  Random random{seed, kParts, machine};
  const Model& model = kModels[random.Below(kModels.size())];
  v1::Hardware hardware;
  hardware.set_manufacturer(model.manufacturer);
  hardware.set_model(model.model);
  hardware.set_bios_vendor("American Megatrends International, LLC.");
  hardware.set_bios_version("1." + std::to_string(random.Below(20)) + ".0");
  hardware.set_cpu_model(model.cpu);
  hardware.set_cpu_threads(model.threads);
  hardware.set_memory_mib(model.memory_mib);
  hardware.set_chassis("desktop");
  v1::Disk& disk = *hardware.add_disks();
  disk.set_name("nvme0n1");
  disk.set_model("KBG50ZNV512G KIOXIA");
  disk.set_serial("S" + Padded("%011u", machine));
  disk.set_size_mib(488'386);
  disk.set_removable(false);
  disk.set_rotational(false);
  hardware.set_serial("FLEET" + Padded("%06u", machine));
  hardware.set_uuid("4c4c4544-0042-3510-8052-" + Padded("%012x", machine));
  rows.push_back(RowBytes(hardware));
}

void AddNetwork(std::uint32_t machine, Rows& rows) {
  v1::NetworkInterface loopback;
  loopback.set_name("lo");
  loopback.set_kind("loopback");
  loopback.set_virtual_(true);
  loopback.set_up(true);
  loopback.add_addresses("127.0.0.1/8");
  loopback.add_addresses("::1/128");
  rows.push_back(RowBytes(loopback));
  v1::NetworkInterface wire;
  wire.set_name("eno1");
  wire.set_kind("ethernet");
  wire.set_virtual_(false);
  wire.set_up(true);
  wire.set_mac_permanent(true);
  wire.set_mac("02:fe:" + Padded("%02x", machine >> 24 & 0xff) + ":" + Padded("%02x", machine >> 16 & 0xff) + ":" +
               Padded("%02x", machine >> 8 & 0xff) + ":" + Padded("%02x", machine & 0xff));
  wire.add_addresses("10." + std::to_string(64 + machine / 62'500) + "." + std::to_string(machine / 250 % 250) + "." +
                     std::to_string(1 + machine % 250) + "/16");
  rows.push_back(RowBytes(wire));
}

void AddListeners(std::uint64_t seed, std::uint32_t machine, Rows& rows) {
  const auto add = [&](const char* protocol, const char* address, std::uint32_t port, const char* program,
                       std::uint32_t uid) {
    v1::Listener listener;
    listener.set_protocol(protocol);
    listener.set_address(address);
    listener.set_port(port);
    listener.set_program(program);
    listener.set_uid(uid);
    rows.push_back(RowBytes(listener));
  };
  add("tcp", "0.0.0.0", 22, "sshd", 0);
  add("tcp6", "::", 22, "sshd", 0);
  add("tcp", "127.0.0.1", 631, "cupsd", 0);
  add("tcp6", "::1", 631, "cupsd", 0);
  add("udp", "0.0.0.0", 5353, "avahi-daemon", 103);
  add("udp6", "::", 5353, "avahi-daemon", 103);
  add("udp", "0.0.0.0", 68, "NetworkManager", 0);
  if (Random{seed, kParts, machine, 1}.Below(40) == 0) add("tcp", "0.0.0.0", 5900, "x11vnc", 1000);
}

}  // namespace

std::string HostnameOf(std::uint32_t machine) { return Padded("pc-%05u", machine); }

Rows MachineRows(std::uint64_t seed, std::uint32_t machine, std::string_view section) {
  Rows rows;
  if (section == "accounts") AddAccounts(seed, machine, rows);
  if (section == "groups") AddGroups(seed, machine, rows);
  if (section == "os") AddOs(seed, machine, rows);
  if (section == "hardware") AddHardware(seed, machine, rows);
  if (section == "network") AddNetwork(machine, rows);
  if (section == "listeners") AddListeners(seed, machine, rows);
  OrderRows(rows);
  return rows;
}

}  // namespace daicho::fleet
