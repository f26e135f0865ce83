// A row from the wire: splitting never loses a byte, a parsed row has a key, and its JSON is clean UTF-8.
#include <google/protobuf/message.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "common/json.h"
#include "common/sections.h"
#include "common/text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view row(reinterpret_cast<const char*>(data), size);
  if (const auto split = daicho::SplitRowBytes(row)) {
    if (std::string(split->item) + std::string(split->tail) != row) std::abort();
  }
  for (const daicho::SectionType& type : daicho::AllSections()) {
    const auto parsed = daicho::ParseRow(type, row);
    if (!parsed) continue;
    const std::string key = daicho::RowKey(type, **parsed);
    const auto again = daicho::ParseRow(type, daicho::RowBytes(**parsed));
    if (!again || daicho::RowKey(type, **again) != key) std::abort();
    if (!daicho::IsUtf8(daicho::ToJson(**parsed))) std::abort();
  }
  return 0;
}
