#include "agent/uplink/check_in.h"

#include <algorithm>
#include <utility>

#include "agent/identity/continuation.h"
#include "common/protocol.h"
#include "common/text.h"
#include "common/time_format.h"
#include "common/x509.h"

namespace daicho::agent {

namespace {

constexpr std::size_t kReportBatchBytes = 4u << 20;

bool NotReached(Code code) { return code == Code::kUnavailable || code == Code::kDeadlineExceeded; }

SectionRecord StartRecord(const v1::SectionState& state) {
  return {.name = state.name(),
          .status = v1::SectionStatus_Name(state.status()),
          .rows = state.row_count(),
          .outcome = state.status() == v1::FAILED ? "NOT_SENT" : "UNCHANGED",
          .message = state.reason()};
}

// The first row of a section that has one row; empty: none.
template <typename Row>
Row OnlyRow(const Collected& collected, std::string_view section) {
  Row row;
  for (const v1::Section& one : collected.sections) {
    if (one.name() == section && one.rows_size() > 0 && !row.ParseFromString(one.rows(0))) row.Clear();
  }
  return row;
}

v1::DeviceLine MakeLine(const CheckInInput& input) {
  const auto os = OnlyRow<v1::Os>(input.collected, "os");
  const auto hardware = OnlyRow<v1::Hardware>(input.collected, "hardware");
  v1::DeviceLine line;
  line.set_continuation(LoadContinuation(input.state));
  const std::string unanswered = LoadUnansweredInstance(input.state, line.continuation());
  line.set_instance(unanswered.empty() ? input.instance : unanswered);
  line.set_machine_id(os.machine_id());
  line.set_hardware_id(hardware.uuid().empty() ? hardware.serial() : hardware.uuid());
  line.set_hostname(os.hostname());
  return line;
}

v1::CheckInRequest MakeRequest(const CheckInInput& input, const v1::DeviceLine& line,
                               const std::vector<SectionReport>& reports, UnixTime now) {
  v1::CheckInRequest request;
  request.set_protocol(kProtocolVersion);
  request.set_agent_version(CutToBytes(input.agent_version, kMaxAgentVersionBytes));
  *request.mutable_agent_time() = ToTimestamp(now);
  *request.mutable_collected_at() = ToTimestamp(input.collected.collected_at);
  *request.mutable_line() = line;
  for (const SectionReport& report : reports) *request.add_sections() = report.State();
  v1::CycleUsage& usage = *request.mutable_last_cycle();
  usage.set_cpu_ms(input.last_cycle.cpu_ms);
  usage.set_peak_rss_kib(input.last_cycle.peak_rss_kib);
  usage.set_bytes_out(input.last_cycle.bytes_out);
  const std::vector<std::string>& overruns = input.last_cycle.overruns;
  for (std::size_t i = overruns.size() - std::min(overruns.size(), kMaxOverruns); i < overruns.size(); ++i) {
    usage.add_overruns(CutToBytes(overruns[i], kMaxOverrunBytes));
  }
  return request;
}

}  // namespace

bool RenewalIsDue(const Identity& identity, UnixTime now) {
  return now >= identity.not_before + (identity.not_after - identity.not_before) / 2;
}

CheckIn::CheckIn(CheckInInput input, const Clock& clock)
    : input_(std::move(input)), clock_(clock), line_(MakeLine(input_)), acknowledged_(input_.state) {
  for (v1::Section& section : input_.collected.sections) {
    reports_.emplace_back(std::move(section), acknowledged_);
    record_.sections.push_back(StartRecord(reports_.back().State()));
  }
  if (!input_.collected.complete) record_.warnings.push_back(input_.collected.problem);
}

CycleRecord CheckIn::Run(std::vector<std::unique_ptr<UplinkSession>>& sessions) {
  const auto failed = [&](Error error) {
    record_.code = static_cast<int>(error.code);
    record_.message = std::move(error.message);
    if (session_) record_.retry_after_seconds = session_->RetryAfterSeconds();
  };
  const auto answer = Ask(sessions);
  if (!answer) {
    for (SectionRecord& section : record_.sections) section.outcome = "NOT_SENT";
    failed(answer.error());
    return record_;
  }
  record_.next_check_in_seconds = answer->next_check_in_seconds();
  GoOnFrom(answer->continuation());
  RenewCertificate(answer->has_collector_time() ? FromTimestamp(answer->collector_time()) : clock_.Now());
  if (auto sent = SendWanted(*answer); !sent) {
    failed(std::move(sent.error()));
    return record_;
  }
  Judge();
  return record_;
}

Result<v1::CheckInResponse> CheckIn::Ask(std::vector<std::unique_ptr<UplinkSession>>& sessions) {
  const v1::CheckInRequest request = MakeRequest(input_, line_, reports_, clock_.Now());
  Error last{Code::kFailedPrecondition, "no collector is configured in agent.toml"};
  for (const auto& session : sessions) {
    session_ = session.get();
    auto answer = session->CheckIn(request);
    if (answer) return answer;
    last = std::move(answer.error());
    if (!NotReached(last.code)) break;
    if (session != sessions.back()) record_.warnings.push_back(last.message);
  }
  if (NotReached(last.code)) NoteUnanswered();
  const UnixTime now = clock_.Now();
  if (now > input_.identity.not_after) {
    last.message += "; this device's certificate expired " + FormatTime(input_.identity.not_after) +
                    ": ask the administrator for a new token, then run daicho-agent enrol --force";
  }
  return std::unexpected(std::move(last));
}

void CheckIn::NoteUnanswered() {
  if (const auto saved = SaveUnanswered(input_.state, line_); !saved) {
    record_.warnings.push_back(saved.error().message +
                               "; if the collector did take this check-in, it will take the next one for a copy's");
  }
}

// Before anything else is said: an agent that is killed here must come back as the one it was.
void CheckIn::GoOnFrom(const std::string& continuation) {
  if (continuation == line_.continuation()) return;
  line_.set_continuation(continuation);
  if (auto saved = SaveContinuation(input_.state, continuation); !saved) {
    record_.warnings.push_back(
        saved.error().message +
        "; if this goes on, the collector will take this device for a copy after its next start");
  }
}

Status CheckIn::SendWanted(const v1::CheckInResponse& answer) {
  std::vector<v1::SectionDelta> deltas;
  for (const v1::SectionWanted& wanted : answer.wanted()) {
    const SectionReport* report = FindReport(wanted.name());
    if (!report || report->State().status() == v1::FAILED) continue;
    deltas.push_back(report->Change(wanted.base_digest(), acknowledged_));
  }
  if (auto sent = Send(std::move(deltas), false); !sent) return sent;
  std::vector<v1::SectionDelta> full;
  for (const std::string& name : std::exchange(need_full_, {})) {
    if (const SectionReport* report = FindReport(name)) full.push_back(report->Everything());
  }
  return Send(std::move(full), true);
}

Status CheckIn::Send(std::vector<v1::SectionDelta> deltas, bool full) {
  v1::ReportRequest request;
  std::size_t batch_bytes = 0;
  for (v1::SectionDelta& delta : deltas) {
    const std::size_t size = delta.ByteSizeLong();
    if (size > kMaxMessageBytes - 1024) {
      SectionRecord& record = RecordOf(delta.name());
      record.outcome = "NOT_SENT";
      record.message = "its change of " + std::to_string(size) + " bytes is over the limit of one message, " +
                       std::to_string(kMaxMessageBytes) + " bytes; the collector keeps what it knows";
      continue;
    }
    if (batch_bytes > 0 && batch_bytes + size > kReportBatchBytes) {
      if (auto sent = SendBatch(request, full); !sent) return sent;
      request.Clear();
      batch_bytes = 0;
    }
    batch_bytes += size;
    *request.add_sections() = std::move(delta);
  }
  return request.sections().empty() ? Status() : SendBatch(request, full);
}

Status CheckIn::SendBatch(v1::ReportRequest& request, bool full) {
  request.set_protocol(kProtocolVersion);
  request.set_continuation(line_.continuation());
  *request.mutable_collected_at() = ToTimestamp(input_.collected.collected_at);
  for (const v1::SectionDelta& delta : request.sections()) {
    auto& sent = record_.sections_sent;
    if (std::find(sent.begin(), sent.end(), delta.name()) == sent.end()) sent.push_back(delta.name());
    RecordOf(delta.name()).outcome = "NO_ANSWER";
  }
  const auto answer = session_->Report(request);
  if (!answer) return std::unexpected(answer.error());
  if (answer->next_check_in_seconds() != 0) record_.next_check_in_seconds = answer->next_check_in_seconds();
  for (const v1::SectionResult& result : answer->results()) {
    for (const v1::SectionDelta& delta : request.sections()) {
      if (delta.name() == result.name()) TakeResult(result, delta, full);
    }
  }
  return {};
}

void CheckIn::TakeResult(const v1::SectionResult& result, const v1::SectionDelta& sent, bool full) {
  SectionRecord& record = RecordOf(result.name());
  record.outcome = v1::SectionOutcome_Name(result.outcome());
  if (record.outcome.empty()) record.outcome = "UNKNOWN_" + std::to_string(result.outcome());
  if (!result.message().empty()) record.message = CleanText(result.message());
  if (result.outcome() == v1::NEED_FULL && !full) need_full_.push_back(result.name());
  if (result.outcome() != v1::APPLIED) return;
  // What was sent is what the collector now has; for a PARTIAL section sent whole it is less than ReportedRows.
  const SectionReport* report = FindReport(result.name());
  if (sent.result_digest() == report->State().digest()) {
    auto saved = acknowledged_.Save(result.name(), input_.collected.collected_at, report->ReportedRows());
    if (!saved) record_.warnings.push_back(saved.error().message + "; the next report of this section is a full one");
  }
}

// Before the report: a report that fails each time must not let the certificate expire. The collector takes the old one
// until the new one is used, so this connection goes on.
void CheckIn::RenewCertificate(UnixTime now) {
  if (!RenewalIsDue(input_.identity, now)) return;
  const auto renew = [&]() -> Status {
    auto csr = NewCertificateRequest(input_.identity.private_key_pem, input_.identity.device_id);
    if (!csr) return std::unexpected(std::move(csr.error()));
    v1::RenewRequest request;
    request.set_protocol(kProtocolVersion);
    request.set_csr_pem(*csr);
    request.set_continuation(line_.continuation());
    const auto answer = session_->Renew(request);
    if (!answer) return std::unexpected(answer.error());
    const auto info = ReadCertificate(answer->certificate_pem());
    if (!info) return std::unexpected(info.error());
    const auto device_id = DeviceIdOf(info->identity_uri);
    if (!device_id || *device_id != input_.identity.device_id) {
      return Fail(Code::kInternal, "the collector sent a certificate for another device; it is not used");
    }
    return SaveRenewedCertificate(input_.state, answer->certificate_pem());
  };
  if (auto renewed = renew(); !renewed) {
    record_.warnings.push_back("certificate not renewed, valid until " + FormatTime(input_.identity.not_after) + ": " +
                               renewed.error().message);
  }
}

SectionReport* CheckIn::FindReport(const std::string& name) {
  const auto found =
      std::find_if(reports_.begin(), reports_.end(), [&](const auto& report) { return report.State().name() == name; });
  return found == reports_.end() ? nullptr : &*found;
}

SectionRecord& CheckIn::RecordOf(const std::string& name) {
  return *std::find_if(record_.sections.begin(), record_.sections.end(),
                       [&](const SectionRecord& record) { return record.name == name; });
}

// A check-in whose rows were not all taken is not a good one: the command says so, the next cycle tries again.
void CheckIn::Judge() {
  for (const SectionRecord& section : record_.sections) {
    const bool rejected =
        section.outcome == "REJECTED" || section.outcome == "NEED_FULL" || section.outcome == "NO_ANSWER";
    if (rejected) {
      record_.warnings.push_back("section " + section.name + ": " + section.outcome +
                                 (section.message.empty() ? "" : ": " + section.message));
    }
  }
}

}  // namespace daicho::agent
