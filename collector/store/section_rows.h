// The rows of a section, of now or of any moment of the past. Threads: as the connection.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "collector/store/connection.h"
#include "collector/store/item_reader.h"
#include "common/clock.h"
#include "common/delta.h"

namespace daicho::collector {

// SQL for "held at ?2" of a table with valid_from and valid_to. A period that ended in the second in which it began
// held at no time.
inline constexpr const char* kHeldThen = "valid_from <= ?2 AND (valid_to IS NULL OR valid_to > ?2)";

// Ordered rows that are held, or were at `at`; none: nothing was, or the section is not known. kDataLoss; the engine's
// errors.
Result<Rows> LoadSectionRows(Connection& connection, std::int64_t device, std::string_view section,
                             std::optional<UnixTime> at = {});
// The same, with a reader that goes on to the next device. It must be of the same connection.
Result<Rows> LoadSectionRows(Connection& connection, std::int64_t device, std::string_view section,
                             std::optional<UnixTime> at, ItemReader& items);

// The digest that was stated of them; absent: nothing is, or was, held.
Result<std::optional<std::string>> LoadSectionDigest(Connection& connection, std::int64_t device,
                                                     std::string_view section, std::optional<UnixTime> at = {});

// LoadSectionRows, proved by the digest. kDataLoss: they do not have it; the message names section and moment. What was
// held before the ledger kept digests is given as it is.
Result<Rows> LoadProvenRows(Connection& connection, std::int64_t device, std::string_view section,
                            std::optional<UnixTime> at = {});

}  // namespace daicho::collector
