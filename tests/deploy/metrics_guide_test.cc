// The guides and the example alerts name the metrics that the collector has: all of them, and no others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <string>

#include "collector/metrics/call_metrics.h"
#include "collector/metrics/commit_metrics.h"
#include "collector/metrics/ledger_metrics.h"
#include "collector/metrics/process_metrics.h"
#include "collector/metrics/report_metrics.h"
#include "common/files.h"
#include "tests/collector/metrics/exposition_reader.h"
#include "tests/collector/store/store_factory.h"

namespace daicho::collector {
namespace {

std::set<std::string> Exposed() {
  const auto place = testing::PlaceOfEnvironment();
  const auto store = place->Open();
  StoreWrite run = ExportRunWrite{.name = "weekly", .at = 1, .ok = true, .result_text = "ok", .file = "", .result = {}};
  EXPECT_TRUE(store->Commit({&run, 1}));
  LedgerMetrics ledger({"weekly"});
  EXPECT_TRUE(ledger.Refresh(*store, 2));
  ledger.NoteSweep(true, 2);
  ledger.NoteProof(true, 2);
  Exposition out;
  CallMetrics().WriteTo(out);
  ReportMetrics().WriteTo(out);
  CommitMetrics().WriteTo({}, out);
  ledger.WriteTo(out);
  WriteProcessMetrics("1", 1, out);
  std::set<std::string> names;
  for (const auto& [name, family] : testing_metrics::ReadExposition(out.Take()).families) names.insert(name);
  return names;
}

// Words that are names of metrics, those of a histogram's samples as the histogram's.
std::set<std::string> NamedIn(const std::string& file) {
  const auto text = ReadFile(DAICHO_SOURCE "/deploy/" + file, 1u << 20);
  EXPECT_TRUE(text) << file;
  std::set<std::string> names;
  const std::regex word("\\b(daicho_[a-z_]+|process_[a-z_]+)\\b");
  for (std::sregex_iterator found(text->begin(), text->end(), word), end; found != end; ++found) {
    names.insert(std::regex_replace(found->str(), std::regex("_(bucket|count|sum)$"), ""));
  }
  return names;
}

TEST(MetricsGuide, GuidesNameEachMetric) {
  const std::set<std::string> exposed = Exposed();
  EXPECT_EQ(NamedIn("docs/operator-guide.en.md"), exposed);
  EXPECT_EQ(NamedIn("docs/operator-guide.ja.md"), exposed);
}

TEST(MetricsGuide, AlertsAreAboutMetricsThatAreThere) {
  const std::set<std::string> named = NamedIn("examples/prometheus-alerts.yml");
  EXPECT_GT(named.size(), 5u);
  EXPECT_THAT(Exposed(), ::testing::IsSupersetOf(named));
}

}  // namespace
}  // namespace daicho::collector
