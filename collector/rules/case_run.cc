#include "collector/rules/case_run.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "collector/rules/findings_engine.h"
#include "common/sections.h"
#include "common/time_format.h"

namespace daicho::collector {

namespace {

constexpr const char* kDeviceId = "00000000000000000000000000000001";
constexpr const char* kHostname = "pc-0001";
constexpr const char* kSerial = "01";
constexpr const char* kMachine = "machine-of-pc-0001";
constexpr UnixTime kLongEnough = 100LL * 365 * 86'400;  // for the token and the certificate

using Sections = std::map<std::string, Rows>;

// Commits one write and gives it back with its result.
template <typename Write>
Result<Write> CommitOne(Store& store, Write write) {
  std::vector<StoreWrite> batch;
  batch.emplace_back(std::move(write));
  if (auto committed = store.Commit(batch); !committed) return std::unexpected(committed.error());
  Write done = std::get<Write>(std::move(batch.front()));
  if (!done.result) return std::unexpected(done.result.error());
  return done;
}

template <typename Write>
Status Committed(Store& store, Write write) {
  const auto done = CommitOne(store, std::move(write));
  return done ? Status() : std::unexpected(done.error());
}

Status Enrol(Store& store, UnixTime at) {
  TokenWrite token;
  token.token_hashes = {Hex(Sha256("case"))};
  token.created_by = "case";
  token.created_at = at;
  token.expires_at = at + kLongEnough;
  EnrolWrite enrol;
  enrol.token_hash = token.token_hashes.front();
  enrol.device_id = kDeviceId;
  enrol.hostname = kHostname;
  enrol.certificate_serial = kSerial;
  enrol.certificate_not_after = at + kLongEnough;
  enrol.at = at;
  if (auto done = Committed(store, std::move(token)); !done) return done;
  return Committed(store, std::move(enrol));
}

CheckInWrite CheckInAt(UnixTime at, std::shared_ptr<const v1::CheckInRequest> request) {
  CheckInWrite write;
  write.device_id = kDeviceId;
  write.caller_serial = kSerial;
  write.at = at;
  write.request = std::move(request);
  return write;
}

Status CheckIn(Store& store, const Sections& sections, UnixTime at, std::optional<std::int64_t> clock_skew_seconds) {
  auto request = std::make_shared<v1::CheckInRequest>();
  request->mutable_line()->set_machine_id(kMachine);
  if (clock_skew_seconds) *request->mutable_agent_time() = ToTimestamp(at + *clock_skew_seconds);
  for (const auto& [name, rows] : sections) {
    v1::SectionState& state = *request->add_sections();
    state.set_name(name);
    state.set_status(v1::OK);
    state.set_digest(DigestRows(rows));
    state.set_row_count(static_cast<std::uint32_t>(rows.size()));
  }
  return Committed(store, CheckInAt(at, std::move(request)));
}

Status Report(Store& store, const Sections& sections, UnixTime at) {
  auto request = std::make_shared<v1::ReportRequest>();
  for (const auto& [name, rows] : sections) {
    v1::SectionDelta& delta = *request->add_sections();
    MakeFull(rows, delta);
    delta.set_name(name);
    delta.set_status(v1::OK);
  }
  ReportWrite write;
  write.device_id = kDeviceId;
  write.caller_serial = kSerial;
  write.at = at;
  write.request = std::move(request);
  const auto done = CommitOne(store, std::move(write));
  if (!done) return std::unexpected(done.error());
  for (const v1::SectionResult& section : *done->result) {
    if (section.outcome() == v1::APPLIED) continue;
    return Fail(Code::kDataLoss, "rows of section '" + section.name() + "' are refused: " + section.message());
  }
  return {};
}

Status CheckInAndReport(Store& store, const RuleCase& rule_case, const Sections& sections, UnixTime at) {
  const bool is_right = rule_case.clock_right_from && at >= *rule_case.clock_right_from;
  const auto skew = is_right ? std::optional<std::int64_t>(0) : rule_case.clock_skew_seconds;
  if (auto done = CheckIn(store, sections, at, skew); !done) return done;
  return Report(store, sections, at);
}

Status CheckInFailed(Store& store, const std::vector<std::string>& sections, UnixTime at) {
  auto request = std::make_shared<v1::CheckInRequest>();
  for (const std::string& name : sections) {
    v1::SectionState& state = *request->add_sections();
    state.set_name(name);
    state.set_status(v1::FAILED);
    state.set_reason("cannot be read");
  }
  return Committed(store, CheckInAt(at, std::move(request)));
}

Status Claim(Store& store, const CaseClaim& claim) {
  auto request = std::make_shared<v1::CheckInRequest>();
  request->mutable_line()->set_machine_id(claim.machine);
  request->mutable_line()->set_hostname(claim.hostname);
  CheckInWrite write = CheckInAt(claim.at, std::move(request));
  write.from = claim.address;
  return Committed(store, std::move(write));
}

Sections SectionsOf(const RuleCase& rule_case) {
  Sections sections = rule_case.rows;
  if (!sections.empty()) return sections;
  v1::Os os;  // a device that reports has at least this
  os.set_hostname(kHostname);
  os.set_id("debian");
  sections["os"] = {RowBytes(os)};
  return sections;
}

Status Feed(Store& store, const RuleCase& rule_case) {
  if (auto done = Enrol(store, rule_case.enrolled); !done) return done;
  const Sections sections = SectionsOf(rule_case);
  Sections empty;
  for (const auto& [name, rows] : sections) empty[name] = {};
  struct Event {
    UnixTime at;
    std::function<Status()> run;
  };
  std::vector<Event> events;
  for (const auto& [at, reported] :
       {std::pair{rule_case.since, sections}, {rule_case.gone, empty}, {rule_case.reported, sections}}) {
    if (!at) continue;
    events.push_back(
        {*at, [&, time = *at, rows = reported] { return CheckInAndReport(store, rule_case, rows, time); }});
  }
  for (const CaseClaim& claim : rule_case.claims) events.push_back({claim.at, [&] { return Claim(store, claim); }});
  std::ranges::sort(events, {}, [&](const Event& event) { return std::pair(event.at, &event); });
  for (const Event& event : events) {
    if (auto done = event.run(); !done) return done;
  }
  if (!rule_case.failed.empty()) {
    if (auto done = CheckInFailed(store, rule_case.failed, rule_case.now); !done) return done;
  }
  if (!rule_case.revoked) return {};
  return Committed(
      store,
      RevokeWrite{.device_id = kDeviceId, .reason = "discarded", .by = "admin", .at = rule_case.now, .result = {}});
}

Status Override(Rule& rule, const RuleCase& rule_case) {
  for (const auto& [name, value] : rule_case.parameters) {
    const auto known = rule.parameters.find(name);
    if (known == rule.parameters.end()) {
      return Fail(Code::kDataLoss, rule_case.place + ": the rule has no parameter '" + name + "'");
    }
    known->second = value;
  }
  return {};
}

using EvidenceOf = std::map<std::string, std::map<std::string, std::string>>;  // by subject

// Empty: as expected. Otherwise what differs, "; " between.
std::string Differences(EvidenceOf found, const std::vector<ExpectedFinding>& expected_findings) {
  std::string text;
  const auto add = [&text](const std::string& what) { text += (text.empty() ? "" : "; ") + what; };
  for (const ExpectedFinding& expected : expected_findings) {
    const auto of_subject = found.find(expected.subject);
    if (of_subject == found.end()) {
      add("no finding for '" + expected.subject + "'");
      continue;
    }
    for (const auto& [column, wanted] : expected.evidence) {
      const auto is = of_subject->second.find(column);
      const std::string given = is == of_subject->second.end() ? "nothing" : "'" + is->second + "'";
      if (given == "'" + wanted + "'") continue;
      add("the finding for '" + expected.subject + "' has " + column + " " + given + " instead of '" + wanted + "'");
    }
    found.erase(of_subject);
  }
  for (const auto& [subject, evidence] : found) add("a finding for '" + subject + "' that is not expected");
  return text;
}

}  // namespace

Status FeedCase(Store& store, const RuleCase& rule_case) {
  const auto fed = Feed(store, rule_case);
  return fed ? Status() : Fail(Code::kDataLoss, rule_case.place + ": " + fed.error().message);
}

Status RunCase(Store& store, Rule rule, const RuleCase& rule_case) {
  if (auto done = Override(rule, rule_case); !done) return done;
  if (auto done = FeedCase(store, rule_case); !done) return done;
  const auto candidates = EvaluateRule(store, rule, {.now = rule_case.now});
  if (!candidates) return Fail(Code::kDataLoss, rule_case.place + ": " + candidates.error().message);
  EvidenceOf found;
  for (const FindingCandidate& candidate : *candidates) found[candidate.subject] = candidate.evidence;
  const std::string differences = Differences(std::move(found), rule_case.expected);
  return differences.empty() ? Status() : Fail(Code::kDataLoss, rule_case.place + ": " + differences);
}

}  // namespace daicho::collector
