#include "tests/collector/rules/case_runner.h"

#include <algorithm>
#include <filesystem>
#include <stdexcept>

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

}  // namespace daicho::collector::testing
