// A PostgreSQL server of a test's own (tests/postgres/server), for what happens to whole servers: they crash, die, are
// replaced. Throws std::runtime_error where something fails.
#pragma once

#include <string>

#include "tests/temporary_folder.h"

namespace daicho::testing_postgres {

class TestServer {
 public:
  TestServer() : TestServer(NotStarted()) { Do("start"); }
  // A standby: the primary waits for it at every commit.
  struct StandbyOf {
    const TestServer& primary;
  };
  explicit TestServer(const StandbyOf& standby) : TestServer(NotStarted()) { Follow(standby.primary); }
  // Removes it, also one that was killed.
  ~TestServer();
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  // SIGKILL to all its processes.
  void Kill() const { Do("kill"); }
  // It crashes, unless it was killed, and comes again in the same place.
  void Restart() const { Do("restart"); }
  // Its standbys get nothing from now on.
  void Silence() const { Do("silence"); }
  // All its processes stand still, until they go on.
  void Freeze() const { Do("freeze"); }
  void Thaw() const { Do("thaw"); }
  // This standby is the primary from now on, and waits for no other.
  void Promote() const { Do("promote"); }
  // This one, which was killed, comes again as a standby that `primary` waits for at every commit.
  void Follow(const TestServer& primary) const { Do("standby", primary.file_); }

  std::string url() const;
  // Its place, as "host=" of a URL takes it.
  std::string host() const;
  // Runs SQL on it; the first value of what it gives, as text. Throws with the server's words.
  std::string Ask(const std::string& sql) const;

 private:
  // Whatever a start has left when it fails is removed.
  struct NotStarted {};
  explicit TestServer(NotStarted) {}
  void Do(const std::string& action, const std::string& more = "") const;

  const TemporaryFolder folder_;
  const std::string file_ = folder_.File("url");
};

}  // namespace daicho::testing_postgres
