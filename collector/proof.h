// The proof of a ledger (Store::Verify) for the commands that give one: verify, restore, migrate-store. Used from one
// thread.
#pragma once

#include <string>

#include "collector/store/store.h"

namespace daicho::collector {

// With progress on a terminal.
Result<VerifyCounts> Prove(const Store& store);

// "3 devices, 21 sections, 837 items, 1 sets, 12 journal entries"
std::string ToText(const VerifyCounts& counts);

// As members of a JSON object that has others before: ,"devices":3,"sections":21,…
void AppendJsonMembers(const VerifyCounts& counts, std::string& json);

}  // namespace daicho::collector
