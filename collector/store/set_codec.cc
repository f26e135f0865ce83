#include "collector/store/set_codec.h"

#include <zstd.h>

#include <algorithm>
#include <limits>
#include <memory>

namespace daicho::collector {

namespace {

// Between 1 and 3 the blob shrinks by a tenth; above 3 it only gets slower.
constexpr int kCompressionLevel = 3;

void AppendVarint(std::uint64_t value, std::string& out) {
  while (value >= 0x80) {
    out += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  out += static_cast<char>(value);
}

// A varint of at most 32 bits in its shortest form; false otherwise.
bool ReadVarint(std::string_view& in, std::uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 35; shift += 7) {
    if (in.empty()) return false;
    const auto byte = static_cast<std::uint8_t>(in.front());
    in.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return (byte != 0 || shift == 0) && value <= std::numeric_limits<std::uint32_t>::max();
  }
  return false;
}

Error Damaged(const char* what) { return {Code::kDataLoss, std::string("software set is damaged: ") + what}; }

std::string Compress(std::string_view plain) {
  struct Free {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };
  thread_local const std::unique_ptr<ZSTD_CCtx, Free> context(ZSTD_createCCtx());
  std::string out(ZSTD_compressBound(plain.size()), '\0');
  const std::size_t size =
      ZSTD_compressCCtx(context.get(), out.data(), out.size(), plain.data(), plain.size(), kCompressionLevel);
  out.resize(ZSTD_isError(size) ? 0 : size);
  return out;
}

Result<std::string> Decompress(std::string_view blob) {
  const unsigned long long size = ZSTD_getFrameContentSize(blob.data(), blob.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > kMaxTailBytes) {
    return std::unexpected(Damaged("tails are not a zstd frame of a fitting size"));
  }
  std::string plain(static_cast<std::size_t>(size), '\0');
  struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  thread_local const std::unique_ptr<ZSTD_DCtx, Free> context(ZSTD_createDCtx());
  const std::size_t got = ZSTD_decompressDCtx(context.get(), plain.data(), plain.size(), blob.data(), blob.size());
  if (ZSTD_isError(got) || got != plain.size()) return std::unexpected(Damaged("tails do not decompress"));
  return plain;
}

}  // namespace

std::string EncodeItems(std::span<const ItemId> ids) {
  std::string out;
  out.reserve(ids.size() * 2);
  ItemId previous = 0;
  for (const ItemId id : ids) {
    AppendVarint(id - previous, out);
    previous = id;
  }
  return out;
}

Result<std::vector<ItemId>> DecodeItems(std::string_view items) {
  std::vector<ItemId> ids;
  ids.reserve(items.size());
  std::uint64_t id = 0;
  while (!items.empty()) {
    std::uint64_t gap = 0;
    if (!ReadVarint(items, gap) || gap == 0) return std::unexpected(Damaged("items are not ascending numbers"));
    id += gap;
    if (id > std::numeric_limits<ItemId>::max()) return std::unexpected(Damaged("item number out of range"));
    ids.push_back(static_cast<ItemId>(id));
  }
  return ids;
}

std::string EncodeTails(std::span<const std::string_view> tails) {
  std::string plain;
  std::size_t longest = 0;
  for (const std::string_view tail : tails) {
    AppendVarint(tail.size(), plain);
    longest = std::max(longest, tail.size());
  }
  if (longest == 0) return {};
  // Tails still longer than the column; shrinks, so that one long tail costs its own length only.
  std::vector<std::string_view> open(tails.begin(), tails.end());
  for (std::size_t column = 0; column < longest; ++column) {
    std::erase_if(open, [column](std::string_view tail) { return tail.size() <= column; });
    for (const std::string_view tail : open) plain += tail[column];
  }
  return Compress(plain);
}

Result<std::vector<std::string>> DecodeTails(std::string_view blob, std::size_t count) {
  std::vector<std::string> tails(count);
  if (blob.empty()) return tails;
  const auto plain = Decompress(blob);
  if (!plain) return std::unexpected(plain.error());
  std::string_view rest = *plain;
  std::vector<std::size_t> sizes(count);
  std::size_t total = 0;
  for (std::size_t& size : sizes) {
    std::uint64_t length = 0;
    if (!ReadVarint(rest, length) || length > kMaxTailBytes) return std::unexpected(Damaged("a tail has no length"));
    size = static_cast<std::size_t>(length);
    total += size;
  }
  if (total != rest.size() || total == 0) return std::unexpected(Damaged("tails have not their stated length"));
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < count; ++i) {
    tails[i].reserve(sizes[i]);
    if (sizes[i] > 0) open.push_back(i);
  }
  std::size_t at = 0;
  for (std::size_t column = 0; at < rest.size(); ++column) {
    std::erase_if(open, [&](std::size_t i) { return sizes[i] <= column; });
    for (const std::size_t i : open) tails[i] += rest[at++];
  }
  return tails;
}

}  // namespace daicho::collector
