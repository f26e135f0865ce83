// How the rows of one section are kept, with their history. Rows are ordered (common/delta.h) wherever they pass here.
// Threads: the writer's only. The engine's errors stick to the connection.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "common/clock.h"
#include "common/delta.h"

namespace daicho::collector {

// A row that cannot be kept, by its index.
struct RowFault {
  std::size_t row = 0;
  std::string reason;
};

// One change of one device's section, from what is held to what is to be held, within one transaction.
class SectionChange {
 public:
  virtual ~SectionChange() = default;

  // Rows held before; their bytes are this object's. kDataLoss.
  virtual Result<RowViews> Load() = 0;

  // A row that does not parse, or whose key another row has. Rows of Load(), the very bytes, were looked at before.
  virtual std::optional<RowFault> FindFault(const RowViews& rows) = 0;

  // Ends the periods of rows that are no longer, and begins those of new ones. Precondition: `rows` are what
  // FindFault() was last asked about, and it found none; `at` is not before the last change.
  virtual Status Replace(const RowViews& rows, UnixTime at) = 0;
};

class SectionTable {
 public:
  virtual ~SectionTable() = default;

  // The table must outlive it.
  virtual std::unique_ptr<SectionChange> Change(std::int64_t device) = 0;
};

}  // namespace daicho::collector
