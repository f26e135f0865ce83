// A store that is filled, forgotten in part, and proved (Store::Verify).
#pragma once

#include <string>

#include "tests/collector/store/reports.h"
#include "tests/collector/store/store_factory.h"

namespace daicho::collector::testing {

class ProofTest : public StoreTest {
 protected:
  // All that retention forgets in a night.
  static void Forget(Store& store, UnixTime keep_since) {
    for (RetentionStep step; !step.done;) {
      step = CommitOne(store, RetentionWrite{.keep_since = keep_since,
                                             .after_device = step.after_device,
                                             .devices_done = step.devices_done,
                                             .result = {}})
                 .result.value();
    }
  }

  // "sound", or the first place that is not.
  static std::string Verdict(const Store& store) {
    const auto proved = store.Verify([](auto, auto) { return true; });
    return proved ? "sound" : proved.error().message;
  }
};

}  // namespace daicho::collector::testing
