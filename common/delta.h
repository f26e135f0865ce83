// Digest and delta of a section: sets of rows, each row its serialized bytes.
//
// *Ordered rows* are sorted by their bytes (unsigned, memcmp; a prefix first) without duplicates. The digest does not
// depend on the order in which rows were found. Rows are compared as the bytes that the agent made, so a field that one
// side does not know cannot change a digest. Pure; thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"

namespace daicho::v1 {
class SectionDelta;
}

namespace daicho {

using Rows = std::vector<std::string>;
// Rows whose bytes belong to somebody else, who must outlive them.
using RowViews = std::vector<std::string_view>;

inline constexpr std::size_t kDigestBytes = 32;

// SHA-256 (FIPS 180-4) of `data`, 32 raw bytes.
std::string Sha256(std::string_view data);

// Lower-case hexadecimal.
std::string Hex(std::string_view bytes);

RowViews ViewRows(const Rows& rows);
Rows CopyRows(const RowViews& rows);

// Sorts and removes duplicates.
void OrderRows(Rows& rows);
bool RowsAreOrdered(const Rows& rows);

// SHA-256 over "daicho.section.v1\0", then for each ordered row its length as 4 bytes big-endian and its bytes.
// The empty section has a digest too. Precondition: ordered.
std::string DigestRows(const Rows& ordered);
std::string DigestRows(const RowViews& ordered);

// Fills removed, added, base_digest and result_digest of `delta`. Preconditions: both ordered.
void MakeDelta(const Rows& base, const Rows& now, v1::SectionDelta& delta);

// Fills `delta` with the whole section (no base).
void MakeFull(const Rows& now, v1::SectionDelta& delta);

// The ordered rows after the change; their bytes are those of the base and of the delta. kInvalidArgument: positions or
// rows out of order or range (message says which); kAborted: the result has not the digest that the delta states. The
// base digest is the caller's to compare. Precondition: the base is ordered.
Result<RowViews> ApplyDelta(const RowViews& base, const v1::SectionDelta& delta);

}  // namespace daicho
