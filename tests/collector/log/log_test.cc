#include "collector/log/log.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <sstream>
#include <string>
#include <thread>

#include "collector/log/request_id.h"

namespace daicho::collector {
namespace {

using std::chrono::seconds;

class Log : public testing::Test {
 protected:
  std::shared_ptr<spdlog::logger> Make(const LogSettings& settings, const LogLimits& limits = {}) {
    return MakeLog(settings, std::make_shared<spdlog::sinks::ostream_sink_st>(text_), limits);
  }
  static void Say(spdlog::logger& log, int at, spdlog::level::level_enum level, const std::string& words) {
    log.log(spdlog::log_clock::time_point(seconds(1'795'410'000 + at)), {}, level, words);
  }
  std::size_t Count(const std::string& words) const {
    std::size_t count = 0;
    const std::string text = text_.str();
    for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) ++count;
    return count;
  }

  std::ostringstream text_;
};

TEST_F(Log, FloodOfRefusalsIsCountedAndToldOnceAMinute) {
  const auto log = Make({}, {.info_lines = 100, .warning_lines = 5});
  for (int i = 0; i < 1000; ++i) Say(*log, i % 60, spdlog::level::warn, "refused");
  EXPECT_EQ(Count("refused"), 5u);
  Say(*log, 59, spdlog::level::info, "admin looked");
  EXPECT_EQ(Count("admin looked"), 1u) << "warnings take no room of what is said besides";
  EXPECT_EQ(Count("only counted"), 0u);
  Say(*log, 60, spdlog::level::info, "next minute");
  Say(*log, 61, spdlog::level::warn, "refused");
  EXPECT_EQ(Count("warn 995 more lines of level warn were only counted"), 1u) << text_.str();
  EXPECT_EQ(Count("only counted"), 1u);
}

TEST_F(Log, WhatIsToldOfOthersBelongsToNoCall) {
  const auto log = Make({}, {.info_lines = 1, .warning_lines = 1});
  Say(*log, 0, spdlog::level::info, "one");
  Say(*log, 0, spdlog::level::info, "two");
  SetRequestId("0000abcd");
  Say(*log, 60, spdlog::level::info, "three");
  SetRequestId({});
  EXPECT_EQ(Count("0000abcd"), 1u) << text_.str();
  EXPECT_EQ(Count("info 0000abcd three"), 1u) << text_.str();
}

TEST_F(Log, LevelDecides) {
  const auto log = Make({.level = spdlog::level::warn});
  Say(*log, 0, spdlog::level::info, "left out");
  Say(*log, 0, spdlog::level::err, "disk full");
  EXPECT_EQ(text_.str(), "2026-11-23T05:00:00.000Z error disk full\n");
}

TEST_F(Log, FieldsBelongToOneLine) {
  spdlog::set_default_logger(Make({.format = LogFormat::kJson}));
  LogWith(spdlog::level::info, "call {} %s", {{"method", "a/B"}, {"ms", "1", true}});
  spdlog::info("next");
  EXPECT_EQ(Count("\"message\":\"call {} %s\",\"method\":\"a/B\",\"ms\":1}"), 1u) << text_.str();
  EXPECT_EQ(Count("\"message\":\"next\"}"), 1u) << text_.str();
  StartLog({});
}

TEST(RequestId, IsOfItsThread) {
  SetRequestId("11111111");
  std::thread([] { EXPECT_EQ(CurrentRequestId(), ""); }).join();
  EXPECT_EQ(CurrentRequestId(), "11111111");
  SetRequestId({});
}

TEST(RequestId, IsEightHexDigitsAndNotTheSameAgain) {
  const std::string id = NewRequestId();
  EXPECT_EQ(id.size(), 8u);
  EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos) << id;
  EXPECT_NE(NewRequestId(), id);
}

}  // namespace
}  // namespace daicho::collector
