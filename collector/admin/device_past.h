// A device as it was. Pure; thread-safe.
#pragma once

#include "common/clock.h"
#include "common/error.h"
#include "daicho/v1/admin.pb.h"

namespace daicho::collector {

// Sets the device of a detail, and what has no past (DeviceDetail.at), back to `at`. Precondition: the device is as it
// is now; sections and facts are those of then. kNotFound: it was not enrolled yet.
Status SetBack(UnixTime at, v1::DeviceDetail& detail);

// Keeps the findings that stood then, as open ones. Precondition: findings of any status.
void KeepFindingsOf(UnixTime at, v1::DeviceDetail& detail);

}  // namespace daicho::collector
