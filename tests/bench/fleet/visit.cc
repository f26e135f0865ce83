#include "tests/bench/fleet/visit.h"

#include <grpcpp/client_context.h>

#include <chrono>
#include <ctime>
#include <utility>

#include "agent/uplink/channel.h"
#include "common/protocol.h"
#include "common/time_format.h"
#include "common/x509.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "tests/bench/fleet/machine_facts.h"

namespace daicho::fleet {

namespace {

constexpr const char* kAgentVersion = "0.1.0";
constexpr std::chrono::seconds kHealthDeadline(30);

Attempt Failed(Error error, const agent::UplinkSession& session) {
  return {.status = std::unexpected(std::move(error)), .retry_after_seconds = session.RetryAfterSeconds()};
}

template <typename Row>
Row OnlyRow(const FleetFacts& facts, std::uint32_t machine, std::string_view section) {
  Row row;
  row.ParseFromString(facts.RowsOf(section, machine, 0)->front());
  return row;
}

v1::DeviceLine LineOf(const FleetFacts& facts, const FleetDevice& device, std::uint32_t machine) {
  v1::DeviceLine line;
  // Every run is the same agent that never stopped: who was not answered asks again.
  line.set_instance(device.device_id());
  line.set_machine_id(OnlyRow<v1::Os>(facts, machine, "os").machine_id());
  line.set_hardware_id(OnlyRow<v1::Hardware>(facts, machine, "hardware").uuid());
  line.set_hostname(HostnameOf(machine));
  return line;
}

v1::SectionDelta Everything(const FleetFacts& facts, const Plan& plan, const std::string& section) {
  v1::SectionDelta delta;
  delta.set_name(section);
  delta.set_status(v1::OK);
  MakeFull(*facts.RowsOf(section, plan.machine, plan.generation), delta);
  return delta;
}

// The sections of `request` that the collector wants whole. An error: one was refused, or not answered.
Result<std::vector<std::string>> JudgeResults(const v1::ReportRequest& request, const v1::ReportResponse& response) {
  std::vector<std::string> need_full;
  if (response.results_size() != request.sections_size()) {
    return Fail(Code::kDataLoss, std::to_string(request.sections_size()) + " sections were sent, " +
                                     std::to_string(response.results_size()) + " answered");
  }
  for (const v1::SectionResult& result : response.results()) {
    if (result.outcome() == v1::NEED_FULL) {
      need_full.push_back(result.name());
    } else if (result.outcome() != v1::APPLIED) {
      return Fail(Code::kDataLoss, "section " + result.name() + ": " + v1::SectionOutcome_Name(result.outcome()) + " " +
                                       result.message());
    }
  }
  return need_full;
}

// Sends the request if it has sections; what is to be sent whole then.
Result<std::vector<std::string>> Send(v1::ReportRequest& request, const FleetDevice& device,
                                      agent::UplinkSession& session, Visit& visit) {
  if (request.sections().empty()) return {};
  request.set_protocol(kProtocolVersion);
  request.set_continuation(device.continuation());
  *request.mutable_collected_at() = ToTimestamp(std::time(nullptr));
  visit.sent_bytes += request.ByteSizeLong();
  const auto response = session.Report(request);
  if (!response) return std::unexpected(response.error());
  ++visit.reports;
  return JudgeResults(request, *response);
}

Status SendWanted(const FleetFacts& facts, const Plan& plan, const v1::CheckInResponse& answer,
                  const FleetDevice& device, agent::UplinkSession& session, Visit& visit) {
  v1::ReportRequest request;
  for (const v1::SectionWanted& wanted : answer.wanted()) {
    const bool has_base = wanted.name() == plan.change.name() && wanted.base_digest() == plan.change.base_digest();
    *request.add_sections() = has_base ? plan.change : Everything(facts, plan, wanted.name());
  }
  const auto need_full = Send(request, device, session, visit);
  if (!need_full) return std::unexpected(need_full.error());
  v1::ReportRequest full;
  for (const std::string& section : *need_full) *full.add_sections() = Everything(facts, plan, section);
  const auto left = Send(full, device, session, visit);
  if (!left) return std::unexpected(left.error());
  if (left->empty()) return {};
  return Fail(Code::kDataLoss, "section " + left->front() + ": wanted whole again after it was sent whole");
}

}  // namespace

Attempt EnrolDevice(const Site& site, const std::string& token, std::uint32_t machine, FleetDevice& device) {
  auto key = NewPrivateKey();
  if (!key) return {.status = std::unexpected(key.error())};
  auto csr = NewCertificateRequest(*key, HostnameOf(machine));
  if (!csr) return {.status = std::unexpected(csr.error())};
  v1::EnrolRequest request;
  request.set_protocol(kProtocolVersion);
  request.set_token(token);
  request.set_csr_pem(std::move(*csr));
  request.set_hostname(HostnameOf(machine));
  request.set_agent_version(kAgentVersion);
  const auto line = Connect(site, {});
  const auto response = line->session.Enrol(request);
  if (!response) return Failed(response.error(), line->session);
  device.set_device_id(response->device_id());
  device.set_private_key_pem(std::move(*key));
  device.set_certificate_pem(response->certificate_pem());
  return {};
}

std::unique_ptr<Line> Connect(const Site& site, const FleetDevice& device) {
  agent::Identity identity;
  identity.device_id = device.device_id();
  identity.private_key_pem = device.private_key_pem();
  identity.certificate_pem = device.certificate_pem();
  identity.authority_pem = site.authority_pem;
  auto channel = agent::OpenChannel(site.endpoint, identity);
  agent::UplinkSession session(channel, site.endpoint);
  return std::make_unique<Line>(Line{.channel = std::move(channel), .session = std::move(session)});
}

Plan MakePlan(const FleetFacts& facts, const FleetDevice& device, std::uint32_t machine, std::uint32_t generation) {
  Plan plan{.machine = machine, .generation = generation, .check_in = {}, .change = {}};
  plan.check_in.set_protocol(kProtocolVersion);
  plan.check_in.set_agent_version(kAgentVersion);
  for (v1::SectionState& state : facts.StatesOf(machine, generation)) *plan.check_in.add_sections() = std::move(state);
  *plan.check_in.mutable_line() = LineOf(facts, device, machine);
  v1::CycleUsage& usage = *plan.check_in.mutable_last_cycle();
  usage.set_cpu_ms(24);
  usage.set_peak_rss_kib(15'000);
  usage.set_bytes_out(4'600);
  if (device.has_generation() && device.generation() != generation) {
    plan.change = facts.SoftwareChange(machine, device.generation(), generation);
  }
  return plan;
}

Visit VisitCollector(const FleetFacts& facts, const Plan& plan, FleetDevice& device, agent::UplinkSession& session) {
  Visit visit;
  v1::CheckInRequest request = plan.check_in;
  *request.mutable_agent_time() = ToTimestamp(std::time(nullptr));
  *request.mutable_collected_at() = request.agent_time();
  request.mutable_line()->set_continuation(device.continuation());
  visit.sent_bytes += request.ByteSizeLong();
  const auto answer = session.CheckIn(request);
  if (!answer) {
    visit.attempt = Failed(answer.error(), session);
    return visit;
  }
  device.set_continuation(answer->continuation());
  if (auto sent = SendWanted(facts, plan, *answer, device, session, visit); !sent) {
    visit.attempt = Failed(std::move(sent.error()), session);
  }
  return visit;
}

Attempt AskHealth(const Line& line) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kHealthDeadline);
  grpc::health::v1::HealthCheckResponse response;
  const auto answered = grpc::health::v1::Health::NewStub(line.channel)->Check(&context, {}, &response);
  if (!answered.ok()) return {.status = std::unexpected(agent::CallError(answered, "the collector"))};
  if (response.status() == grpc::health::v1::HealthCheckResponse::SERVING) return {};
  return {.status = Fail(Code::kUnavailable, "the collector does not serve")};
}

}  // namespace daicho::fleet
