// What every TLS connection of Daicho is like: version 1.3 (RFC 8446), and no more in a handshake than the two sides
// need.
#pragma once

namespace daicho {

// Call before the process makes its first TLS connection; the first call also changes the environment, so make it while
// there is one thread. Holds for every connection of the process:
//
// - TLS 1.3 only. gRPC 1.51 offers no minimum version; its only knob for TLS 1.2 is the list of ciphers in the
//   environment, and with RSA suites and our ECDSA certificates a TLS 1.2 handshake finds no shared cipher.
// - A side sends its own certificate, and not the authority's, which the other one has pinned (OpenSSL builds the chain
//   up to the root by itself otherwise: SSL_MODE_NO_AUTO_CHAIN of SSL_CTX_set_mode(3)). A chain that a file names is
//   sent.
// - A server gives no session tickets (SSL_CTX_set_num_tickets(3)): nobody resumes, as each uplink is a new process.
//
// For the collector the last two are a quarter of what a new connection costs: it parses a certificate for each.
void PrepareTls();

}  // namespace daicho
