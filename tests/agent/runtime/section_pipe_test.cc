// The pipe between collection and uplink: what is cut is FAILED, what is whole arrives.
#include "agent/cycle/section_pipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "agent/supervisor/children.h"
#include "common/sections.h"

namespace daicho::agent {
namespace {

using testing::HasSubstr;

constexpr UnixTime kNow = 1'800'000'000;
constexpr UnixTime kCollectedAt = 1'799'999'000;

v1::Section Section(const std::string& name, const std::vector<std::string>& rows) {
  v1::Section section;
  section.set_name(name);
  section.set_status(v1::OK);
  for (const std::string& row : rows) section.add_rows(row);
  return section;
}

// Bytes that `write` puts into a pipe (small enough for its buffer).
std::string Written(const std::function<void(SectionWriter&)>& write) {
  auto pipe = NewPipe();
  SectionWriter writer(pipe->write.get());
  write(writer);
  pipe->write.Close();
  return *ReadStream(pipe->read.get());
}

std::string WholeStream() {
  return Written([](SectionWriter& writer) {
    ASSERT_TRUE(writer.Plan(kCollectedAt, {"software", "accounts"}));
    ASSERT_TRUE(writer.Write(Section("software", {"a", std::string(300, 'x')})));
    ASSERT_TRUE(writer.Write(Section("accounts", {"b"})));
    ASSERT_TRUE(writer.Trailer());
  });
}

TEST(SectionPipe, WholeStreamArrives) {
  const Collected collected = ParseCollected(WholeStream(), kNow);
  EXPECT_TRUE(collected.complete) << collected.problem;
  EXPECT_EQ(collected.collected_at, kCollectedAt);
  ASSERT_EQ(collected.sections.size(), 2u);
  EXPECT_EQ(collected.sections[0].rows_size(), 2);
  EXPECT_EQ(collected.sections[1].name(), "accounts");
  EXPECT_EQ(collected.sections[1].status(), v1::OK);
}

TEST(SectionPipe, CutAtAnyByteFailsOnlyWhatDidNotArrive) {
  const std::string whole = WholeStream();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Collected collected = ParseCollected(whole.substr(0, size), kNow);
    EXPECT_FALSE(collected.complete) << size;
    EXPECT_FALSE(collected.problem.empty()) << size;
    for (const v1::Section& section : collected.sections) {
      if (section.status() != v1::FAILED) continue;
      EXPECT_EQ(section.rows_size(), 0);
      EXPECT_THAT(section.reason(), HasSubstr("collection ended early"));
    }
  }
  const Collected last_byte_missing = ParseCollected(whole.substr(0, whole.size() - 1), kNow);
  EXPECT_EQ(last_byte_missing.sections[1].status(), v1::OK);
}

TEST(SectionPipe, WithoutAPlanEverySectionIsFailed) {
  for (const std::string& stream : {std::string(), std::string("P"), std::string("junk"), std::string("S\0", 2)}) {
    const Collected collected = ParseCollected(stream, kNow);
    EXPECT_EQ(collected.sections.size(), AllSections().size());
    EXPECT_EQ(collected.collected_at, kNow);
    for (const v1::Section& section : collected.sections) EXPECT_EQ(section.status(), v1::FAILED);
  }
}

TEST(SectionPipe, SectionThatThePlanDoesNotHaveEndsTheStream) {
  const Collected collected = ParseCollected(Written([](SectionWriter& writer) {
                                               ASSERT_TRUE(writer.Plan(kCollectedAt, {"software", "accounts"}));
                                               ASSERT_TRUE(writer.Write(Section("groups", {"a"})));
                                             }),
                                             kNow);
  EXPECT_THAT(collected.problem, HasSubstr("groups"));
  EXPECT_EQ(collected.sections[0].status(), v1::FAILED);
}

TEST(SectionPipe, LengthOfAHugeFrameIsNotBelieved) {
  const std::string stream = "P\xff\xff\xff\xff\xff\xff\xff\xff\x7f";
  EXPECT_FALSE(ParseCollected(stream, kNow).complete);
}

TEST(SectionPipe, ReaderThatIsGoneIsAnError) {
  std::signal(SIGPIPE, SIG_IGN);
  auto pipe = NewPipe();
  pipe->read.Close();
  EXPECT_EQ(SectionWriter(pipe->write.get()).Trailer().error().code, Code::kUnavailable);
}

}  // namespace
}  // namespace daicho::agent
