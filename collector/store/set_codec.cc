#include "collector/store/set_codec.h"

#include <zstd.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>

namespace daicho::collector {

namespace {

// Between 1 and 3 the blob shrinks by a tenth; above 3 it only gets slower.
constexpr int kCompressionLevel = 3;
constexpr char kPlainMark = '\0';

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

Result<std::string> PlainTails(std::string_view blob) {
  if (blob.starts_with(kPlainMark)) return std::string(blob.substr(1));
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

std::string EncodeTails(std::span<const std::string_view> tails, TailCoding coding) {
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
  return coding == TailCoding::kPlain ? kPlainMark + plain : Compress(plain);
}

namespace {

// A tails blob with its lengths read.
struct OpenTails {
  std::string plain;
  std::vector<std::size_t> sizes;
  std::size_t columns_at = 0;  // where the bytes begin in `plain`
};

Result<OpenTails> OpenBlob(std::string_view blob, std::size_t count) {
  auto plain = PlainTails(blob);
  if (!plain) return std::unexpected(plain.error());
  OpenTails open{std::move(*plain), {}, 0};
  // A length takes a byte at least: a wrong count must not ask for memory.
  if (count > open.plain.size()) return std::unexpected(Damaged("there are fewer tails than items"));
  open.sizes.resize(count);
  std::string_view rest = open.plain;
  std::size_t total = 0;
  for (std::size_t& size : open.sizes) {
    std::uint64_t length = 0;
    if (!ReadVarint(rest, length) || length > kMaxTailBytes) return std::unexpected(Damaged("a tail has no length"));
    size = static_cast<std::size_t>(length);
    total += size;
  }
  if (total != rest.size() || total == 0) return std::unexpected(Damaged("tails have not their stated length"));
  open.columns_at = open.plain.size() - rest.size();
  return open;
}

}  // namespace

Result<std::vector<std::string>> DecodeTails(std::string_view blob, std::size_t count) {
  std::vector<std::string> tails(count);
  if (blob.empty()) return tails;
  const auto opened = OpenBlob(blob, count);
  if (!opened) return std::unexpected(opened.error());
  const std::vector<std::size_t>& sizes = opened->sizes;
  std::vector<std::size_t> longer;
  for (std::size_t i = 0; i < count; ++i) {
    tails[i].reserve(sizes[i]);
    if (sizes[i] > 0) longer.push_back(i);
  }
  std::size_t at = opened->columns_at;
  for (std::size_t column = 0; at < opened->plain.size(); ++column) {
    std::erase_if(longer, [&](std::size_t i) { return sizes[i] <= column; });
    for (const std::size_t i : longer) tails[i] += opened->plain[at++];
  }
  return tails;
}

Result<std::string> DecodeTail(std::string_view blob, std::size_t count, std::size_t position) {
  if (position >= count) return std::unexpected(Damaged("there are fewer tails than items"));
  if (blob.empty()) return std::string();
  const auto opened = OpenBlob(blob, count);
  if (!opened) return std::unexpected(opened.error());
  std::string tail;
  std::size_t column_at = opened->columns_at;
  for (std::size_t column = 0; column < opened->sizes[position]; ++column) {
    std::size_t before = 0;
    std::size_t height = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t has = opened->sizes[i] > column ? 1 : 0;
      before += i < position ? has : 0;
      height += has;
    }
    tail += opened->plain[column_at + before];
    column_at += height;
  }
  return tail;
}

namespace {

// Position of `id` in ascending ids, searched from `from` on; nothing if it is not there.
std::optional<std::size_t> Find(std::span<const ItemId> ids, ItemId id, std::size_t& from) {
  while (from < ids.size() && ids[from] < id) ++from;
  if (from < ids.size() && ids[from] == id) return from;
  return std::nullopt;
}

}  // namespace

std::string EncodePatch(std::span<const ItemId> ids, std::span<const std::string_view> tails, const ItemTails& base,
                        TailCoding coding) {
  std::vector<ItemId> places;
  std::vector<std::string_view> others;
  std::size_t from = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto in_base = Find(base.ids, ids[i], from);
    if (in_base && base.tails[*in_base] == tails[i]) continue;
    places.push_back(static_cast<ItemId>(i + 1));
    others.push_back(tails[i]);
  }
  std::string patch;
  AppendVarint(places.size(), patch);
  return patch + EncodeItems(places) + EncodeTails(others, coding);
}

Result<std::vector<std::string>> ApplyPatch(std::string_view patch, std::span<const ItemId> ids,
                                            const ItemTails& base) {
  std::uint64_t count = 0;
  if (!ReadVarint(patch, count) || count > ids.size()) return std::unexpected(Damaged("a patch has no length"));
  std::vector<std::size_t> places;
  std::uint64_t place = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    std::uint64_t gap = 0;
    if (!ReadVarint(patch, gap) || gap == 0) return std::unexpected(Damaged("places of a patch are not ascending"));
    place += gap;
    if (place > ids.size()) return std::unexpected(Damaged("a patch reaches past its set"));
    places.push_back(static_cast<std::size_t>(place - 1));
  }
  auto others = DecodeTails(patch, places.size());
  if (!others) return std::unexpected(others.error());
  std::vector<std::string> tails(ids.size());
  std::size_t next = 0;
  std::size_t from = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto in_base = Find(base.ids, ids[i], from);
    if (next < places.size() && places[next] == i) {
      tails[i] = std::move((*others)[next++]);
    } else if (in_base) {
      tails[i] = base.tails[*in_base];
    } else {
      return std::unexpected(Damaged("a patch leaves out an item that its base has not"));
    }
  }
  return tails;
}

Result<std::string> RecodeTails(std::string_view blob, TailCoding coding) {
  if (blob.empty()) return std::string();
  const auto plain = PlainTails(blob);
  if (!plain) return plain;
  return coding == TailCoding::kPlain ? kPlainMark + *plain : Compress(*plain);
}

Result<std::string> RecodePatch(std::string_view patch, TailCoding coding) {
  std::string_view rest = patch;
  std::uint64_t count = 0;
  if (!ReadVarint(rest, count)) return std::unexpected(Damaged("a patch has no length"));
  for (std::uint64_t gap = 0; count > 0; --count) {
    if (!ReadVarint(rest, gap)) return std::unexpected(Damaged("places of a patch are not ascending"));
  }
  const auto tails = RecodeTails(rest, coding);
  if (!tails) return tails;
  return std::string(patch.substr(0, patch.size() - rest.size())) + *tails;
}

}  // namespace daicho::collector
