#include "collector/store/sqlite/read_pool.h"

#include "collector/store/sqlite/set_table.h"
#include "collector/store/sqlite/sql_functions.h"

namespace daicho::collector {

namespace {

Result<std::unique_ptr<Connection>> OpenReader(const std::string& path) {
  auto connection = Connection::Open(path, OpenMode::kReadOnly);
  if (!connection) return connection;
  Status ready =
      (*connection)->Script("PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; PRAGMA busy_timeout = 5000;");
  if (ready) ready = RegisterSqlFunctions(**connection);
  if (ready) ready = RegisterSetTable(**connection);
  if (!ready) return std::unexpected(ready.error());
  return connection;
}

}  // namespace

Result<ReadPool::Borrowed> ReadPool::Borrow(std::optional<std::chrono::steady_clock::time_point> deadline) {
  std::unique_lock lock(mutex_);
  const auto is_free = [this] { return lent_ < size_; };
  if (!deadline) {
    returned_.wait(lock, is_free);
  } else if (!returned_.wait_until(lock, *deadline, is_free)) {
    return Fail(Code::kResourceExhausted, "the collector is busy with other queries; try again");
  }
  ++lent_;
  if (!idle_.empty()) {
    std::unique_ptr<Connection> connection = std::move(idle_.back());
    idle_.pop_back();
    return Borrowed(*this, std::move(connection));
  }
  lock.unlock();
  auto connection = OpenReader(path_);
  if (!connection) {
    GiveBack(nullptr);
    return std::unexpected(connection.error());
  }
  return Borrowed(*this, std::move(*connection));
}

void ReadPool::GiveBack(std::unique_ptr<Connection> connection) {
  {
    const std::lock_guard lock(mutex_);
    --lent_;
    if (connection) {
      connection->ClearError();
      idle_.push_back(std::move(connection));
    }
  }
  returned_.notify_one();
}

}  // namespace daicho::collector
