// Agent to ledger: what is sent, what is kept, and who is refused.
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "tests/e2e/site.h"

namespace daicho::e2e {
namespace {

class Wire : public Site {
 protected:
  void SetUp() override {
    Site::SetUp();
    StartCollector();
  }
  // A machine that is enrolled and has reported once.
  Machine Reported(const std::string& name) {
    Machine machine(*this, name);
    machine.AddAccount("tanaka", 1000, "$6$salt$abcdefgh");
    const Outcome enrolled = machine.Enrol(NewToken());
    EXPECT_EQ(enrolled.exit_code, 0) << enrolled.err;
    machine.CycleReport();
    return machine;
  }
  std::vector<Json> Software() const { return DaichoJson({"software"}); }
  std::vector<Json> Accounts() const { return DaichoJson({"accounts", "--all"}); }
  std::string OnlyDevice() const {
    const std::vector<Json> devices = DaichoJson({"devices"});
    EXPECT_EQ(devices.size(), 1u);
    return devices.empty() ? "" : Text(devices[0], "device_id");
  }
};

TEST_F(Wire, FirstReportReachesTheLedgerWhole) {
  Machine machine = Reported("xray-server");
  const Json device = Only(DaichoJson({"devices"}), "hostname", "xray-server");
  EXPECT_EQ(Text(device, "status"), "active");
  EXPECT_EQ(Text(device, "software_count"), "2");
  const std::vector<Json> software = Software();
  EXPECT_EQ(software.size(), 2u);
  const Json openssl = Only(software, "name", "openssl");
  EXPECT_EQ(Text(openssl, "version"), "3.0.15-1~deb12u1");
  EXPECT_EQ(Text(openssl, "architecture"), "amd64");
  EXPECT_EQ(Text(openssl, "state"), "installed");
  EXPECT_EQ(Text(openssl, "device_id"), Text(device, "device_id"));
  const Json tanaka = Only(Accounts(), "name", "tanaka");
  EXPECT_EQ(Text(tanaka, "enabled"), "true");
  EXPECT_EQ(Text(tanaka, "password"), "set");
  EXPECT_EQ(Text(tanaka, "admin"), "false");
}

TEST_F(Wire, UnchangedCheckInSendsNoRows) {
  Machine machine = Reported("pc-1");
  const Json second = machine.CycleReport();
  EXPECT_TRUE(Texts(second, "sections_sent").empty());
  EXPECT_LE(std::stol(Text(second, "bytes_out")), 6 * 1024);
}

TEST_F(Wire, OnePackageAndOneAccountSendOnlyThose) {
  std::vector<std::pair<std::string, std::string>> packages;
  for (int i = 0; i < 500; ++i) packages.emplace_back("package-with-a-long-name-" + std::to_string(i), "1.0-1");
  Machine machine(*this, "pc-1");
  machine.SetPackages(packages);
  EXPECT_EQ(machine.Enrol(NewToken()).exit_code, 0);
  const long full = std::stol(Text(machine.CycleReport(), "bytes_out"));
  const long unchanged = std::stol(Text(machine.CycleReport(), "bytes_out"));
  EXPECT_GT(full, 25'000);

  packages[250].second = "1.0-2";
  machine.SetPackages(packages);
  machine.AddAccount("suzuki", 1001, "$y$j9T$x$y");
  const Json cycle = machine.CycleReport();
  std::vector<std::string> sent = Texts(cycle, "sections_sent");
  std::sort(sent.begin(), sent.end());
  // The new account is a member of a new group of its own.
  EXPECT_EQ(sent, (std::vector<std::string>{"accounts", "groups", "software"}));
  // Three rows and a second call, not 500 rows.
  EXPECT_LT(std::stol(Text(cycle, "bytes_out")), unchanged + 2'000);
  EXPECT_EQ(Text(Only(Software(), "name", packages[250].first), "version"), "1.0-2");
  EXPECT_EQ(Software().size(), 500u);
  EXPECT_EQ(Text(Only(Accounts(), "name", "suzuki"), "enabled"), "true");
  EXPECT_TRUE(Texts(machine.CycleReport(), "sections_sent").empty());
}

TEST_F(Wire, FailedSectionRemovesNothing) {
  Machine machine = Reported("pc-1");
  WriteText(machine.Root("/var/lib/dpkg/status"), "");
  machine.CycleReport();
  EXPECT_EQ(Software().size(), 2u);
  const std::vector<Json> sections =
      DaichoJson({"query", "SELECT status, reason FROM section WHERE section='software'"});
  ASSERT_EQ(sections.size(), 1u);
  EXPECT_EQ(Text(sections[0], "status"), "FAILED");
  EXPECT_NE(Text(sections[0], "reason"), "");
  machine.SetPackages({{"openssl", "3.0.15-1~deb12u1"}});
  machine.CycleReport();
  EXPECT_EQ(Software().size(), 1u);
}

TEST_F(Wire, PartialSectionRemovesNothingButUpdates) {
  Machine machine = Reported("pc-1");
  WriteText(machine.Root("/var/lib/dpkg/status"),
            "Package: openssl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 3.0.99-1\n\n"
            "this line belongs to no field\nPackage zlib1g\n\n");
  machine.CycleReport();
  EXPECT_EQ(Software().size(), 2u);
  EXPECT_EQ(Text(Only(Software(), "name", "openssl"), "version"), "3.0.99-1");
}

TEST_F(Wire, UnreadableSourceOfAccountsKeepsWhatIsKnown) {
  Machine machine = Reported("pc-1");
  std::filesystem::remove(machine.Root("/etc/shadow"));
  std::filesystem::create_directory(machine.Root("/etc/shadow"));
  machine.CycleReport();
  EXPECT_EQ(Text(Only(Accounts(), "name", "tanaka"), "password"), "set");
}

// The children of a cycle have fewer rights than the command that a person tries things with.
TEST_F(Wire, ARunningSystemReportsTheAddressesOfItsInterfaces) {
  const Machine machine = Reported("pc-1");
  const Outcome cycle = Execute(machine.Command({"cycle", "--state", machine.State(), "--root", "/"}));
  EXPECT_EQ(cycle.exit_code, 0) << cycle.err;
  EXPECT_NE(cycle.out.find("  network: OK,"), std::string::npos) << cycle.out;
}

// Debian's homes are private. Root without capabilities could not start the uplink there, nor read ca.pem or its state.
TEST_F(Wire, RootEnrolsAndReportsFromAnotherUsersPrivateFolder) {
  if (::geteuid() != 0) GTEST_SKIP() << "wants root";
  namespace fs = std::filesystem;
  const Machine machine(*this, "home");
  for (const char* program : {"daicho-agent", "daicho-uplink"}) {
    fs::create_directories(Path("home/bin"));
    fs::copy_file(Command(program, {})[0], Path("home/bin/") + program);
  }
  fs::copy_file(State() + "/ca.pem", Path("home/ca.pem"));
  ASSERT_EQ(::chown(Path("home").c_str(), 65534, 65534), 0);
  ASSERT_EQ(::chmod(Path("home").c_str(), 0700), 0);
  const std::string agent = Path("home/bin/daicho-agent");
  const Outcome enrolled = Execute({agent, "enrol", "--collector", AgentEndpoint(), "--ca", Path("home/ca.pem"),
                                    "--token", NewToken(), "--state", machine.State()});
  EXPECT_EQ(enrolled.exit_code, 0) << enrolled.err;
  for (int round = 0; round < 2; ++round) {
    const Outcome cycle = Execute({agent, "cycle", "--state", machine.State(), "--root", machine.Root("")});
    EXPECT_EQ(cycle.exit_code, 0) << cycle.out << cycle.err;
    EXPECT_EQ(cycle.out.find("PARTIAL"), std::string::npos) << cycle.out;
  }
  EXPECT_EQ(Software().size(), 2u);
}

TEST_F(Wire, StateOfAnotherUserIsRefusedInWords) {
  if (::geteuid() != 0) GTEST_SKIP() << "wants root";
  const Machine machine = Reported("pc-1");
  ASSERT_EQ(::chown(machine.State().c_str(), 65534, 65534), 0);
  const Outcome cycle = machine.Cycle();
  EXPECT_EQ(cycle.exit_code, 4);
  EXPECT_NE(cycle.err.find("belongs to user id 65534"), std::string::npos) << cycle.err;
}

TEST_F(Wire, LostAcknowledgedStateCostsOneFullReport) {
  Machine machine = Reported("pc-1");
  std::filesystem::remove_all(machine.State("/acknowledged"));
  machine.SetPackages({{"openssl", "3.0.16-1~deb12u1"}, {"zlib1g", "1:1.2.13.dfsg-1"}});
  const Json cycle = machine.CycleReport();
  EXPECT_EQ(Texts(cycle, "sections_sent"), std::vector<std::string>{"software"});
  EXPECT_EQ(Text(Only(Software(), "name", "openssl"), "version"), "3.0.16-1~deb12u1");
  EXPECT_TRUE(Texts(machine.CycleReport(), "sections_sent").empty());
}

TEST_F(Wire, LostStateIsEnrolledAgainAsTheSameDevice) {
  Machine machine = Reported("pc-1");
  const std::string device = OnlyDevice();
  std::filesystem::remove_all(machine.State());
  const Outcome lost = machine.Cycle();
  EXPECT_EQ(lost.exit_code, 4);
  EXPECT_NE(lost.err.find("enrol"), std::string::npos) << lost.err;
  EXPECT_EQ(machine.Enrol(NewToken({"--device", device})).exit_code, 0);
  machine.CycleReport();
  EXPECT_EQ(OnlyDevice(), device);
  EXPECT_EQ(Software().size(), 2u);
}

TEST_F(Wire, LostStateWithAnOrdinaryTokenIsANewDevice) {
  Machine machine = Reported("pc-1");
  std::filesystem::remove_all(machine.State());
  EXPECT_EQ(machine.Enrol(NewToken()).exit_code, 0);
  machine.CycleReport();
  EXPECT_EQ(DaichoJson({"devices"}).size(), 2u);
}

TEST_F(Wire, EnrolledMachineIsNotEnrolledOverItself) {
  Machine machine = Reported("pc-1");
  const Outcome again = machine.Enrol(NewToken());
  EXPECT_EQ(again.exit_code, 4) << again.err;
  EXPECT_NE(again.err.find("--force"), std::string::npos) << again.err;
  machine.CycleReport();
}

TEST_F(Wire, RevokedDeviceIsRefused) {
  Machine machine = Reported("pc-1");
  const std::string device = OnlyDevice();
  const Outcome revoked = Daicho({"revoke", device, "--reason", "disposed", "--yes"});
  ASSERT_EQ(revoked.exit_code, 0) << revoked.err;
  const Outcome cycle = machine.Cycle();
  EXPECT_EQ(cycle.exit_code, 4) << cycle.err;
  EXPECT_NE(cycle.err.find("revoked"), std::string::npos) << cycle.err;
  EXPECT_EQ(Text(Only(DaichoJson({"devices"}), "hostname", "pc-1"), "status"), "revoked");
  EXPECT_EQ(DaichoJson({"software", "--device", device}).size(), 2u) << "the ledger keeps what it knew";
}

TEST_F(Wire, TokenServesOnce) {
  const std::string token = NewToken();
  Machine first(*this, "pc-1");
  Machine second(*this, "pc-2");
  EXPECT_EQ(first.Enrol(token).exit_code, 0);
  const Outcome reuse = second.Enrol(token);
  EXPECT_EQ(reuse.exit_code, 4) << reuse.err;
  EXPECT_NE(reuse.err.find("token"), std::string::npos) << reuse.err;
  EXPECT_EQ(reuse.err.find(token), std::string::npos) << "a message must not carry the token";
  EXPECT_FALSE(std::filesystem::exists(second.State("/identity/certificate.pem")));
  EXPECT_EQ(second.Enrol("made-up-token").exit_code, 4);
  EXPECT_EQ(DaichoJson({"devices"}).size(), 1u);
}

TEST_F(Wire, TokensDoNotAppearInTheLog) {
  const std::string token = NewToken();
  Machine machine(*this, "pc-1");
  EXPECT_EQ(machine.Enrol(token).exit_code, 0);
  EXPECT_EQ(ReadText(Path("collector.log")).find(token), std::string::npos);
}

TEST_F(Wire, CollectorOfAnotherAuthorityIsNotTrusted) {
  Machine machine = Reported("pc-1");
  const std::string other = Path("other");
  ASSERT_EQ(Collector({"init", "--state", other, "--listen", "127.0.0.1:0"}).exit_code, 0);
  WriteText(machine.State("/identity/ca.pem"), ReadText(other + "/ca.pem"));
  const Outcome cycle = machine.Cycle();
  EXPECT_EQ(cycle.exit_code, 4) << cycle.err;
  EXPECT_NE(cycle.err.find("ca.pem"), std::string::npos) << cycle.err;
}

TEST_F(Wire, CertificateOfAnotherAuthorityIsRefused) {
  Machine machine = Reported("pc-1");
  const std::string other = Path("other");
  ASSERT_EQ(Collector({"init", "--state", other, "--listen", "127.0.0.1:0"}).exit_code, 0);
  // An administrator's key and certificate of the other site, offered as a device's.
  WriteText(machine.State("/identity/certificate.pem"), ReadText(other + "/admin/certificate.pem"));
  WriteText(machine.State("/identity/key.pem"), ReadText(other + "/admin/key.pem"));
  EXPECT_NE(machine.Cycle().exit_code, 0);
  EXPECT_EQ(Software().size(), 2u);
}

TEST_F(Wire, KeyOfAnotherCertificateIsNoNetworkFault) {
  Machine machine = Reported("pc-1");
  Machine other = Reported("pc-2");
  WriteText(machine.State("/identity/certificate.pem"), ReadText(other.State("/identity/certificate.pem")));
  const Outcome cycle = machine.Cycle();
  EXPECT_EQ(cycle.exit_code, 5) << cycle.err;
  EXPECT_NE(cycle.err.find("do not belong together"), std::string::npos) << cycle.err;
}

TEST_F(Wire, AdministratorsCertificateIsNoDevice) {
  Machine machine = Reported("pc-1");
  WriteText(machine.State("/identity/certificate.pem"), ReadText(State() + "/admin/certificate.pem"));
  WriteText(machine.State("/identity/key.pem"), ReadText(State() + "/admin/key.pem"));
  const Outcome cycle = machine.Cycle();
  EXPECT_EQ(cycle.exit_code, 5) << cycle.err;
  EXPECT_NE(cycle.err.find("names no device"), std::string::npos) << cycle.err;
}

TEST_F(Wire, OldTlsIsRefused) {
  const std::string ca = State() + "/ca.pem";
  const auto handshake = [&](const std::string& version) {
    return Execute({"openssl", "s_client", "-connect", AgentEndpoint(), version, "-CAfile", ca, "-verify_return_error",
                    "-alpn", "h2"});
  };
  EXPECT_EQ(handshake("-tls1_3").exit_code, 0);
  EXPECT_NE(handshake("-tls1_2").exit_code, 0);
}

TEST_F(Wire, JunkOnThePortHurtsNobody) {
  const std::string endpoint = AgentEndpoint();
  const std::string port = endpoint.substr(endpoint.rfind(':') + 1);
  for (int i = 0; i < 5; ++i) {
    Execute({"bash", "-c", "head -c 10000000 /dev/urandom 2>/dev/null > /dev/tcp/127.0.0.1/" + port + " || true"});
  }
  Machine machine = Reported("pc-1");
  EXPECT_EQ(Software().size(), 2u);
}

// Every report that was acknowledged is in the ledger, whenever the collector dies. The kill comes later in the cycle
// each round, until kills before and after the acknowledgement have both been seen.
TEST_F(Wire, KilledCollectorForgetsNothingItAcknowledged) {
  Machine machine = Reported("pc-1");
  int acknowledged = 0;
  int lost = 0;
  for (int round = 1; round <= 60 && (round <= 12 || acknowledged == 0 || lost == 0); ++round) {
    const std::string version = "3.0." + std::to_string(round);
    machine.SetPackages({{"openssl", version}, {"zlib1g", "1:1.2.13.dfsg-1"}});
    Background cycle(machine.Command({"cycle", "--state", machine.State(), "--root", machine.Root(""), "--json"}), {},
                     Path("cycle.log"));
    for (int step = 0; step < round; ++step) PauseBriefly();
    KillCollector();
    const bool done = cycle.Wait() == 0;
    ++(done ? acknowledged : lost);
    StartCollector();
    if (done) {
      EXPECT_EQ(Text(Only(Software(), "name", "openssl"), "version"), version);
    }
    machine.CycleReport();
    EXPECT_EQ(Text(Only(Software(), "name", "openssl"), "version"), version);
    EXPECT_EQ(Software().size(), 2u);
  }
  EXPECT_GT(acknowledged, 0);
  EXPECT_GT(lost, 0);
}

TEST_F(Wire, CollectorAwayIsUnreachableAndLosesNoEvidence) {
  Machine machine = Reported("pc-1");
  KillCollector();
  machine.AddLogin("tanaka", ::time(nullptr) - 86'400);
  const Outcome away = machine.Cycle();
  EXPECT_EQ(away.exit_code, 3) << away.err;
  // The log is rotated away before the collector is back.
  std::filesystem::remove(machine.Root("/var/log/wtmp"));
  StartCollector();
  machine.CycleReport();
  const Json use = Object(Only(Accounts(), "name", "tanaka"), "last_use");
  EXPECT_EQ(Text(use, "source"), "wtmp");
  EXPECT_EQ(Text(use, "from"), "10.1.2.33");
}

}  // namespace
}  // namespace daicho::e2e
