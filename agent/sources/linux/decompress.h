// Rotated logs: gzip (RFC 1952), xz (.xz, tukaani.org/xz/xz-file-format.txt) and Zstandard (RFC 8878). Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/error.h"

namespace daicho::agent {

enum class Compression { kNone, kGzip, kXz, kZstd, kUnknown };

// By the end of a file's name: ".gz", ".xz", ".zst"; kUnknown for ".bz2", ".lz4", ".Z", ".lzma", ".zip".
Compression CompressionOf(std::string_view name);

// Whole content, several members or frames in a row included. kDataLoss: damaged, cut, or not of that format;
// kResourceExhausted: more than max_bytes come out, or the format wants more than 96 MiB of memory; kUnimplemented:
// kUnknown. Messages start with `path`. Nothing is returned of a damaged file.
Result<std::string> Decompress(std::string_view path, Compression compression, std::string_view data,
                               std::size_t max_bytes);

}  // namespace daicho::agent
