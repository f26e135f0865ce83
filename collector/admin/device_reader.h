// What the ledger knows of devices, as messages of admin.proto. Thread-safe.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/store/store.h"
#include "common/error.h"
#include "daicho/v1/admin.pb.h"

namespace daicho::collector {

// How long a list may take in all; a caller who does not read on holds a snapshot of the ledger open.
inline constexpr std::int64_t kListLimitMs = 120'000;

// Return false to stop.
template <typename Message>
using Sink = std::function<bool(const Message&)>;

Status ReadDevices(const Store& store, const Sink<v1::Device>& sink);

// kNotFound: no device has this id.
Result<v1::Device> ReadDevice(const Store& store, const std::string& device_id);

// Everything but the findings. Rows that this build cannot parse are left out: the store took them from a newer agent.
// `at`: what was held then (DeviceDetail.at says what is not known of the past); kNotFound: it was not enrolled yet.
Result<v1::DeviceDetail> ReadDeviceDetail(const Store& store, const std::string& device_id,
                                          std::optional<UnixTime> at = {});

struct SoftwareFilter {
  std::string name;                 // exact, or with * for any text; empty: all
  std::string below;                // version, in the order of each package manager; empty: all
  std::string device_id;            // empty: all devices that are not revoked, or were not at `at`
  std::optional<UnixTime> at = {};  // as of then; absent: now
};
Status ReadSoftware(const Store& store, const SoftwareFilter& filter, const Sink<v1::SoftwareEntry>& sink);

struct AccountFilter {
  std::string device_id;  // empty: all devices that are not revoked, or were not at `at`
  bool all = false;       // false: only accounts of people, and those somebody can log in to or may be able to
  std::optional<UnixTime> at = {};  // as of then; absent: now
};
Status ReadAccounts(const Store& store, const AccountFilter& filter, const Sink<v1::AccountEntry>& sink);

}  // namespace daicho::collector
