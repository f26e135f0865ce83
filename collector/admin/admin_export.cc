// The calls of the Admin service about exports: Export, ListExports.
#include <string>

#include "collector/admin/admin_service.h"
#include "collector/admin/reader_watch.h"
#include "collector/enrol/peer.h"
#include "collector/reports/render.h"
#include "collector/reports/report.h"

namespace daicho::collector {

namespace {

constexpr std::chrono::seconds kExportLimit{600};  // all in; the clients' own deadline

// One of those that may be in use at once, if one gets free in time.
class Slot {
 public:
  Slot(std::counting_semaphore<>& slots, std::chrono::milliseconds wait)
      : slots_(slots), taken_(slots.try_acquire_for(wait)) {}
  ~Slot() {
    if (taken_) slots_.release();
  }
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;
  explicit operator bool() const { return taken_; }

 private:
  std::counting_semaphore<>& slots_;
  const bool taken_;
};

}  // namespace

grpc::Status AdminService::Export(grpc::ServerContext* context, const v1::ExportRequest* request,
                                  grpc::ServerWriter<v1::ExportChunk>* writer) {
  const auto who = Begin(*context, Role::kViewer, "export",
                         "what=" + request->what().substr(0, 64) + " format=" + request->format().substr(0, 64));
  if (!who) return ToGrpc(who.error());
  const auto language = ParseLanguage(request->lang());
  if (!language) return FailedRead(*who, "export", language.error());
  if (auto good = CheckFormat(request->format()); !good) return FailedRead(*who, "export", good.error());
  if (auto good = CheckReportName(request->what()); !good) return FailedRead(*who, "export", good.error());
  const Slot slot(exports_, parts_.export_limits.wait);
  if (!slot) {
    return FailedRead(*who, "export",
                      {Code::kResourceExhausted, "the collector is busy with other exports; try again"});
  }
  if (auto fresh = parts_.findings.Refresh(); !fresh) return FailedRead(*who, "export", fresh.error());
  const auto sent = SendReport(*context, *request, *language, *writer);
  return sent ? grpc::Status::OK : FailedRead(*who, "export", sent.error());
}

Status AdminService::SendReport(grpc::ServerContext& context, const v1::ExportRequest& request, Language language,
                                grpc::ServerWriter<v1::ExportChunk>& writer) const {
  ReaderWatch watch(context, parts_.export_limits.patience);
  const auto end = std::chrono::steady_clock::now() + kExportLimit;
  v1::ExportChunk chunk;
  const auto send = [&](std::string_view piece) -> Status {
    if (std::chrono::steady_clock::now() > end) {
      return Fail(Code::kDeadlineExceeded,
                  "the export took longer than " + std::to_string(kExportLimit.count()) + " s");
    }
    chunk.set_data(piece.data(), piece.size());
    if (watch.Run([&] { return writer.Write(chunk); })) return {};
    return Fail(Code::kAborted, watch.has_cancelled() ? "the caller does not take the export" : "the caller went away");
  };
  const ReportContext report{
      .store = parts_.store, .rules = parts_.findings.rules(), .now = parts_.clock.Now(), .language = language};
  const auto rows = RenderReport(report, request.what(), request.format(), send);
  if (!rows) return std::unexpected(rows.error());
  return {};
}

grpc::Status AdminService::ListExports(grpc::ServerContext* context, const v1::ListExportsRequest*,
                                       grpc::ServerWriter<v1::ExportJob>* writer) {
  const auto who = Begin(*context, Role::kViewer, "exports.list", "");
  if (!who) return ToGrpc(who.error());
  for (const v1::ExportJob& job : parts_.export_jobs()) {
    if (!writer->Write(job)) break;
  }
  return grpc::Status::OK;
}

}  // namespace daicho::collector
