// How a report names a device: by its host name, and where several devices have the same one (clones, spares) with the
// beginning of the device id behind it.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "collector/reports/selected_row.h"
#include "collector/store/store.h"
#include "common/error.h"

namespace daicho::collector {

class DeviceNames {
 public:
  static Result<DeviceNames> Read(const Store& store);

  std::string Of(std::string_view device_id, std::string_view hostname) const;
  // Of a row with the columns device_id and hostname.
  std::string Of(const SelectedRow& row) const { return Of(row.Text("device_id"), row.Text("hostname")); }

 private:
  std::map<std::string, int, std::less<>> devices_;  // by host name
};

}  // namespace daicho::collector
