// Facts as JSON (RFC 8259), in protobuf's field names.
//
// Own writer because protobuf's JsonUtil resolves every message through a type server: 1,000 rows cost it more CPU than
// the whole snapshot may take (DESIGN §9). Differences from proto3 JSON, both for scripts: 64-bit integers are
// numbers, and repeated fields are printed even when empty; a singular field that is not set is left out ("not known").
// Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace google::protobuf {
class Message;
}

namespace daicho {

// Appends `text` quoted and escaped. Bytes that are not UTF-8 become U+FFFD, so that the output is always valid JSON.
void AppendJsonString(std::string_view text, std::string& out);

// Appends one JSON object on one line. google.protobuf.Timestamp becomes RFC 3339 in UTC; enums become their names;
// bytes become lower-case hexadecimal.
void AppendJson(const google::protobuf::Message& message, std::string& out);

std::string ToJson(const google::protobuf::Message& message);

}  // namespace daicho
