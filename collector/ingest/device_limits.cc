#include "collector/ingest/device_limits.h"

#include <algorithm>

namespace daicho::collector {

namespace {
constexpr UnixTime kMinute = 60;
}

Result<DeviceLimits::Pass> DeviceLimits::Enter(std::string_view device_id, UnixTime now) {
  const std::lock_guard lock(mutex_);
  ForgetQuietOnes(now);
  auto found = devices_.find(device_id);
  if (found == devices_.end()) {
    found = devices_
                .emplace(device_id, Device{.running = 0,
                                           .calls_left = static_cast<double>(settings_.calls_per_minute),
                                           .counted_at = now})
                .first;
  }
  Device& device = found->second;
  Refill(device, now);
  if (device.running >= settings_.calls_at_once) {
    return Fail(Code::kResourceExhausted, "this device has " + std::to_string(device.running) +
                                              " calls under way; one collector takes no more at once");
  }
  if (device.calls_left < 1) {
    return Fail(Code::kResourceExhausted,
                "this device called more often than " + std::to_string(settings_.calls_per_minute) + " times a minute");
  }
  device.calls_left -= 1;
  ++device.running;
  return Pass(*this, device.running);
}

// A clock that was set back gives nothing and takes nothing.
void DeviceLimits::Refill(Device& device, UnixTime now) const {
  const auto passed = static_cast<double>(std::clamp<UnixTime>(now - device.counted_at, 0, kMinute));
  const double limit = settings_.calls_per_minute;
  device.calls_left = std::min(limit, device.calls_left + limit * passed / kMinute);
  device.counted_at = now;
}

void DeviceLimits::Leave(int& running) {
  const std::lock_guard lock(mutex_);
  --running;
}

// After a minute without a call there is nothing to remember.
void DeviceLimits::ForgetQuietOnes(UnixTime now) {
  if (now - forgot_at_ < kMinute && now >= forgot_at_) return;
  forgot_at_ = now;
  std::erase_if(devices_, [&](const auto& entry) {
    return entry.second.running == 0 && now - entry.second.counted_at >= kMinute;
  });
}

}  // namespace daicho::collector
