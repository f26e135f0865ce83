// How the rows of one section are kept, with their history. Rows are ordered (common/delta.h) wherever they pass here.
// Threads: the writer's only. The engine's errors stick to the connection.
#pragma once

#include <cstdint>
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

class SectionTable {
 public:
  virtual ~SectionTable() = default;

  // Rows held now. kDataLoss.
  virtual Result<Rows> Load(std::int64_t device) = 0;

  // A row that does not parse, or whose key another row has.
  virtual std::optional<RowFault> FindFault(const Rows& rows) = 0;

  // Ends the periods of rows that are no longer, and begins those of new ones. Precondition: `rows` are what
  // FindFault() was last asked about, and it found none; `at` is not before the last change.
  virtual Status Replace(std::int64_t device, const Rows& rows, UnixTime at) = 0;
};

}  // namespace daicho::collector
