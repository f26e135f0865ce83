// A hospital in a temporary folder: one collector and its machines, all of them the real binaries on loopback.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/e2e/process.h"
#include "tests/temporary_folder.h"

namespace daicho::e2e {

using Json = google::protobuf::Struct;

// Text of a field: strings as they are, numbers and bools printed, absent "".
std::string Text(const Json& object, const std::string& field);
// Elements of an array field as text.
std::vector<std::string> Texts(const Json& object, const std::string& field);
// Object field, empty if absent.
Json Object(const Json& object, const std::string& field);
std::vector<Json> Objects(const Json& object, const std::string& field);

// The first object whose field has that text; fails the test and returns an empty one if there is none.
Json Only(const std::vector<Json>& objects, const std::string& field, const std::string& text);

void WriteText(const std::string& path, const std::string& content);
std::string ReadText(const std::string& path);

class Site : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  std::string State() const { return Path("collector"); }

  // Starts the collector and waits until it is ready.
  void StartCollector();
  void StopCollector();
  void KillCollector();  // SIGKILL
  bool CollectorRuns() { return collector_.Running(); }
  std::string AgentEndpoint() const;

  // Variables that the collector gets when it is started.
  void GiveCollector(std::vector<std::string> environment) { collector_environment_ = std::move(environment); }

  // All commands started from now on see the clock this many seconds ahead (negative: behind).
  void ShiftClock(long seconds) { clock_offset_ = seconds; }

  Outcome Collector(std::vector<std::string> arguments) const;
  Outcome Daicho(std::vector<std::string> arguments) const;                // with the admin profile
  std::vector<Json> DaichoJson(std::vector<std::string> arguments) const;  // and --json; expects success
  std::string NewToken(std::vector<std::string> more = {}) const;

  std::vector<std::string> Command(const std::string& binary, std::vector<std::string> arguments) const;
  std::vector<std::string> ClockEnvironment() const;

  const TemporaryFolder temporary_;
  const std::string& folder_ = temporary_.path();
  Background collector_;
  std::vector<std::string> collector_environment_;
  long clock_offset_ = 0;

  friend class Machine;
};

// A machine with a small root of its own and its agent's state.
class Machine {
 public:
  Machine(Site& site, std::string name);

  std::string Root(const std::string& path) const { return site_.Path(name_ + "/root" + path); }
  std::string State(const std::string& path = "") const { return site_.Path(name_ + "/state" + path); }

  // Files of the root.
  void SetPackages(const std::vector<std::pair<std::string, std::string>>& name_and_version) const;
  void AddAccount(const std::string& name, unsigned uid, const std::string& shadow_password) const;
  // A login of the account in wtmp.
  void AddLogin(const std::string& name, long at) const;

  Outcome Enrol(const std::string& token, std::vector<std::string> more = {}) const;
  Outcome Cycle() const;     // --json
  Json CycleReport() const;  // expects success
  std::vector<std::string> Command(std::vector<std::string> arguments) const;

 private:
  Site& site_;
  std::string name_;
};

}  // namespace daicho::e2e
