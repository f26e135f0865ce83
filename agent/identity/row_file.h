// A file of rows: what a collector acknowledged, or evidence kept. Layout, all of it checked on reading:
//
//   "daicho rows 1\n"   name of the format and its version
//   8 bytes             time of the rows, seconds since 1970, big-endian
//   32 bytes            DigestRows of the rows (common/delta.h): a cut or damaged file is found out
//   for each row        4 bytes length, big-endian; the row's bytes
#pragma once

#include <string>
#include <string_view>

#include "common/clock.h"
#include "common/delta.h"
#include "common/error.h"

namespace daicho::agent {

struct RowFile {
  UnixTime time = 0;
  std::string digest;  // kDigestBytes
  Rows rows;           // ordered
};

// Precondition: rows ordered.
std::string FormatRowFile(UnixTime time, const Rows& ordered);

// kDataLoss: cut, damaged or not such a file; kFailedPrecondition: written by a newer agent. Messages start with
// `file`.
Result<RowFile> ParseRowFile(std::string_view content, const std::string& file);

// kNotFound: there is none. Otherwise as ParseRowFile.
Result<RowFile> LoadRowFile(const std::string& path);

// Digest and time alone, without reading the rows (`rows` stays empty); the body is not checked.
Result<RowFile> LoadRowFileHeader(const std::string& path);

Status SaveRowFile(const std::string& path, UnixTime time, const Rows& ordered);

}  // namespace daicho::agent
