// How a report names a device: by its host name, and where several devices have the same one (clones, spares) with the
// beginning of the device id behind it.
#pragma once

#include <map>
#include <string>

#include "collector/reports/selected_row.h"
#include "collector/store/store.h"
#include "common/error.h"

namespace daicho::collector {

class DeviceNames {
 public:
  static Result<DeviceNames> Read(const Store& store);

  // Of a row with the columns device_id and hostname.
  std::string Of(const SelectedRow& row) const;

 private:
  std::map<std::string, int> devices_;  // by host name
};

}  // namespace daicho::collector
