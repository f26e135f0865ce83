// Numbers both sides of the wire agree on.
#pragma once

#include <cstddef>
#include <cstdint>

namespace daicho {

inline constexpr std::uint32_t kProtocolVersion = 1;

// Oldest and newest version this build talks to. 0 is a version that was never set.
inline constexpr bool SpeaksProtocol(std::uint32_t version) {
  return version != 0 && version + 1 >= kProtocolVersion && version <= kProtocolVersion + 1;
}

// Name in the collector's server certificate. Agents verify this name, not the address they dialled: addresses in a
// hospital move, and only a collector's certificate carries it.
inline constexpr const char* kCollectorServerName = "collector.daicho.internal";

inline constexpr std::size_t kMaxMessageBytes = 8u << 20;  // one gRPC message, either direction
inline constexpr std::size_t kMaxRowBytes = 64u << 10;     // one serialized row
inline constexpr std::size_t kMaxSectionRows = 100'000;
inline constexpr std::size_t kMaxIssues = 20;  // issues of a section that a check-in carries

// Telemetry of a check-in. The sender cuts to these limits, the receiver cuts again: a device whose telemetry is over a
// limit must not be refused, it would come back with the same.
inline constexpr std::size_t kMaxOverruns = 16;       // the newest
inline constexpr std::size_t kMaxOverrunBytes = 200;  // of one overrun
inline constexpr std::size_t kMaxAgentVersionBytes = 64;
inline constexpr std::size_t kMaxLineIdBytes = 32;      // continuation and instance of a DeviceLine
inline constexpr std::size_t kMaxMachineIdBytes = 128;  // machine_id and hardware_id of a DeviceLine
inline constexpr std::size_t kMaxHostnameBytes = 253;   // RFC 1035
inline constexpr std::size_t kMaxReasonBytes = 1024;    // of a section
inline constexpr std::size_t kMaxIssueFileBytes = 1024;
inline constexpr std::size_t kMaxIssueMessageBytes = 1024;

// Trailer of every answer of the collector: the id under which its log has the call.
inline constexpr const char* kRequestIdTrailer = "x-request-id";

}  // namespace daicho
