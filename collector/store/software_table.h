// The software section: content-addressed sets of dictionary items, and how each device has them (DESIGN §6).
#pragma once

#include <memory>
#include <optional>

#include "collector/store/dictionary.h"
#include "collector/store/item_reader.h"
#include "collector/store/section_table.h"

namespace daicho::collector {

class SoftwareTable final : public SectionTable {
 public:
  // All must outlive this.
  SoftwareTable(Connection& connection, Dictionary& dictionary, ContentTable& sets)
      : connection_(connection), dictionary_(dictionary), sets_(sets) {}

  std::unique_ptr<SectionChange> Change(std::int64_t device) override;

 private:
  Connection& connection_;
  Dictionary& dictionary_;
  ContentTable& sets_;
};

// Rows held now, or at `at`, for readers: without the writer's dictionary.
Result<Rows> LoadSoftware(Connection& connection, std::int64_t device, std::optional<UnixTime> at, ItemReader& items);

}  // namespace daicho::collector
