// Sees every call of a gRPC server, whatever service it is for: gives it an id, measures it, and logs it at its end.
//
// The id (log/request_id.h) stands in the trailer `x-request-id` of every answer and in every line that is logged while
// the call is worked on. The line at the end has method, peer, actor, code, milliseconds and, of a call that failed,
// what the caller was told: at info, of a failed call at warn, of a health check at debug. Thread-safe.
#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/support/server_interceptor.h>

#include <memory>

#include "collector/metrics/call_metrics.h"
#include "collector/metrics/report_metrics.h"

namespace daicho::collector {

struct CallMeters {
  CallMetrics& calls;
  ReportMetrics& reports;
};

// For ServerBuilder::experimental().SetInterceptorCreators(). What `meters` names must outlive the server.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> ObserveCalls(const CallMeters& meters);

}  // namespace daicho::collector
