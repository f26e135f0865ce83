// The blobs of a ledger that was damaged: decoding either refuses them, or gives what encodes to the same meaning
// again. The first byte says which blob the rest is; the second one how many items there are.
#include <cstdint>
#include <cstdlib>
#include <numeric>

#include "collector/store/set_codec.h"

namespace {

using daicho::collector::ItemId;
using daicho::collector::ItemTails;

void CheckItems(std::string_view blob) {
  const auto ids = daicho::collector::DecodeItems(blob);
  if (ids && daicho::collector::EncodeItems(*ids) != blob) std::abort();
}

void CheckTails(std::string_view blob, std::size_t count) {
  const auto tails = daicho::collector::DecodeTails(blob, count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto tail = daicho::collector::DecodeTail(blob, count, i);
    if (tail.has_value() != tails.has_value() || (tail && *tail != (*tails)[i])) std::abort();
  }
  if (!tails) return;
  const std::vector<std::string_view> views(tails->begin(), tails->end());
  if (daicho::collector::DecodeTails(daicho::collector::EncodeTails(views), count) != *tails) std::abort();
}

void CheckPatch(std::string_view blob, std::size_t count) {
  const ItemTails base{{2, 3, 5, 7}, {"two", "", "five", "seven"}};
  std::vector<ItemId> ids(count);
  std::iota(ids.begin(), ids.end(), ItemId{1});
  const auto tails = daicho::collector::ApplyPatch(blob, ids, base);
  if (!tails) return;
  const std::vector<std::string_view> views(tails->begin(), tails->end());
  const std::string again = daicho::collector::EncodePatch(ids, views, base);
  if (daicho::collector::ApplyPatch(again, ids, base) != *tails) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view blob(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::size_t count = data[1];
  if (data[0] % 3 == 0) CheckItems(blob);
  if (data[0] % 3 == 1) CheckTails(blob, count);
  if (data[0] % 3 == 2) CheckPatch(blob, count);
  return 0;
}
