// The two blobs of a device's software: which items (shared by identical machines), and how this machine has them.
//
// Items: ascending distinct item ids as LEB128 varints of the differences (the first one against 0, so never 0).
// Tails: one byte string an item, in the order of the ids. The lengths as varints, then the bytes column by column
// (all first bytes, all second bytes, …), compressed with zstd (RFC 8878). Tails are mostly time stamps of one
// length: column by column their constant bytes vanish and the others meet their like.
// No tail at all (every one empty) is the empty blob.
// Patch: the tails of a later set against those of a base. A tail that the base has for the same item is left out: the
// number of the others and their positions (from 1, as items are written), then they themselves as tails.
// Pure; thread-safe; decoders accept any bytes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"

namespace daicho::collector {

using ItemId = std::uint32_t;  // as store.h has it

// Precondition: ascending, distinct, none 0.
std::string EncodeItems(std::span<const ItemId> ids);

// kDataLoss: not an encoding of ascending ids.
Result<std::vector<ItemId>> DecodeItems(std::string_view items);

enum class TailCoding { kZstd, kPlain };

std::string EncodeTails(std::span<const std::string_view> tails, TailCoding coding = TailCoding::kZstd);

// kDataLoss: not an encoding of `count` tails, or larger than kMaxTailBytes.
Result<std::vector<std::string>> DecodeTails(std::string_view blob, std::size_t count);

// The one tail at `position`, without building the others. Same errors.
Result<std::string> DecodeTail(std::string_view blob, std::size_t count, std::size_t position);

// A set of items and the tails that belong to it, decoded. ids.size() == tails.size().
struct ItemTails {
  std::vector<ItemId> ids;
  std::vector<std::string> tails;
};

// Precondition: as many tails as ids.
std::string EncodePatch(std::span<const ItemId> ids, std::span<const std::string_view> tails, const ItemTails& base,
                        TailCoding coding = TailCoding::kZstd);

// kDataLoss: not a patch, or an item that is in neither.
Result<std::vector<std::string>> ApplyPatch(std::string_view patch, std::span<const ItemId> ids, const ItemTails& base);

// What EncodeTails or EncodePatch made, as the other coding has it. kDataLoss: it is neither.
Result<std::string> RecodeTails(std::string_view blob, TailCoding coding);
Result<std::string> RecodePatch(std::string_view patch, TailCoding coding);

inline constexpr std::size_t kMaxTailBytes = 64u << 20;  // decompressed

}  // namespace daicho::collector
