// Compressed noise: never more than the cap comes out, and what comes out of gzip does so again. The first byte chooses
// the format.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "agent/sources/linux/decompress.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr std::size_t kCap = 1u << 16;
  const auto compression = static_cast<daicho::agent::Compression>(data[0] % 5);
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto result = daicho::agent::Decompress("/log", compression, bytes, kCap);
  if (!result) {
    if (!result.error().message.starts_with("/log: ")) std::abort();
    return 0;
  }
  if (result->size() > kCap) std::abort();
  const auto exact = daicho::agent::Decompress("/log", compression, bytes, result->size());
  if (!exact || *exact != *result) std::abort();
  if (!result->empty() && daicho::agent::Decompress("/log", compression, bytes, result->size() - 1)) std::abort();
  return 0;
}
