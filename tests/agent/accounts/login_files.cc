#include "tests/agent/accounts/login_files.h"

#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <cstdint>
#include <cstdlib>

namespace daicho::agent {

namespace {

void PutNumber(std::string& bytes, std::size_t offset, std::size_t size, std::uint64_t value) {
  for (std::size_t i = 0; i < size; ++i) bytes[offset + i] = static_cast<char>((value >> (8 * i)) & 0xff);
}

}  // namespace

std::string MakeLoginRecord(const LoginRecordText& text) {
  std::string record(384, '\0');
  PutNumber(record, 0, 2, static_cast<std::uint64_t>(text.type));
  PutNumber(record, 4, 4, 4242);
  record.replace(8, text.line.size(), text.line);
  record.replace(44, text.user.size(), text.user);
  record.replace(76, text.host.size(), text.host);
  PutNumber(record, 340, 4, static_cast<std::uint64_t>(text.at));
  return record;
}

std::string Login(std::string_view user, UnixTime at, std::string_view host) {
  return MakeLoginRecord({.user = user, .host = host, .at = at});
}

std::string Boot(UnixTime at) {
  return MakeLoginRecord({.type = 2, .user = "reboot", .line = "~", .host = "6.1.0-18-amd64", .at = at});
}

void SetLastlog(std::string& lastlog, std::uint32_t uid, UnixTime at, std::string_view host) {
  const std::size_t offset = std::size_t{uid} * 292;
  if (lastlog.size() < offset + 292) lastlog.resize(offset + 292);
  PutNumber(lastlog, offset, 4, static_cast<std::uint64_t>(at));
  lastlog.replace(offset + 4, 5, "pts/3");
  lastlog.replace(offset + 36, host.size(), host);
}

std::string Gzip(std::string_view data) {
  z_stream stream = {};
  if (deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) std::abort();
  std::string out(deflateBound(&stream, data.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) std::abort();
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string Xz(std::string_view data) {
  std::string out(lzma_stream_buffer_bound(data.size()), '\0');
  std::size_t used = 0;
  if (lzma_easy_buffer_encode(1, LZMA_CHECK_CRC64, nullptr, reinterpret_cast<const std::uint8_t*>(data.data()),
                              data.size(), reinterpret_cast<std::uint8_t*>(out.data()), &used, out.size()) != LZMA_OK) {
    std::abort();
  }
  out.resize(used);
  return out;
}

std::string Zstd(std::string_view data) {
  std::string out(ZSTD_compressBound(data.size()), '\0');
  const std::size_t used = ZSTD_compress(out.data(), out.size(), data.data(), data.size(), 1);
  if (ZSTD_isError(used) != 0) std::abort();
  out.resize(used);
  return out;
}

}  // namespace daicho::agent
