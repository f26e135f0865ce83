// What the findings say about the packages of every device, for a report that has a line for each of them: only
// packages with findings are kept, in a few bytes each, and each text once.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "collector/reports/report.h"

namespace daicho::collector {

// Threads: one at a time.
class SoftwareVerdicts {
 public:
  // Of the open and waived findings of the rules about software. The store's errors.
  static Result<SoftwareVerdicts> Read(const ReportContext& context);

  // From now on Of() is asked about this device.
  void Enter(std::string_view device_id);

  // VerdictWithTitles() of a package, 指摘なし if it has no finding. Rules name a package ("libssl3") or one
  // architecture of it ("libssl3:amd64"). Valid as long as this lives.
  std::string_view Of(std::string_view name, std::string_view architecture);

 private:
  struct Found {
    const std::string* subject;
    const std::string* text;
  };
  struct Range {
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  void Add(const std::string& device_id, const std::string& subject, const std::string& text);
  const std::string* Keep(const std::string& text) { return &*texts_.insert(text).first; }

  std::string none_;
  std::unordered_set<std::string> texts_;           // subjects and verdicts: few, and the same on many devices
  std::vector<Found> found_;                        // device by device
  std::unordered_map<std::string, Range> devices_;  // by id, those that have findings
  std::unordered_map<std::string_view, const std::string*> here_;  // by subject, on the device entered
  std::string key_;
};

}  // namespace daicho::collector
