// The error type of the whole system. Own code does not throw; a library's exceptions stop at the file that calls it.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace daicho {

// gRPC's canonical codes, same numbers (google/rpc/code.proto), so that a cast is the mapping.
enum class Code {
  kInvalidArgument = 3,
  kDeadlineExceeded = 4,
  kNotFound = 5,
  kAlreadyExists = 6,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kAborted = 10,
  kUnimplemented = 12,
  kInternal = 13,
  kUnavailable = 14,
  kDataLoss = 15,
  kUnauthenticated = 16,
};

// `message` is for a person: it names the place (file:line:column, section, row) and what to do next. It never
// carries a secret.
struct Error {
  Code code = Code::kInternal;
  std::string message;

  bool operator==(const Error&) const = default;
};

template <typename T>
using Result = std::expected<T, Error>;
using Status = std::expected<void, Error>;

inline std::unexpected<Error> Fail(Code code, std::string message) {
  return std::unexpected(Error{code, std::move(message)});
}

}  // namespace daicho
