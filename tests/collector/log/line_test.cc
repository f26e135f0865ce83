#include "collector/log/line.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <vector>

namespace daicho::collector {
namespace {

constexpr UnixTime kTime = 1'795'410'000;  // 2026-11-23T05:00:00Z

LogLine Line(std::string_view message, std::span<const LogField> fields = {}, std::string_view id = {}) {
  return {.seconds = kTime, .milliseconds = 7, .level = "warn", .message = message, .request_id = id, .fields = fields};
}

google::protobuf::Struct ReadJson(const std::string& line) {
  google::protobuf::Struct object;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(line, &object).ok()) << line;
  return object;
}

TEST(LogLine, TextIsReadableAndHasTheFieldsAtItsEnd) {
  const std::vector<LogField> fields = {{"code", "OK"}, {"ms", "1.250", true}};
  EXPECT_EQ(TextLine(Line("call", fields, "3f2a91c0")), "2026-11-23T05:00:00.007Z warn 3f2a91c0 call code=OK ms=1.250");
  EXPECT_EQ(TextLine(Line("collector ready")), "2026-11-23T05:00:00.007Z warn collector ready");
}

TEST(LogLine, JsonIsOneObjectWithTheSame) {
  const std::vector<LogField> fields = {{"code", "OK"}, {"ms", "1.250", true}};
  const auto object = ReadJson(JsonLine(Line("call", fields, "3f2a91c0")));
  EXPECT_EQ(object.fields().at("time").string_value(), "2026-11-23T05:00:00.007Z");
  EXPECT_EQ(object.fields().at("level").string_value(), "warn");
  EXPECT_EQ(object.fields().at("message").string_value(), "call");
  EXPECT_EQ(object.fields().at("request_id").string_value(), "3f2a91c0");
  EXPECT_EQ(object.fields().at("code").string_value(), "OK");
  EXPECT_EQ(object.fields().at("ms").number_value(), 1.25);
  EXPECT_FALSE(ReadJson(JsonLine(Line("collector ready"))).fields().contains("request_id"));
}

struct ValueCase {
  const char* name;
  std::string value;
  std::string in_text;
};

class LogValue : public testing::TestWithParam<ValueCase> {};

TEST_P(LogValue, CanBeReadInOneWayOnly) {
  const std::vector<LogField> fields = {{"error", GetParam().value}};
  EXPECT_TRUE(TextLine(Line("call", fields)).ends_with(" call error=" + GetParam().in_text))
      << TextLine(Line("call", fields));
  EXPECT_EQ(ReadJson(JsonLine(Line("call", fields))).fields().count("error"), 1u);
}

INSTANTIATE_TEST_SUITE_P(Table, LogValue,
                         testing::Values(ValueCase{"plain", "ipv4:127.0.0.1:1", "ipv4:127.0.0.1:1"},
                                         ValueCase{"blank", "no such device", "\"no such device\""},
                                         ValueCase{"empty", "", "\"\""}, ValueCase{"quote", "a\"b", "\"a\\\"b\""},
                                         ValueCase{"another_field", "x code=OK", "\"x code=OK\""},
                                         ValueCase{"forged_line", "x\n2026 info forged", "\"x 2026 info forged\""},
                                         ValueCase{"escape_sequence", "\x1b[31mred", "\" [31mred\""},
                                         ValueCase{"japanese", "病棟", "病棟"},
                                         ValueCase{"no_text", "\xff", "\xef\xbf\xbd"}),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(LogLine, MessageWithLineFeedStaysOneLine) {
  const std::string forged = "a\n2026-11-23T05:00:00.000Z info admin/sato granted";
  EXPECT_EQ(TextLine(Line(forged)).find('\n'), std::string::npos);
  EXPECT_EQ(JsonLine(Line(forged)).find('\n'), std::string::npos);
}

TEST(LogLine, IsCut) {
  const std::string megabyte(1u << 20, 'x');
  const std::vector<LogField> fields = {{"error", megabyte}};
  EXPECT_LT(TextLine(Line(megabyte, fields)).size(), 5'500u);
  EXPECT_LT(JsonLine(Line(megabyte, fields)).size(), 5'500u);
}

}  // namespace
}  // namespace daicho::collector
