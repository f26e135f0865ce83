// How the ledger stands, read from stores of both engines.
#include "collector/metrics/ledger_metrics.h"

#include <gmock/gmock.h>

#include <cmath>

#include "tests/collector/metrics/exposition_reader.h"
#include "tests/collector/store/reports.h"
#include "tests/collector/store/store_factory.h"

namespace daicho::collector::testing {
namespace {

using testing_metrics::ReadExposition;

class LedgerMetricsTest : public StoreTest {
 protected:
  testing_metrics::ReadMetrics Read() const {
    Exposition out;
    metrics_.WriteTo(out);
    const std::string text = out.Take();
    if (text.empty()) return {};
    auto read = ReadExposition(text);
    EXPECT_THAT(read.faults, ::testing::IsEmpty());
    return read;
  }
  void ExportRun(const std::string& name, UnixTime at, bool ok, const std::string& result) {
    CommitOne(store(),
              ExportRunWrite{.name = name, .at = at, .ok = ok, .result_text = result, .file = "", .result = {}});
  }

  LedgerMetrics metrics_{{"weekly", "daily", "new"}};
};

TEST_P(LedgerMetricsTest, DevicesAndOpenFindingsAreCountedAndZerosAreStated) {
  for (int i = 1; i <= 3; ++i) EnrolDevice(store(), DeviceId(i), "pc", kStart);
  CheckInOk(store(), DeviceId(1), {{"software", {}}}, kStart);
  CommitOne(store(),
            RevokeWrite{.device_id = DeviceId(3), .reason = "lost", .by = "admin", .at = kStart, .result = {}});
  FindingsWrite findings;
  findings.rule = "r";
  findings.severity = "high";
  findings.at = kStart;
  findings.candidates.push_back({.device_id = DeviceId(1), .subject = "root2", .evidence = {}});
  findings.candidates.push_back({.device_id = DeviceId(2), .subject = "root2", .evidence = {}});
  CommitOne(store(), findings);
  ASSERT_TRUE(metrics_.Refresh(store(), kStart + 5));
  const auto read = Read();
  double devices = 0;
  for (const auto& sample : read.families.at("daicho_devices").samples) devices += sample.value;
  EXPECT_EQ(devices, 3);
  EXPECT_EQ(read.Value("daicho_devices", {{"status", "revoked"}}), 1);
  EXPECT_EQ(read.Value("daicho_open_findings", {{"severity", "high"}}), 2);
  EXPECT_EQ(read.Value("daicho_open_findings", {{"severity", "medium"}}), 0);
  EXPECT_EQ(read.Value("daicho_ledger_refresh_timestamp_seconds"), kStart + 5);
}

TEST_P(LedgerMetricsTest, NothingIsSaidOfWhatWasNeverRead) {
  EXPECT_TRUE(Read().families.empty());
  metrics_.NoteSweep(false, kStart);
  EXPECT_EQ(Read().Value("daicho_findings_sweep_ok"), 0);
  EXPECT_TRUE(std::isnan(Read().Value("daicho_findings_sweep_last_success_timestamp_seconds")));
  metrics_.NoteSweep(true, kStart + 60);
  metrics_.NoteSweep(false, kStart + 120);
  EXPECT_EQ(Read().Value("daicho_findings_sweep_ok"), 0);
  EXPECT_EQ(Read().Value("daicho_findings_sweep_last_success_timestamp_seconds"), kStart + 60);
}

TEST_P(LedgerMetricsTest, ExportsAreThoseOfTheConfigurationWithTheirLastRun) {
  ExportRun("weekly", kStart, true, "");  // known since then, never ran
  ExportRun("daily", kStart, true, "ok: a file");
  ExportRun("daily", kStart + kDay, false, "failed: folder is away");
  ExportRun("of a former configuration", kStart, true, "ok: a file");
  ASSERT_TRUE(metrics_.Refresh(store(), kStart + kDay));
  const auto read = Read();
  EXPECT_EQ(read.families.at("daicho_export_ok").samples.size(), 1u);
  EXPECT_EQ(read.Value("daicho_export_ok", {{"name", "daily"}}), 0);
  EXPECT_EQ(read.Value("daicho_export_last_success_timestamp_seconds", {{"name", "daily"}}), kStart);
}

INSTANTIATE_TEST_SUITE_P(Stores, LedgerMetricsTest, ::testing::ValuesIn(AllStoreFactories()), FactoryName);

}  // namespace
}  // namespace daicho::collector::testing
