#include <unistd.h>

#include <CLI/CLI.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <optional>

#include "agent/commands/commands.h"
#include "agent/commands/print.h"
#include "agent/cycle/section_pipe.h"
#include "agent/identity/identity.h"
#include "agent/supervisor/children.h"
#include "common/exit_code.h"
#include "common/files.h"
#include "common/protocol.h"
#include "common/text.h"
#include "common/x509.h"
#include "daicho/v1/agent.pb.h"

namespace daicho::agent {

namespace {

struct Options {
  std::vector<std::string> collectors;  // in the order in which they are to be tried, for ever
  std::string ca_file;
  std::string token;
  std::string token_file;
  std::string state = kDefaultStateFolder;
  std::string agent_version;
  bool force = false;
  bool json = false;
};

Result<std::string> ReadToken(const Options& options) {
  if (options.token.empty() == options.token_file.empty()) {
    return Fail(Code::kInvalidArgument,
                "give the token by --token-file FILE, --token - (standard input) or --token TOKEN");
  }
  Result<std::string> text = options.token;
  if (options.token == "-" || options.token_file == "-")
    text = ReadStream(STDIN_FILENO);
  else if (!options.token_file.empty())
    text = ReadFile(options.token_file, 4096);
  if (!text) return text;
  const std::string_view token = Trim(std::string_view(*text).substr(0, text->find('\n')));
  if (token.empty() || token.size() > 1024 || !IsUtf8(token))
    return Fail(Code::kInvalidArgument, "the token is empty or no token");
  return std::string(token);
}

struct UplinkAnswer {
  ChildEnd end;
  std::string output;
};

// The network part, in the process that has gRPC.
Result<UplinkAnswer> RunUplink(const Options& options, const std::string& collector, const std::string& input) {
  auto question = NewMemoryFile(input);
  if (!question) return std::unexpected(std::move(question.error()));
  auto output = NewMemoryFile();
  if (!output) return std::unexpected(std::move(output.error()));
  std::error_code no_proc;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", no_proc);
  asio::io_context context(1);
  Children children(context);
  asio::signal_set stop(context, SIGTERM, SIGINT);
  stop.async_wait([&](const asio::error_code&, int) { context.stop(); });
  const ChildSpec spec{{(self.parent_path() / "daicho-uplink").string(), "enrol", "--collector", collector, "--ca",
                        std::filesystem::absolute(options.ca_file).string()},
                       question->get(),
                       output->get(),
                       UplinkLimits(),
                       UplinkSandbox((self.parent_path() / "daicho-uplink").string(), {}, options.ca_file)};
  std::optional<ChildEnd> end;
  auto started = children.Start(spec, [&](const ChildEnd& ended) {
    end = ended;
    context.stop();
  });
  if (!started) return std::unexpected(std::move(started.error()));
  context.run();
  if (!end) return Fail(Code::kAborted, "stopped by a signal; if the token was used already, ask for a new one");
  if (const std::string overrun = OverrunOf(spec.limits, *end); !overrun.empty()) {
    return Fail(Code::kDeadlineExceeded, overrun);
  }
  auto text = ReadMemoryFile(*output);
  if (!text) return std::unexpected(std::move(text.error()));
  return UplinkAnswer{*end, std::move(*text)};
}

// The answer of the first collector that can be reached.
Result<UplinkAnswer> AskCollectors(const Options& options, const std::string& input) {
  Result<UplinkAnswer> answer = Fail(Code::kInvalidArgument, "no collector is named");
  for (const std::string& collector : options.collectors) {
    answer = RunUplink(options, collector, input);
    if (!answer || answer->end.exit_code != static_cast<int>(ExitCode::kUnreachable)) return answer;
  }
  return answer;
}

Result<Identity> IdentityFrom(const v1::EnrolResponse& response, const std::string& key) {
  const auto info = ReadCertificate(response.certificate_pem());
  if (!info) return Fail(Code::kDataLoss, "the collector's certificate cannot be used: " + info.error().message);
  const auto device_id = DeviceIdOf(info->identity_uri);
  if (!device_id || *device_id != response.device_id()) {
    return Fail(Code::kDataLoss, "the collector's certificate is not for the device id it gave");
  }
  return Identity{.device_id = *device_id,
                  .private_key_pem = key,
                  .certificate_pem = response.certificate_pem(),
                  .authority_pem = response.ca_pem(),
                  .not_before = info->not_before,
                  .not_after = info->not_after};
}

Result<v1::EnrolRequest> MakeRequest(const Options& options, const std::string& token, const std::string& key) {
  char hostname[256] = "";
  ::gethostname(hostname, sizeof hostname - 1);
  auto csr = NewCertificateRequest(key, "daicho device");
  if (!csr) return std::unexpected(std::move(csr.error()));
  v1::EnrolRequest request;
  request.set_protocol(kProtocolVersion);
  request.set_token(token);
  request.set_csr_pem(*csr);
  request.set_hostname(CleanText(hostname));
  request.set_agent_version(options.agent_version);
  return request;
}

int Enrol(const Options& options) {
  const auto token = ReadToken(options);
  if (!token) return Complain(token.error());
  for (const std::string& collector : options.collectors) {
    if (auto good = CheckEndpoint(collector); !good) return Complain(good.error());
  }
  if (const auto pinned = ReadFile(options.ca_file, 256u << 10); !pinned || !ReadCertificate(*pinned)) {
    return Complain({Code::kInvalidArgument, options.ca_file + ": " +
                                                 (pinned ? "no certificate" : pinned.error().message) +
                                                 "; --ca wants the collector's ca.pem"});
  }
  const AgentState state(options.state);
  if (auto ready = PrepareEnrolment(state, options.force); !ready) return Complain(ready.error());
  const auto lock = StateLock::Take(state);
  if (!lock) return Complain(lock.error());
  const auto key = NewPrivateKey();
  if (!key) return Complain(key.error());
  const auto request = MakeRequest(options, *token, *key);
  if (!request) return Complain(request.error());
  const auto answer = AskCollectors(options, request->SerializeAsString());
  if (!answer) return Complain(answer.error());
  if (answer->end.exit_code != 0) {
    std::fprintf(stderr, "daicho-agent: %s\n",
                 answer->output.empty() ? "the uplink ended without an answer" : answer->output.c_str());
    return answer->end.exit_code > 0 ? answer->end.exit_code : static_cast<int>(ExitCode::kBadData);
  }
  v1::EnrolResponse response;
  if (!response.ParseFromString(answer->output))
    return Complain({Code::kDataLoss, "the uplink's answer does not parse"});
  auto identity = IdentityFrom(response, *key);
  if (!identity) return Complain(identity.error());
  // The authority that was pinned stays the one trusted, whatever the answer carries.
  identity->authority_pem = ReadFile(options.ca_file, 256u << 10).value_or(identity->authority_pem);
  if (auto saved = SaveEnrolment(state, *identity, {options.collectors}); !saved) return Complain(saved.error());
  Print(options.json ? "{\"device_id\":\"" + identity->device_id + "\"}\n"
                     : "enrolled as device " + identity->device_id + "; next: daicho-agent run, or the service\n");
  return static_cast<int>(ExitCode::kDone);
}

}  // namespace

void AddEnrol(CLI::App& app, Action& action, const std::string& agent_version) {
  auto options = std::make_shared<Options>();
  options->agent_version = agent_version;
  CLI::App* command = app.add_subcommand("enrol", "Make this machine known to a collector, with a one-time token.");
  command
      ->add_option("--collector", options->collectors,
                   "HOST:PORT; several collectors of one ledger: once for each, the preferred one first")
      ->required()
      ->expected(1)
      ->take_all();
  command->add_option("--ca", options->ca_file, "the collector's ca.pem, brought here by a way you trust")->required();
  command->add_option("--token", options->token,
                      "the token; - reads it from standard input (a token here is visible to all)");
  command->add_option("--token-file", options->token_file, "file with the token");
  command->add_option("--state", options->state, "state folder of the agent")->capture_default_str();
  command->add_flag("--force", options->force, "enrol again and replace the identity");
  command->add_flag("--json", options->json, "the device id as JSON");
  command->footer(HelpFooter("daicho-agent enrol --collector 192.0.2.7:7443 --ca ca.pem --token-file token"));
  command->callback([&action, options] { action = [options] { return Enrol(*options); }; });
}

}  // namespace daicho::agent
