// A collector with simulated devices (daicho-fleet) instead of machines.
#pragma once

#include "tests/e2e/site.h"

namespace daicho::e2e {

class FleetSite : public Site {
 protected:
  explicit FleetSite(int devices) : devices_(devices) {}
  // A site with its collector and a token for each device.
  void SetUp() override;
  // Starts the collector of the site and makes the tokens.
  void StartFleetSite();

  // Of 200 packages each, with 8 workers. `more` is added to the command line.
  std::vector<std::string> FleetCommand(const std::string& mode, std::vector<std::string> more) const;
  // Runs it to its end, which must be good.
  void ExpectGoodRun(const std::string& mode, std::vector<std::string> more = {}) const;
  // The option that has everything read back and compared.
  std::vector<std::string> ReadBack() const { return {"--profile", State() + "/admin/profile.toml"}; }

  const int devices_;

 private:
  std::string endpoint_;  // stays the same when the collector is started again
};

}  // namespace daicho::e2e
