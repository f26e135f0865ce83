#include "common/exit_code.h"

namespace daicho {

ExitCode ExitCodeFor(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
      return ExitCode::kUsage;
    case Code::kNotFound:
      return ExitCode::kFindings;
    case Code::kUnavailable:
    case Code::kDeadlineExceeded:
      return ExitCode::kUnreachable;
    case Code::kPermissionDenied:
    case Code::kUnauthenticated:
    case Code::kAlreadyExists:
    case Code::kFailedPrecondition:
    case Code::kResourceExhausted:
      return ExitCode::kRefused;
    case Code::kAborted:
    case Code::kUnimplemented:
    case Code::kInternal:
    case Code::kDataLoss:
      return ExitCode::kBadData;
  }
  return ExitCode::kBadData;
}

}  // namespace daicho
