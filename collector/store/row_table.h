// A section kept row by row in a typed table (projection.h).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "collector/store/connection.h"
#include "collector/store/projection.h"
#include "collector/store/section_table.h"
#include "common/sections.h"

namespace daicho::collector {

class RowTable final : public SectionTable {
 public:
  RowTable(Connection& connection, const SectionType& type, const Projection& projection);

  std::unique_ptr<SectionChange> Change(std::int64_t device) override;

 private:
  class RowChange;

  Connection& connection_;
  const SectionType& type_;
  const Projection& projection_;
  std::vector<FieldPath> paths_;  // of the projection's columns
  const std::string insert_;
  const std::string select_;
  const std::string close_;
};

}  // namespace daicho::collector
