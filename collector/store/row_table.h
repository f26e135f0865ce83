// A section kept row by row in a typed table (projection.h).
#pragma once

#include <google/protobuf/message.h>

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

  Result<Rows> Load(std::int64_t device) override;
  // Keeps the parsed rows for Replace().
  std::optional<RowFault> FindFault(const Rows& rows) override;
  Status Replace(std::int64_t device, const Rows& rows, UnixTime at) override;

 private:
  void Begin(std::int64_t device, const std::string& row, const google::protobuf::Message& parsed, UnixTime at);

  Connection& connection_;
  const SectionType& type_;
  const Projection& projection_;
  std::vector<FieldPath> paths_;  // of the projection's columns
  const std::string insert_;
  const std::string select_;
  const std::string close_;
  std::vector<std::unique_ptr<google::protobuf::Message>> parsed_;  // the rows last asked about, in their order
};

}  // namespace daicho::collector
