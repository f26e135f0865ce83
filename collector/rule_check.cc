#include "collector/rule_check.h"

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <utility>

#include "collector/rules/case_run.h"
#include "collector/rules/findings_engine.h"
#include "collector/store/sqlite_store.h"
#include "common/files.h"

namespace daicho::collector {

namespace {

// An empty store that goes when this does.
class TemporaryStore {
 public:
  static Result<std::unique_ptr<TemporaryStore>> Make() {
    std::error_code error;
    std::string pattern = (std::filesystem::temp_directory_path(error) / "daicho_rules_XXXXXX").string();
    if (error || ::mkdtemp(pattern.data()) == nullptr) {
      return Fail(Code::kFailedPrecondition, "rules cannot be tried: no temporary folder " + pattern +
                                                 " can be made; free some space or set TMPDIR");
    }
    auto made = std::unique_ptr<TemporaryStore>(new TemporaryStore(std::move(pattern)));
    auto store = OpenSqliteStore(made->folder_ + "/ledger.sqlite", {.create = true, .check = false});
    if (!store) return std::unexpected(store.error());
    made->store_ = std::move(*store);
    return made;
  }
  ~TemporaryStore() {
    store_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  TemporaryStore(const TemporaryStore&) = delete;
  TemporaryStore& operator=(const TemporaryStore&) = delete;

  Store& store() { return *store_; }

 private:
  explicit TemporaryStore(std::string folder) : folder_(std::move(folder)) {}

  const std::string folder_;
  std::unique_ptr<Store> store_;
};

Result<std::vector<RuleCase>> CasesOf(const std::string& rules_folder, const Rule& rule) {
  const std::string file = (std::filesystem::path(rules_folder) / (rule.id + ".toml")).string();
  const auto text = ReadFile(file);
  if (!text) return std::unexpected(text.error());
  return ParseRuleCases(*text, file);
}

}  // namespace

Status ProveSelects(const RuleSet& rules) {
  const auto temporary = TemporaryStore::Make();
  if (!temporary) return std::unexpected(temporary.error());
  for (const Rule& rule : rules.rules()) {
    const auto found = EvaluateRule((*temporary)->store(), rule, {});
    if (!found) return Fail(Code::kDataLoss, rule.place + ": " + found.error().message);
  }
  return {};
}

Result<std::size_t> RunRuleCases(const std::string& rules_folder, const RuleSet& rules) {
  std::size_t count = 0;
  std::string failures;
  for (const Rule& rule : rules.rules()) {
    const auto cases = CasesOf(rules_folder, rule);
    if (!cases) return std::unexpected(cases.error());
    for (const RuleCase& rule_case : *cases) {
      const auto temporary = TemporaryStore::Make();
      if (!temporary) return std::unexpected(temporary.error());
      ++count;
      const auto done = RunCase((*temporary)->store(), rule, rule_case);
      if (!done) failures += (failures.empty() ? "" : "\n") + done.error().message;
    }
  }
  if (!failures.empty()) return Fail(Code::kDataLoss, failures);
  return count;
}

}  // namespace daicho::collector
