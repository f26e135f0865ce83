// What a write leaves in the tables for good stands in the audit journal, too, in the same transaction: a row that is
// changed or removed behind the ledger's back is missed (journal_proof.h). What somebody asks for is journaled before
// it is done, by whoever is asked ("device.revoke"); this is what was done ("device.revoked"). Waivers are not among
// it: findings are forgotten one by one, and come back under the same name. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "collector/store/store.h"

namespace daicho::collector {

// Actions. Their details begin with fields NAME=VALUE, without blanks in a value; a reason is the last one.
inline constexpr std::string_view kDeviceRevoked = "device.revoked";  // device, reason
inline constexpr std::string_view kTokensCreated = "token.created";   // expires, device, tokens
inline constexpr std::string_view kTokenUsed = "token.used";          // token

// Entries for a write that succeeded. None: nothing of it stays, or the section digests prove it.
std::vector<JournalWrite> EffectsOf(const StoreWrite& write);

// The detail of a revocation, as it was journaled if the device's row is as it was.
std::string RevokedDetail(std::string_view device_id, std::string_view reason);

std::string AdminActor(std::string_view name);

// Names a token without telling its hash: 16 hex digits.
std::string TokenPrint(std::string_view token_hash);

// The value of a field of a detail; empty: there is none.
std::string_view DetailField(std::string_view detail, std::string_view name);

}  // namespace daicho::collector
