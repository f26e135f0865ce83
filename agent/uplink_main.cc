// daicho-uplink: the agent's process with the key and the network. Started by daicho-agent, ends when done.
//
//   daicho-uplink cycle --state DIR --instance ID   sections from standard input (cycle/section_pipe.h), answer to
//                                                    standard output (cycle/cycle_record.h)
//   daicho-uplink enrol --collector HOST:PORT --ca FILE   v1::EnrolRequest from standard input, v1::EnrolResponse to
//                                                    standard output; a message of failure instead, with the exit code
#include <malloc.h>
#include <pthread.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "agent/cycle/cycle_record.h"
#include "agent/identity/identity.h"
#include "agent/supervisor/limits.h"
#include "agent/supervisor/sandbox.h"
#include "agent/uplink/channel.h"
#include "agent/uplink/check_in.h"
#include "agent/uplink/session.h"
#include "agent/uplink/traffic.h"
#include "common/exit_code.h"
#include "common/files.h"
#include "common/protocol.h"
#include "common/text.h"

namespace daicho::agent {
namespace {

void WriteOut(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

// Ends without gRPC's orderly shutdown: it joins threads for milliseconds and has nothing left to say.
[[noreturn]] void Leave(ExitCode code) { ::_exit(static_cast<int>(code)); }

[[noreturn]] void LeaveWith(const CycleRecord& record) {
  WriteOut(FormatCycleRecord(record));
  Leave(record.CheckedIn() ? ExitCode::kDone : ExitCodeFor(static_cast<Code>(record.code)));
}

[[noreturn]] void LeaveCycle(const Error& error) {
  CycleRecord record;
  record.code = static_cast<int>(error.code);
  record.message = error.message;
  LeaveWith(record);
}

// Root without capabilities cannot pass through another user's private folder, but can stay in one that is below it.
Result<AgentState> EnterState(const std::string& folder) {
  if (::chdir(folder.c_str()) != 0) {
    return Fail(Code::kPermissionDenied, folder + ": cannot enter: " + std::generic_category().message(errno));
  }
  if (const auto given_up = GiveUpCapabilities(); !given_up) return std::unexpected(given_up.error());
  return AgentState(::access(folder.c_str(), X_OK) == 0 ? folder : ".");
}

[[noreturn]] void Cycle(const std::string& folder, const std::string& instance) {
  const auto entered = EnterState(folder);
  if (!entered) LeaveCycle(entered.error());
  const AgentState& state = *entered;
  const SystemClock clock;
  const auto config = LoadConfig(state);
  if (!config) LeaveCycle(config.error());
  auto identity = LoadIdentity(state);
  if (!identity) LeaveCycle(identity.error());
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  std::vector<std::unique_ptr<UplinkSession>> sessions;
  for (const std::string& endpoint : config->collectors) {
    channels.push_back(OpenChannel(endpoint, *identity));
    sessions.push_back(std::make_unique<UplinkSession>(channels.back(), endpoint));
  }
  channels.front()->GetState(true);  // the handshake runs while the collection reads
  const auto stream = ReadStream(STDIN_FILENO);
  if (!stream) LeaveCycle(stream.error());
  CheckIn check_in({.state = state,
                    .identity = std::move(*identity),
                    .agent_version = DAICHO_VERSION,
                    .instance = instance,
                    .collected = ParseCollected(*stream, clock.Now()),
                    .last_cycle = LoadCycleRecord(state).value_or(CycleRecord{})},
                   clock);
  CycleRecord record = check_in.Run(sessions);
  const Traffic traffic = OpenConnectionTraffic();
  record.bytes_out = traffic.bytes_out;
  record.bytes_in = traffic.bytes_in;
  LeaveWith(record);
}

// gRPC starts threads by the number of processors (37 for 48), and the address space that malloc and the stacks reserve
// for each would reach the ceiling: 72 MiB as the system sets it.
void KeepThreadsSmall() {
  ::mallopt(M_ARENA_MAX, 2);
  pthread_attr_t attributes;
  if (::pthread_attr_init(&attributes) != 0) return;
  if (::pthread_attr_setstacksize(&attributes, 1u << 20) == 0) ::pthread_setattr_default_np(&attributes);
  ::pthread_attr_destroy(&attributes);
}

[[noreturn]] void LeaveEnrolment(const Error& error) {
  WriteOut(error.message);
  Leave(ExitCodeFor(error.code));
}

[[noreturn]] void Enrol(const std::string& collector, const std::string& ca_file) {
  const auto authority = ReadFile(ca_file, 256u << 10);
  if (!authority) LeaveEnrolment({Code::kInvalidArgument, authority.error().message});
  if (const auto given_up = GiveUpCapabilities(); !given_up) LeaveEnrolment(given_up.error());
  const auto input = ReadStream(STDIN_FILENO);
  if (!input) LeaveEnrolment(input.error());
  v1::EnrolRequest request;
  if (!request.ParseFromString(*input)) LeaveEnrolment({Code::kInternal, "standard input is no EnrolRequest"});
  Identity nobody;
  nobody.authority_pem = *authority;
  UplinkSession session(OpenChannel(collector, nobody), collector);
  const auto response = session.Enrol(request);
  if (!response) LeaveEnrolment(response.error());
  WriteOut(response->SerializeAsString());
  Leave(ExitCode::kDone);
}

int Main(const std::vector<std::string>& arguments) {
  if (arguments.size() == 5 && arguments[0] == "cycle" && arguments[1] == "--state" && arguments[3] == "--instance") {
    Cycle(arguments[2], CutToBytes(arguments[4], kMaxLineIdBytes));
  }
  if (arguments.size() == 5 && arguments[0] == "enrol" && arguments[1] == "--collector" && arguments[3] == "--ca") {
    Enrol(arguments[2], arguments[4]);
  }
  std::fputs(
      "daicho-uplink is started by daicho-agent.\n"
      "usage: daicho-uplink cycle --state DIR --instance ID < sections\n"
      "       daicho-uplink enrol --collector HOST:PORT --ca FILE < request\n",
      stderr);
  return static_cast<int>(ExitCode::kUsage);
}

}  // namespace
}  // namespace daicho::agent

int main(int argc, char** argv) {
  daicho::agent::ExitAtMemoryCeiling();
  daicho::agent::KeepThreadsSmall();
  std::signal(SIGPIPE, SIG_IGN);
  daicho::agent::PrepareGrpc();
  return daicho::agent::Main({argv + 1, argv + argc});
}
