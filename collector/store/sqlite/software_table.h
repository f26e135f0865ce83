// The software section: content-addressed sets of dictionary items, and how each device has them (DESIGN §6).
#pragma once

#include <vector>

#include "collector/store/sqlite/dictionary.h"
#include "collector/store/sqlite/section_table.h"

namespace daicho::collector {

class SoftwareTable final : public SectionTable {
 public:
  SoftwareTable(Connection& connection, Dictionary& dictionary) : connection_(connection), dictionary_(dictionary) {}

  Result<Rows> Load(std::int64_t device) override;
  // Interns the items of the rows as a side effect.
  std::optional<RowFault> FindFault(const Rows& rows) override;
  Status Replace(std::int64_t device, const Rows& rows, UnixTime at) override;

 private:
  std::int64_t InternSet(std::string_view items, std::size_t count);

  Connection& connection_;
  Dictionary& dictionary_;
};

// Rows held now, for readers: without the writer's dictionary.
Result<Rows> LoadSoftware(Connection& connection, std::int64_t device);

}  // namespace daicho::collector
