// Whatever somebody outside sends into a line of the log: it stays one line, JSON stays JSON, and no value becomes a
// field.
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "collector/log/line.h"
#include "common/text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view message = text.substr(0, size / 2);
  const std::string_view value = text.substr(size / 2);
  const daicho::collector::LogField fields[] = {{"error", value}, {"ms", "1.5", true}};
  const daicho::collector::LogLine line{.seconds = 1'800'000'000,
                                        .milliseconds = static_cast<int>(size),
                                        .level = "warn",
                                        .message = message,
                                        .request_id = "3f2a91c0",
                                        .fields = fields};
  const auto clean = [](const std::string& written) {
    if (!daicho::IsUtf8(written) || std::ranges::any_of(written, [](unsigned char c) { return c < 0x20; }))
      std::abort();
  };
  clean(daicho::collector::TextLine(line));
  const std::string json = daicho::collector::JsonLine(line);
  clean(json);
  google::protobuf::Struct object;
  if (!google::protobuf::util::JsonStringToMessage(json, &object).ok() || object.fields_size() != 6) std::abort();
  return 0;
}
