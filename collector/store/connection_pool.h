// A few connections to one database for readers, opened when first needed, shared by threads. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "common/error.h"

namespace daicho::collector {

// `C`: a Connection, or what has its ok() and is_lost().
template <typename C>
class ConnectionPool {
 public:
  using Open = std::function<Result<std::unique_ptr<C>>()>;
  using Deadline = std::optional<std::chrono::steady_clock::time_point>;

  ConnectionPool(std::size_t size, Open open) : size_(size), open_(std::move(open)) {}

  // A connection for the borrower alone; goes back when this is destroyed.
  class Borrowed {
   public:
    Borrowed(ConnectionPool& pool, std::unique_ptr<C> connection) : pool_(&pool), connection_(std::move(connection)) {}
    Borrowed(Borrowed&&) = default;
    Borrowed& operator=(Borrowed&&) = delete;
    ~Borrowed() {
      if (connection_) pool_->GiveBack(std::move(connection_));
    }
    C& operator*() const { return *connection_; }
    C* operator->() const { return connection_.get(); }

   private:
    ConnectionPool* pool_;
    std::unique_ptr<C> connection_;
  };

  // Waits while all are in use. kResourceExhausted: they were until the deadline.
  Result<Borrowed> Borrow(Deadline deadline = {}) {
    std::unique_lock lock(mutex_);
    const auto is_free = [this] { return lent_ < size_; };
    if (!deadline) {
      returned_.wait(lock, is_free);
    } else if (!returned_.wait_until(lock, *deadline, is_free)) {
      return Fail(Code::kResourceExhausted, "the collector is busy with other queries; try again");
    }
    ++lent_;
    while (!idle_.empty()) {
      std::unique_ptr<C> connection = std::move(idle_.back());
      idle_.pop_back();
      if (!connection->is_lost()) return Borrowed(*this, std::move(connection));
    }
    lock.unlock();
    auto connection = open_();
    if (!connection) {
      GiveBack(nullptr);
      return std::unexpected(connection.error());
    }
    return Borrowed(*this, std::move(*connection));
  }

 private:
  // A connection whose error may be its own (the server went away) is not lent again.
  void GiveBack(std::unique_ptr<C> connection) {
    {
      const std::lock_guard lock(mutex_);
      --lent_;
      if (connection && connection->ok()) idle_.push_back(std::move(connection));
    }
    returned_.notify_one();
  }

  const std::size_t size_;
  const Open open_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::size_t lent_ = 0;
  std::vector<std::unique_ptr<C>> idle_;
};

}  // namespace daicho::collector
