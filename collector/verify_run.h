// The command `daicho-collector verify`: proves the ledger of a state folder, with or without a collector that serves
// it. Called from one thread.
#pragma once

#include <string>

#include "common/error.h"

namespace daicho::collector {

struct VerifyOptions {
  std::string state;
  bool json = false;
};

// Opens the ledger to read only and recomputes all of it (Store::Verify); what was proved goes to standard output,
// progress to standard error if that is a terminal. kDataLoss: the first place that is not right, which JSON has on
// standard output as well; kInvalidArgument: the folder has no collector, or its ledger is not there.
Status VerifyState(const VerifyOptions& options);

}  // namespace daicho::collector
