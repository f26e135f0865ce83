// A section kept row by row in a typed table (projection.h).
#pragma once

#include "collector/store/connection.h"
#include "collector/store/projection.h"
#include "collector/store/section_table.h"
#include "common/sections.h"

namespace daicho::collector {

class RowTable final : public SectionTable {
 public:
  RowTable(Connection& connection, const SectionType& type, const Projection& projection);

  Result<Rows> Load(std::int64_t device) override;
  std::optional<RowFault> FindFault(const Rows& rows) override;
  Status Replace(std::int64_t device, const Rows& rows, UnixTime at) override;

 private:
  Status Begin(std::int64_t device, const std::string& row, UnixTime at);

  Connection& connection_;
  const SectionType& type_;
  const Projection& projection_;
  const std::string insert_;
  const std::string select_;
  const std::string close_;
};

}  // namespace daicho::collector
