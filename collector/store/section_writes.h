// Check-ins and reports. As device_writes.h: results in the write, the engine's errors stick, the caller rolls back.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "collector/store/connection.h"
#include "collector/store/dictionary.h"
#include "collector/store/section_table.h"
#include "collector/store/store.h"
#include "common/sections.h"

namespace daicho::collector {

// From `at` on the section is what section_state says of it now (view section_history). Precondition: not before the
// period that holds.
void BeginSectionPeriod(Connection& connection, std::int64_t device, std::string_view section, UnixTime at);

class SectionWriter {
 public:
  // All must outlive this.
  SectionWriter(Connection& connection, Dictionary& dictionary, ContentTable& sets);

  void Apply(CheckInWrite& write);
  void Apply(ReportWrite& write);

 private:
  // When something was said, and when it counts from in the history.
  struct Moment {
    UnixTime said = 0;
    UnixTime dated = 0;
  };
  // False: nothing new.
  bool RecordStates(std::int64_t device, const v1::CheckInRequest& request, UnixTime at,
                    std::vector<v1::SectionWanted>& wanted);
  v1::SectionResult ApplyDeltaTo(std::int64_t device, const v1::SectionDelta& delta, UnixTime at);
  v1::SectionResult Keep(std::int64_t device, const v1::SectionDelta& delta, SectionChange& change, RowViews rows,
                         Moment at);
  void RecordHeld(std::int64_t device, const v1::SectionDelta& delta, std::string_view digest, std::size_t row_count,
                  bool merged, UnixTime at);

  // What is left to do once the rows are there; a rejected section leaves no trace.
  v1::SectionResult TryToKeep(std::int64_t device, const v1::SectionDelta& delta, SectionChange& change,
                              const RowViews& rows, Moment at);

  Connection& connection_;
  Dictionary& dictionary_;
  std::map<std::string, std::unique_ptr<SectionTable>, std::less<>> tables_;
  bool changed_ = false;  // by the report in hand
};

}  // namespace daicho::collector
