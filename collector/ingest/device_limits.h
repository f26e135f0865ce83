// How often, and how many at once, one device may call: one that runs wild must not keep the others out. Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "common/clock.h"
#include "common/error.h"

namespace daicho::collector {

struct DeviceLimitSettings {
  int calls_at_once = 4;      // a cycle needs one
  int calls_per_minute = 60;  // on average; as many may come at once after a pause
};

class DeviceLimits {
 public:
  explicit DeviceLimits(const DeviceLimitSettings& settings) : settings_(settings) {}

  // A call that is let in; it ends with this object. The DeviceLimits must outlive it.
  class Pass {
   public:
    Pass(Pass&& other) noexcept : limits_(std::exchange(other.limits_, nullptr)), running_(other.running_) {}
    Pass& operator=(Pass&&) = delete;
    ~Pass() {
      if (limits_ != nullptr) limits_->Leave(*running_);
    }

   private:
    friend class DeviceLimits;
    Pass(DeviceLimits& limits, int& running) : limits_(&limits), running_(&running) {}
    DeviceLimits* limits_;
    int* running_;
  };

  // kResourceExhausted: too many.
  Result<Pass> Enter(std::string_view device_id, UnixTime now);

 private:
  struct Device {
    int running = 0;
    double calls_left = 0;
    UnixTime counted_at = 0;
  };
  void Leave(int& running);
  void ForgetQuietOnes(UnixTime now);
  void Refill(Device& device, UnixTime now) const;

  const DeviceLimitSettings settings_;
  std::mutex mutex_;
  std::map<std::string, Device, std::less<>> devices_;
  UnixTime forgot_at_ = 0;
};

}  // namespace daicho::collector
