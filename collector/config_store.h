// Naming another ledger in a collector.toml, whatever else a person wrote there. Called from one thread.
#pragma once

#include <string>
#include <string_view>

#include "common/error.h"

namespace daicho::collector {

// `text`, a collector.toml, with `store` as its store; comments and all other values stay as they are.
// kInvalidArgument: no TOML, or a store of more than one line. Precondition: `store` needs no quoting.
Result<std::string> WithStore(std::string_view text, const std::string& store, const std::string& file);

// The same to the file, in one step and with its owner and mode.
Status SetStoreOfConfig(const std::string& file, const std::string& store);

}  // namespace daicho::collector
