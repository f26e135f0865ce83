#include "agent/sources/linux/decompress.h"

#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <utility>

namespace daicho::agent {

namespace {

constexpr std::uint64_t kMaxMemory = 96u << 20;  // xz -9 wants 65 MiB
constexpr int kMaxZstdWindowLog = 26;            // 64 MiB
constexpr std::size_t kChunk = 64u << 10;

// Output that grows as it is filled, up to a cap.
class Output {
 public:
  explicit Output(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  // Room for the next bytes; one byte more than the cap, so that reaching it can be told from passing it.
  std::pair<char*, std::size_t> Room() {
    const std::size_t room = std::min(std::max(kChunk, used_), max_bytes_ + 1 - used_);
    if (content_.size() < used_ + room) content_.resize(used_ + room);
    return {content_.data() + used_, content_.size() - used_};
  }
  // False: over the cap.
  bool Used(std::size_t bytes) {
    used_ += bytes;
    return used_ <= max_bytes_;
  }
  std::string Take() {
    content_.resize(used_);
    return std::move(content_);
  }

 private:
  std::string content_;
  std::size_t used_ = 0;
  std::size_t max_bytes_;
};

std::unexpected<Error> Damaged(std::string_view path, std::string_view format) {
  return Fail(Code::kDataLoss,
              std::string(path) + ": damaged or cut " + std::string(format) + " data; restore or remove the file");
}

std::unexpected<Error> TooLarge(std::string_view path, std::size_t max_bytes) {
  return Fail(Code::kResourceExhausted, std::string(path) + ": decompressed, it is larger than the " +
                                            std::to_string(max_bytes) + " bytes read of such a file");
}

Result<std::string> Gunzip(std::string_view path, std::string_view data, std::size_t max_bytes) {
  constexpr int kGzipOnly = 16 + MAX_WBITS;
  z_stream stream = {};
  if (inflateInit2(&stream, kGzipOnly) != Z_OK)
    return Fail(Code::kResourceExhausted, std::string(path) + ": no memory");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream, inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  Output output(max_bytes);
  for (;;) {
    const auto [room, size] = output.Room();
    stream.next_out = reinterpret_cast<Bytef*>(room);
    stream.avail_out = static_cast<uInt>(size);
    const int code = inflate(&stream, Z_NO_FLUSH);
    if (!output.Used(size - stream.avail_out)) return TooLarge(path, max_bytes);
    if (code == Z_STREAM_END) {
      if (stream.avail_in == 0) return output.Take();
      if (inflateReset(&stream) != Z_OK) return Damaged(path, "gzip");
    } else if (code != Z_OK) {
      return Damaged(path, "gzip");
    }
  }
}

Result<std::string> Unxz(std::string_view path, std::string_view data, std::size_t max_bytes) {
  lzma_stream stream = LZMA_STREAM_INIT;
  if (lzma_stream_decoder(&stream, kMaxMemory, LZMA_CONCATENATED) != LZMA_OK) {
    return Fail(Code::kResourceExhausted, std::string(path) + ": no memory");
  }
  const std::unique_ptr<lzma_stream, void (*)(lzma_stream*)> end(&stream, lzma_end);
  stream.next_in = reinterpret_cast<const std::uint8_t*>(data.data());
  stream.avail_in = data.size();
  Output output(max_bytes);
  for (;;) {
    const auto [room, size] = output.Room();
    stream.next_out = reinterpret_cast<std::uint8_t*>(room);
    stream.avail_out = size;
    const lzma_ret code = lzma_code(&stream, LZMA_FINISH);
    if (!output.Used(size - stream.avail_out)) return TooLarge(path, max_bytes);
    if (code == LZMA_STREAM_END) return output.Take();
    if (code == LZMA_MEMLIMIT_ERROR) {
      return Fail(Code::kResourceExhausted, std::string(path) + ": wants too much memory to decompress");
    }
    if (code != LZMA_OK) return Damaged(path, "xz");
  }
}

Result<std::string> Unzstd(std::string_view path, std::string_view data, std::size_t max_bytes) {
  const std::unique_ptr<ZSTD_DStream, std::size_t (*)(ZSTD_DStream*)> stream(ZSTD_createDStream(), ZSTD_freeDStream);
  if (!stream || ZSTD_isError(ZSTD_DCtx_setParameter(stream.get(), ZSTD_d_windowLogMax, kMaxZstdWindowLog)) != 0) {
    return Fail(Code::kResourceExhausted, std::string(path) + ": no memory");
  }
  ZSTD_inBuffer input = {data.data(), data.size(), 0};
  Output output(max_bytes);
  for (;;) {
    const auto [room, size] = output.Room();
    ZSTD_outBuffer out = {room, size, 0};
    const std::size_t before = input.pos;
    const std::size_t wanted = ZSTD_decompressStream(stream.get(), &out, &input);
    if (ZSTD_isError(wanted) != 0) return Damaged(path, "zstd");
    if (!output.Used(out.pos)) return TooLarge(path, max_bytes);
    if (wanted == 0 && input.pos == input.size) return output.Take();
    // No step forward although there is room: the frame wants bytes that are not there.
    if (out.pos == 0 && input.pos == before) return Damaged(path, "zstd");
  }
}

}  // namespace

Compression CompressionOf(std::string_view name) {
  if (name.ends_with(".gz")) return Compression::kGzip;
  if (name.ends_with(".xz")) return Compression::kXz;
  if (name.ends_with(".zst")) return Compression::kZstd;
  static constexpr std::array<std::string_view, 5> kUnknownEnds = {".bz2", ".lz4", ".Z", ".lzma", ".zip"};
  const bool unknown = std::ranges::any_of(kUnknownEnds, [&](std::string_view end) { return name.ends_with(end); });
  return unknown ? Compression::kUnknown : Compression::kNone;
}

Result<std::string> Decompress(std::string_view path, Compression compression, std::string_view data,
                               std::size_t max_bytes) {
  switch (compression) {
    case Compression::kNone:
      if (data.size() > max_bytes) return TooLarge(path, max_bytes);
      return std::string(data);
    case Compression::kGzip:
      return Gunzip(path, data, max_bytes);
    case Compression::kXz:
      return Unxz(path, data, max_bytes);
    case Compression::kZstd:
      return Unzstd(path, data, max_bytes);
    case Compression::kUnknown:
      break;
  }
  return Fail(Code::kUnimplemented, std::string(path) + ": compressed in a way that is not read; use gzip, xz or zstd");
}

}  // namespace daicho::agent
