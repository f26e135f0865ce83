// Any bytes as a file of rows: never a crash, and what is accepted is written back as the same bytes.
#include <cstdint>
#include <cstdlib>

#include "agent/identity/row_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view content(reinterpret_cast<const char*>(data), size);
  const auto file = daicho::agent::ParseRowFile(content, "fuzz");
  if (file && daicho::agent::FormatRowFile(file->time, file->rows) != content) std::abort();
  return 0;
}
