// Device ids for people.
#pragma once

#include <string>
#include <string_view>

namespace daicho::collector {

// The first digits of a device id, as tables show it: every command takes them for the device. The whole id is in
// `show` and in --json.
inline std::string ShortId(std::string_view device_id) { return std::string(device_id.substr(0, 8)); }

}  // namespace daicho::collector
