// A few read-only connections to one database, opened when first needed, shared by threads. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "collector/store/sqlite/connection.h"

namespace daicho::collector {

class ReadPool {
 public:
  ReadPool(std::string path, std::size_t size) : path_(std::move(path)), size_(size) {}

  // A connection for the borrower alone; goes back when this is destroyed.
  class Borrowed {
   public:
    Borrowed(ReadPool& pool, std::unique_ptr<Connection> connection)
        : pool_(&pool), connection_(std::move(connection)) {}
    Borrowed(Borrowed&&) = default;
    Borrowed& operator=(Borrowed&&) = delete;
    ~Borrowed() {
      if (connection_) pool_->GiveBack(std::move(connection_));
    }
    Connection& operator*() const { return *connection_; }
    Connection* operator->() const { return connection_.get(); }

   private:
    ReadPool* pool_;
    std::unique_ptr<Connection> connection_;
  };

  // Waits while all are in use. kResourceExhausted: they were until the deadline.
  Result<Borrowed> Borrow(std::optional<std::chrono::steady_clock::time_point> deadline = {});

 private:
  void GiveBack(std::unique_ptr<Connection> connection);

  const std::string path_;
  const std::size_t size_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::size_t lent_ = 0;
  std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace daicho::collector
