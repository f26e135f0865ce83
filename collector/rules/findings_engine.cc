#include "collector/rules/findings_engine.h"

namespace daicho::collector {

namespace {

// More devices than this are judged faster by a look at the whole ledger.
constexpr std::size_t kMaxDevicesOneByOne = 50;

Error InRule(const Rule& rule, const Error& error) { return {error.code, "rule '" + rule.id + "': " + error.message}; }

}  // namespace

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
  if (!fresh_ || age < 0 || age >= kFindingsMaxAge) return Evaluate();
  const LedgerChanges changes = store_.ChangesSince(seen_changes_);
  if (changes.count == seen_changes_) return {};
  if (!changes.devices || changes.devices->size() > kMaxDevicesOneByOne) return Evaluate();
  return EvaluateDevices(changes);
}

Status FindingsEngine::Evaluate() {
  // Read before the evaluation: a report that is committed meanwhile must cause another one.
  seen_changes_ = store_.ChangesSince(0).count;
  seen_at_ = clock_.Now();
  verdicts_.clear();
  Outcome outcome;
  for (const Rule& rule : rules_.rules()) outcome.Note(Commit(rule, "", seen_at_, outcome.store_refuses));
  if (!outcome.store_refuses) outcome.Note(ResolveOrphans(seen_at_));
  fresh_ = outcome.status.has_value();
  return outcome.status;
}

Status FindingsEngine::EvaluateDevices(const LedgerChanges& changes) {
  const UnixTime now = clock_.Now();
  Outcome outcome;
  for (const std::string& device : *changes.devices) {
    for (const Rule& rule : rules_.rules()) outcome.Note(Commit(rule, device, now, outcome.store_refuses));
  }
  seen_changes_ = changes.count;
  fresh_ = outcome.status.has_value();
  return outcome.status;
}

void FindingsEngine::Outcome::Note(const Status& done) {
  if (done) return;
  if (status) {
    status = done;
  } else if (status.error().message.find(done.error().message) == std::string::npos) {
    status.error().message += "; " + done.error().message;
  }
}

Status FindingsEngine::Commit(const Rule& rule, const std::string& device, UnixTime now, bool& store_refuses) {
  if (store_refuses) return {};
  auto candidates = EvaluateRule(store_, rule, {.now = now, .device_id = device, .verdicts = &verdicts_[rule.id]});
  if (!candidates) return std::unexpected(candidates.error());
  FindingsWrite write{.rule = rule.id,
                      .severity = std::string(SeverityName(rule.severity)),
                      .device_id = device,
                      .at = now,
                      .candidates = *std::move(candidates),
                      .result = {}};
  const auto written = committer_.Submit(std::move(write));
  store_refuses = !written;
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
    const auto written = committer_.Submit(
        FindingsWrite{.rule = rule, .severity = severity, .device_id = {}, .at = now, .candidates = {}, .result = {}});
    if (!written) return std::unexpected(written.error());
    if (!written->result) return std::unexpected(written->result.error());
  }
  return {};
}

}  // namespace daicho::collector
