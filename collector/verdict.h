// What a proof of the ledger came to, as every command says it. Pure; thread-safe.
#pragma once

#include <string>

#include "collector/store/verify_counts.h"
#include "common/error.h"

namespace daicho::collector {

// "3 devices, 21 sections, 837 items, 1 sets, 12 journal entries"
std::string ToText(const VerifyCounts& counts);

// As members of a JSON object that has others before: ,"devices":3,"sections":21,…
void AppendJsonMembers(const VerifyCounts& counts, std::string& json);

// The JSON object of `verify`: {"sound":true,"devices":3,…} or {"sound":false,"problem":"…"}
std::string VerdictJson(const Result<VerifyCounts>& proved);

}  // namespace daicho::collector
