// What the stores of all engines have in common: one writer, readers from a pool, and what both do on a Connection.
// Threads: as store.h.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include "collector/store/connection_pool.h"
#include "collector/store/ledger_writer.h"
#include "collector/store/software_scan.h"
#include "collector/store/store.h"

namespace daicho::collector {

class LedgerStore : public Store {
 public:
  // The writer's connection and what stands on it; gone together when the connection is lost, since what was cached of
  // a server that went away may not be what the next one has.
  class Writer {
   public:
    Writer(std::unique_ptr<Connection> connection, std::unique_ptr<ContentTable> contents)
        : connection_(std::move(connection)),
          contents_(std::move(contents)),
          ledger_(std::make_unique<LedgerWriter>(*connection_, *contents_)) {}
    Connection& connection() const { return *connection_; }
    LedgerWriter& ledger() const { return *ledger_; }
    bool is_lost() const { return connection_->is_lost() || contents_->is_lost(); }

   private:
    std::unique_ptr<Connection> connection_;
    std::unique_ptr<ContentTable> contents_;
    std::unique_ptr<LedgerWriter> ledger_;
  };
  using OpenWriter = std::function<Result<std::unique_ptr<Writer>>()>;
  using OpenReader = ConnectionPool<Connection>::Open;

  // Both are called whenever a connection is needed and there is none.
  LedgerStore(OpenWriter open_writer, OpenReader open_reader);

  Status Commit(std::span<StoreWrite> batch) override;
  Status ScanSoftware(const SoftwareScan& scan, const InstallationSink& sink) const override;
  Result<TokenGrant> FindToken(std::string_view token_hash, UnixTime now) const override;
  Result<DeviceStatus> FindDevice(std::string_view device_id) const override;
  Result<Rows> SectionRows(std::string_view device_id, std::string_view section,
                           std::optional<UnixTime> at) const override;
  Result<VerifyCounts> Verify(const VerifyProgress& progress) const override;
  LedgerChanges ChangesSince(std::uint64_t since) const override { return changes_.Since(since); }

 protected:
  // What the engine can say of its own files before anything is read from them. kDataLoss, naming the place.
  virtual Status ProveFiles(Connection&) const { return {}; }

 private:
  // The devices that changed last, in order. Thread-safe.
  class ChangeLog {
   public:
    void Note(std::string device_id);
    LedgerChanges Since(std::uint64_t since) const;

   private:
    mutable std::mutex mutex_;
    std::uint64_t count_ = 0;
    std::deque<std::string> devices_;
  };

  // Runs `work` on a connection of the pool, in a transaction of one moment.
  Status Read(ConnectionPool<Connection>& pool, const std::function<Status(Connection&)>& work) const;
  // Runs `work` on the writer, opened if there is none.
  Status Write(const std::function<Status(Writer&)>& work);

  const OpenWriter open_writer_;
  std::unique_ptr<Writer> writer_;
  mutable SoftwareCache software_;
  mutable ConnectionPool<Connection> lookups_;
  mutable ConnectionPool<Connection> scans_;
  mutable ConnectionPool<Connection> proofs_;
  ChangeLog changes_;
};

}  // namespace daicho::collector
