// Who this device is: key, certificate, device id. Thread-safe: functions on files.
#pragma once

#include <string>

#include "agent/identity/agent_state.h"
#include "agent/identity/config.h"
#include "common/clock.h"
#include "common/error.h"

namespace daicho::agent {

struct Identity {
  std::string device_id;  // 32 hex digits
  std::string private_key_pem;
  std::string certificate_pem;
  std::string authority_pem;
  UnixTime not_before = 0;  // of the certificate
  UnixTime not_after = 0;
};

// Device id in a certificate's identity URI "daicho://device/ID". kInvalidArgument: none.
Result<std::string> DeviceIdOf(std::string_view identity_uri);

// Without the private key (it stays empty): what status may read. kFailedPrecondition: not enrolled; kDataLoss: a file
// of the identity cannot be used.
Result<Identity> LoadCertificate(const AgentState& state);

// With the key.
Result<Identity> LoadIdentity(const AgentState& state);

bool IsEnrolled(const AgentState& state);

// Makes the state folder and checks that an identity can be written there, so that a token is not burned for nothing.
// kAlreadyExists: enrolled already and not `force`.
Status PrepareEnrolment(const AgentState& state, bool force);

// Writes key, certificate, authority and configuration. A crash at any point leaves either the device as it was, or not
// enrolled, or enrolled: never a mix of two identities.
Status SaveEnrolment(const AgentState& state, const Identity& identity, const AgentConfig& config);

// After a renewal. The key stays.
Status SaveRenewedCertificate(const AgentState& state, std::string_view certificate_pem);

}  // namespace daicho::agent
