// The calls of the Admin service about the ledger's past: what changed, and whether it is still what was written.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>

#include "collector/admin/admin_service.h"
#include "collector/admin/change_reader.h"
#include "collector/admin/device_lookup.h"
#include "collector/admin/past_moment.h"
#include "collector/admin/reader_watch.h"
#include "collector/enrol/peer.h"
#include "common/text.h"
#include "common/time_format.h"

namespace daicho::collector {

namespace {

constexpr std::size_t kMaxText = 1000;

v1::VerifyLedgerProgress OutcomeOf(const VerifyCounts& counts) {
  v1::VerifyLedgerProgress last;
  v1::VerifyLedgerOutcome& outcome = *last.mutable_outcome();
  outcome.set_devices(counts.devices);
  outcome.set_sections(counts.sections);
  outcome.set_items(counts.items);
  outcome.set_sets(counts.sets);
  outcome.set_journal_entries(counts.journal_entries);
  return last;
}

}  // namespace

Status AdminService::SendChanges(grpc::ServerContext& context, const v1::ListChangesRequest& request,
                                 grpc::ServerWriter<v1::Change>& writer) const {
  if (!request.has_since()) return Fail(Code::kInvalidArgument, "since: required");
  const UnixTime now = parts_.clock.Now();
  ChangeFilter filter{.since = FromTimestamp(request.since()), .until = now, .device_id = {}};
  if (auto kept = CheckKept(parts_.store, filter.since); !kept) return kept;
  if (request.has_until()) filter.until = std::min(FromTimestamp(request.until()), now);
  if (!request.device().empty()) {
    auto device = FindDeviceId(parts_.store, request.device());
    if (!device) return std::unexpected(device.error());
    filter.device_id = std::move(*device);
  }
  ReaderWatch watch(context, parts_.export_limits.patience);
  const auto done = ReadChanges(
      parts_.store, filter, [&](const v1::Change& change) { return watch.Run([&] { return writer.Write(change); }); });
  if (done && watch.has_cancelled()) return Fail(Code::kAborted, "the caller does not take the changes");
  return done;
}

grpc::Status AdminService::ListChanges(grpc::ServerContext* context, const v1::ListChangesRequest* request,
                                       grpc::ServerWriter<v1::Change>* writer) {
  const char* const action = "changes.list";
  const auto who = Begin(*context, Role::kViewer, action,
                         "since=" + FormatTime(FromTimestamp(request->since())) +
                             (request->has_until() ? " until=" + FormatTime(FromTimestamp(request->until())) : "") +
                             (request->device().empty() ? "" : " device=" + request->device().substr(0, kMaxText)));
  if (!who) return ToGrpc(who.error());
  return Answer(*who, action, SendChanges(*context, *request, *writer));
}

grpc::Status AdminService::VerifyLedger(grpc::ServerContext* context, const v1::VerifyLedgerRequest*,
                                        grpc::ServerWriter<v1::VerifyLedgerProgress>* writer) {
  const char* const action = "ledger.verify";
  const auto who = Begin(*context, Role::kViewer, action, "");
  if (!who) return ToGrpc(who.error());
  ReaderWatch watch(*context, parts_.export_limits.patience);  // one proof at a time: nobody may sit on it
  auto told_at = std::chrono::steady_clock::now();
  const auto counts = parts_.store.Verify([&](std::uint64_t done, std::uint64_t of) {
    const auto now = std::chrono::steady_clock::now();
    if (now - told_at < std::chrono::seconds(1)) return !context->IsCancelled();
    told_at = now;
    v1::VerifyLedgerProgress progress;
    progress.set_done(done);
    progress.set_of(of);
    return watch.Run([&] { return writer->Write(progress); });
  });
  if (!counts) {
    if (counts.error().code == Code::kDataLoss) {
      spdlog::error("the ledger is damaged: {}", counts.error().message);
      v1::VerifyLedgerProgress verdict;
      verdict.mutable_outcome()->set_problem(CleanText(counts.error().message));
      watch.Run([&] { return writer->Write(verdict); });
    }
    return FailedRead(*who, action, counts.error());
  }
  const v1::VerifyLedgerProgress outcome = OutcomeOf(*counts);
  watch.Run([&] { return writer->Write(outcome); });
  return grpc::Status::OK;
}

}  // namespace daicho::collector
