// A collector with simulated devices (daicho-fleet) instead of machines.
#pragma once

#include <functional>
#include <random>

#include "tests/e2e/site.h"

namespace daicho::e2e {

class FleetSite : public Site {
 protected:
  explicit FleetSite(int devices, int packages = 200) : devices_(devices), packages_(packages) {}
  // A site with its collector and a token for each device.
  void SetUp() override;
  // Starts the collector of the site and makes the tokens.
  void StartFleetSite();

  // With 8 workers. `more` is added to the command line.
  std::vector<std::string> FleetCommand(const std::string& mode, std::vector<std::string> more) const;
  // Runs it to its end, which must be good.
  void ExpectGoodRun(const std::string& mode, std::vector<std::string> more = {}) const;
  // The option that has everything read back and compared.
  std::vector<std::string> ReadBack() const { return {"--profile", State() + "/admin/profile.toml"}; }

  // Up to so many milliseconds.
  void LetPass(int most_milliseconds);
  // Calls `fault` that often while the devices report what changed and come again at once when they are told to, each
  // time up to so many milliseconds after the one before. Whenever all have reported, everything must be in the ledger
  // as it was acknowledged, row by row. The devices have reported once before.
  void DuringIngest(int times, int pause_milliseconds, const std::function<void()>& fault);

  const int devices_;
  const int packages_;  // of each
  std::mt19937 random_{20'261'125};

 private:
  std::string endpoint_;  // stays the same when the collector is started again
};

}  // namespace daicho::e2e
