// What the agent's children cannot do. Real children (sandbox_probe.cc), real kernel.
#include <gtest/gtest.h>
#include <unistd.h>

#include <asio/io_context.hpp>
#include <filesystem>
#include <optional>

#include "agent/supervisor/children.h"
#include "agent/supervisor/cycle_run.h"
#include "common/files.h"
#include "tests/agent/runtime/state_folder.h"

namespace daicho::agent {
namespace {

const std::string kProbe = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "sandbox_probe";

std::string Probe(const Sandbox& sandbox, std::vector<std::string> attempts) {
  asio::io_context context;
  Children children(context);
  const auto output = NewMemoryFile();
  attempts.insert(attempts.begin(), kProbe);
  std::optional<ChildEnd> end;
  const ChildSpec spec{attempts, -1, output->get(), {.name = "probe", .nice = 0}, sandbox};
  const auto started = children.Start(spec, [&](const ChildEnd& ended) {
    end = ended;
    context.stop();
  });
  EXPECT_TRUE(started) << started.error().message;
  if (!started) return {};
  context.run();
  EXPECT_EQ(end->exit_code, 0);
  return *ReadMemoryFile(*output);
}

constexpr std::uint64_t kDacReadSearch = 1u << 2;  // CAP_DAC_READ_SEARCH
constexpr std::uint64_t kSysPtrace = 1u << 19;     // CAP_SYS_PTRACE

std::uint64_t Capabilities(const Sandbox& sandbox) {
  const std::string said = Probe(sandbox, {"capabilities"});
  if (said == "none\n") return 0;
  EXPECT_TRUE(said.starts_with("CapPrm:\t")) << said;
  return std::stoull(said.substr(said.find('\t')), nullptr, 16);
}

TEST(Sandbox, WithoutOneEverythingTriedHereWorks) {
  const StateFolder folder;
  EXPECT_EQ(Probe({}, {"inet", "unix", "/etc/passwd", "write:" + folder.state.Folder() + "/a"}),
            "open\nopen\nopen\nopen\n");
}

TEST(Sandbox, CollectionHasNoNetworkButReadsAndWrites) {
  const StateFolder folder;
  constexpr const char* kNo = "Operation not permitted\n";
  EXPECT_EQ(Probe(CollectionSandbox(), {"inet", "inet6", "packet", "unix", "io_uring", "/etc/passwd",
                                        "write:" + folder.state.Folder() + "/evidence.rows"}),
            std::string(kNo) + kNo + kNo + kNo + kNo + "open\nopen\n");
}

// Every machine once reported its network as PARTIAL, without addresses: getifaddrs(3) needs a socket too.
TEST(Sandbox, CollectionAsksTheKernelForAddressesAndForNothingElse) {
  constexpr const char* kNo = "Operation not permitted\n";
  EXPECT_EQ(Probe(CollectionSandbox(), {"addresses", "netlink:0", "netlink:4", "netlink:9", "netlink:16"}),
            std::string("some\nopen\n") + kNo + kNo + kNo);
}

TEST(Sandbox, ChildrenKeepOnlyTheCapabilitiesToRead) {
  EXPECT_EQ(Capabilities(CollectionSandbox()) & ~(kDacReadSearch | kSysPtrace), 0u);
  EXPECT_EQ(Capabilities(UplinkSandbox(kProbe, {}, {})) & ~kDacReadSearch, 0u);
}

TEST(Sandbox, CollectionStartsNoOtherProgram) {
  EXPECT_EQ(Probe(CollectionSandbox(), {"exec"}), "Operation not permitted\n");
}

TEST(Sandbox, UplinkHasTheNetworkAndItsStateAndNoOtherFile) {
  if (!CanConfineFiles()) GTEST_SKIP() << "this kernel has no Landlock";
  const StateFolder state, outside;
  const std::string mine = state.state.Folder() + "/identity.pem", other = outside.state.Folder() + "/secret";
  ASSERT_TRUE(WriteFileAtomically(mine, "x"));
  ASSERT_TRUE(WriteFileAtomically(other, "x"));
  constexpr const char* kNo = "Permission denied\n";
  EXPECT_EQ(Probe(UplinkSandbox(kProbe, state.state.Folder(), {}),
                  {"inet", mine, "write:" + mine, "/proc/self/fd", "/etc/hosts", "/etc/shadow", "/etc/passwd", "/root",
                   "/proc/1/environ", other, "write:" + other, "write:/etc/hosts"}),
            std::string("open\nopen\nopen\nopen\nopen\n") + kNo + kNo + kNo + kNo + kNo + kNo + kNo);
}

TEST(Sandbox, EnrolmentReadsTheFileOfTheAuthorityAndNoState) {
  if (!CanConfineFiles()) GTEST_SKIP() << "this kernel has no Landlock";
  const StateFolder folder;
  const std::string authority = folder.state.Folder() + "/ca.pem", key = folder.state.Folder() + "/key.pem";
  ASSERT_TRUE(WriteFileAtomically(authority, "x"));
  ASSERT_TRUE(WriteFileAtomically(key, "x"));
  EXPECT_EQ(Probe(UplinkSandbox(kProbe, {}, authority), {authority, key}), "open\nPermission denied\n");
}

TEST(Sandbox, UplinkCanGiveUpItsLastCapability) {
  EXPECT_EQ(Probe(UplinkSandbox(kProbe, {}, {}), {"give up", "capabilities"}), "given up\nnone\n");
}

TEST(Sandbox, InstalledProgramsAreConfined) {
  const StateFolder folder;
  const auto programs = InstalledPrograms(folder.state, "/");
  ASSERT_TRUE(programs);
  EXPECT_TRUE(programs->collection_sandbox.no_network);
  EXPECT_TRUE(programs->uplink_sandbox.confine_files);
  EXPECT_EQ(programs->uplink_sandbox.capabilities, kDacReadSearch);
}

}  // namespace
}  // namespace daicho::agent
