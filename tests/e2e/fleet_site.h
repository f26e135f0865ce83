// A collector with simulated devices (daicho-fleet) instead of machines.
#pragma once

#include "tests/e2e/site.h"

namespace daicho::e2e {

class FleetSite : public Site {
 protected:
  explicit FleetSite(int devices) : devices_(devices) {}
  // Starts the collector and makes a token for each device.
  void SetUp() override;

  // Of 200 packages each, with 8 workers. `more` is added to the command line.
  std::vector<std::string> FleetCommand(const std::string& mode, std::vector<std::string> more) const;
  // The option that has everything read back and compared.
  std::vector<std::string> ReadBack() const { return {"--profile", State() + "/admin/profile.toml"}; }

  const int devices_;

 private:
  std::string endpoint_;  // stays the same when the collector is started again
};

}  // namespace daicho::e2e
