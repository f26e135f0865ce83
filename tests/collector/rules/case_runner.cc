#include "tests/collector/rules/case_runner.h"

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "tests/collector/store/reports.h"

namespace daicho::collector::testing {

namespace {

template <typename Value>
Value OrThrow(Result<Value> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return *std::move(result);
}

}  // namespace

std::vector<std::string> ShippedRuleFiles() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(DAICHO_SOURCE "/deploy/rules")) {
    files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

Checklist ShippedChecklist() { return OrThrow(LoadChecklist(DAICHO_SOURCE "/deploy/checklists/keiyaku-an.toml")); }

RuleSet ShippedRules() { return OrThrow(LoadRules(DAICHO_SOURCE "/deploy/rules", {}, ShippedChecklist())); }

void FeedCase(Store& store, const RuleCase& rule_case) {
  const std::string id = DeviceId(1);
  EnrolDevice(store, id, "pc-0001", rule_case.enrolled);
  if (rule_case.reported) {
    std::map<std::string, Rows> sections = rule_case.rows;
    if (sections.empty()) sections["os"] = {OsRow("pc-0001")};
    CheckInOk(store, id, sections, *rule_case.reported);
    for (const auto& [name, rows] : sections) {
      const v1::SectionResult fed = FeedSection(store, id, name, rows, *rule_case.reported);
      if (fed.outcome() != v1::APPLIED) throw std::runtime_error(rule_case.place + ": " + fed.message());
    }
  }
  if (!rule_case.failed.empty()) {
    CheckInWrite check_in{.device_id = id, .at = rule_case.now, .request = {}, .result = {}};
    for (const std::string& name : rule_case.failed) {
      v1::SectionState& section = *check_in.request.add_sections();
      section.set_name(name);
      section.set_status(v1::FAILED);
      section.set_reason("cannot be read");
    }
    if (auto done = CommitOne(store, std::move(check_in)); !done.result) {
      throw std::runtime_error(done.result.error().message);
    }
  }
  if (rule_case.revoked) {
    CommitOne(store, RevokeWrite{.device_id = id, .reason = "discarded", .at = rule_case.now, .result = {}});
  }
}

}  // namespace daicho::collector::testing
