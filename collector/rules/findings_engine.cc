#include "collector/rules/findings_engine.h"

#include <set>

#include "collector/rules/rule_text.h"
#include "common/time_format.h"

namespace daicho::collector {

namespace {

std::optional<std::string> EvidenceText(const SqlValue& value, EvidenceKind kind) {
  if (const auto* text = std::get_if<std::string>(&value)) return kind == EvidenceKind::kList ? JoinList(*text) : *text;
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    return kind == EvidenceKind::kTime ? FormatTime(*number) : std::to_string(*number);
  }
  if (const auto* number = std::get_if<double>(&value)) return std::to_string(*number);
  return std::nullopt;
}

Status CheckColumns(const Rule& rule, const std::vector<std::string>& columns) {
  std::set<std::string> wanted = {"device_id", "subject"};
  for (const auto& [name, kind] : rule.evidence) wanted.insert(name);
  const std::set<std::string> given(columns.begin(), columns.end());
  for (const std::string& name : wanted) {
    if (!given.contains(name)) {
      return Fail(Code::kInvalidArgument, "rule '" + rule.id + "': its SELECT gives no column '" + name + "'");
    }
  }
  for (const std::string& name : given) {
    if (!wanted.contains(name)) {
      return Fail(Code::kInvalidArgument,
                  "rule '" + rule.id + "': its SELECT gives a column '" + name + "' that [evidence] does not name");
    }
  }
  return {};
}

FindingCandidate ToCandidate(const Rule& rule, std::span<const std::string> columns, std::span<const SqlValue> values) {
  FindingCandidate candidate;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto kind = rule.evidence.find(columns[i]);
    const auto text = EvidenceText(values[i], kind == rule.evidence.end() ? EvidenceKind::kText : kind->second);
    if (!text) continue;
    if (columns[i] == "device_id") {
      candidate.device_id = *text;
    } else if (columns[i] == "subject") {
      candidate.subject = *text;
      candidate.evidence["subject"] = *text;
    } else if (kind != rule.evidence.end()) {
      candidate.evidence[columns[i]] = *text;
    }
  }
  return candidate;
}

Error InRule(const Rule& rule, const Error& error) { return {error.code, "rule '" + rule.id + "': " + error.message}; }

}  // namespace

Result<std::vector<FindingCandidate>> EvaluateRule(const Store& store, const Rule& rule, UnixTime now,
                                                   std::int64_t limit_ms) {
  SelectRequest request;
  request.sql = rule.select;
  request.limit_ms = limit_ms;
  for (const std::string& name : rule.bound) {
    request.parameters[name] = name == "now" ? SqlValue(now) : rule.parameters.at(name);
  }
  std::vector<FindingCandidate> candidates;
  std::set<std::pair<std::string, std::string>> named;
  const RowSink sink = [&](std::span<const std::string> columns, std::span<const SqlValue> values) {
    FindingCandidate candidate = ToCandidate(rule, columns, values);
    if (named.emplace(candidate.device_id, candidate.subject).second) candidates.push_back(std::move(candidate));
    return true;
  };
  std::vector<std::string> columns;
  if (auto done = store.Select(request, sink, &columns); !done) return std::unexpected(InRule(rule, done.error()));
  if (auto right = CheckColumns(rule, columns); !right) return std::unexpected(right.error());
  return candidates;
}

FindingsEngine::FindingsEngine(Store& store, GroupCommitter& committer, const Clock& clock, RuleSet rules)
    : store_(store), committer_(committer), clock_(clock), rules_(std::move(rules)) {}

Status FindingsEngine::RefreshNow() {
  const std::lock_guard lock(mutex_);
  return Evaluate();
}

Status FindingsEngine::Refresh() {
  const std::lock_guard lock(mutex_);
  const UnixTime age = clock_.Now() - seen_at_;
  // A clock that was set back makes the age negative; what was judged then may be wrong now.
  if (fresh_ && store_.ChangeCount() == seen_changes_ && age >= 0 && age < kFindingsMaxAge) return {};
  return Evaluate();
}

Status FindingsEngine::Evaluate() {
  // Read before the evaluation: a report that is committed meanwhile must cause another one.
  seen_changes_ = store_.ChangeCount();
  seen_at_ = clock_.Now();
  Status outcome;
  const auto note = [&outcome](const Status& done) {
    if (done) return;
    if (outcome) {
      outcome = done;
    } else {
      outcome.error().message += "; " + done.error().message;
    }
  };
  for (const Rule& rule : rules_.rules()) note(Commit(rule, seen_at_));
  note(ResolveOrphans(seen_at_));
  fresh_ = outcome.has_value();
  return outcome;
}

Status FindingsEngine::Commit(const Rule& rule, UnixTime now) {
  auto candidates = EvaluateRule(store_, rule, now);
  if (!candidates) return std::unexpected(candidates.error());
  FindingsWrite write{.rule = rule.id,
                      .severity = std::string(SeverityName(rule.severity)),
                      .at = now,
                      .candidates = *std::move(candidates),
                      .result = {}};
  const auto written = committer_.Submit(std::move(write));
  if (!written) return std::unexpected(InRule(rule, written.error()));
  if (!written->result) return std::unexpected(InRule(rule, written->result.error()));
  return {};
}

Status FindingsEngine::ResolveOrphans(UnixTime now) {
  std::vector<std::pair<std::string, std::string>> orphans;  // rule, severity
  SelectRequest request;
  request.sql = "SELECT DISTINCT rule, severity FROM finding WHERE status <> 'resolved'";
  const RowSink sink = [&](std::span<const std::string>, std::span<const SqlValue> values) {
    const auto* rule = std::get_if<std::string>(&values[0]);
    const auto* severity = std::get_if<std::string>(&values[1]);
    if (rule != nullptr && severity != nullptr && rules_.Find(*rule) == nullptr) orphans.emplace_back(*rule, *severity);
    return true;
  };
  if (auto done = store_.Select(request, sink); !done) return done;
  for (const auto& [rule, severity] : orphans) {
    const auto written =
        committer_.Submit(FindingsWrite{.rule = rule, .severity = severity, .at = now, .candidates = {}, .result = {}});
    if (!written) return std::unexpected(written.error());
    if (!written->result) return std::unexpected(written->result.error());
  }
  return {};
}

}  // namespace daicho::collector
