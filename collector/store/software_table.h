// The software section: content-addressed sets of dictionary items, and how each device has them (DESIGN §6).
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "collector/store/dictionary.h"
#include "collector/store/item_reader.h"
#include "collector/store/section_table.h"

namespace daicho::collector {

class SoftwareTable final : public SectionTable {
 public:
  // All must outlive this.
  SoftwareTable(Connection& connection, Dictionary& dictionary, ContentTable& sets)
      : connection_(connection), dictionary_(dictionary), sets_(sets) {}

  Result<Rows> Load(std::int64_t device) override;
  // Looks the items of the rows up, and keeps what it finds for Replace().
  std::optional<RowFault> FindFault(const Rows& rows) override;
  Status Replace(std::int64_t device, const Rows& rows, UnixTime at) override;

 private:
  // Tails as software_period keeps them: whole, or as a patch of an earlier period of the device that has them whole.
  struct StoredTails {
    std::optional<std::int64_t> base;
    std::string tails;
  };

  std::optional<RowFault> FindTwin(const Rows& rows) const;
  Result<StoredTails> PackTails(std::int64_t device, std::span<const ItemId> ids,
                                std::span<const std::string_view> tails);

  Connection& connection_;
  Dictionary& dictionary_;
  ContentTable& sets_;
  // Items of the rows last asked about, in their order, and what is known of them.
  std::vector<std::string_view> items_;
  std::vector<Dictionary::Item> checked_;
};

// Rows held now, or at `at`, for readers: without the writer's dictionary.
Result<Rows> LoadSoftware(Connection& connection, std::int64_t device, std::optional<UnixTime> at, ItemReader& items);

}  // namespace daicho::collector
