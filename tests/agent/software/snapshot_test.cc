#include "agent/collect/snapshot.h"

#include <gtest/gtest.h>

#include <array>
#include <new>

#include "common/sections.h"
#include "tests/agent/fake_tree.h"

namespace daicho::agent {
namespace {

v1::Section Fine(const SourceInput&) {
  v1::Section section;
  section.set_name("os");
  section.set_status(v1::OK);
  return section;
}
v1::Section OutOfMemory(const SourceInput&) { throw std::bad_alloc(); }
v1::Section ThrowsNumber(const SourceInput&) { throw 7; }

constexpr std::array<Source, 3> kSources = {{{"software", OutOfMemory}, {"os", Fine}, {"network", ThrowsNumber}}};

TEST(CollectSection, ExceptionOfASourceBecomesAFailedSectionThatNamesIt) {
  const FakeTree files;
  const FakeSystem system;
  const SourceInput input{files, system, 0};
  EXPECT_EQ(CollectSection(kSources[1], input).status(), v1::OK);
  for (const Source& source : {kSources[0], kSources[2]}) {
    const v1::Section section = CollectSection(source, input);
    EXPECT_EQ(section.status(), v1::FAILED);
    EXPECT_EQ(section.name(), source.section);
    EXPECT_NE(section.reason().find(source.section), std::string::npos) << section.reason();
  }
}

TEST(SelectSources, NoNameMeansAllAndOrderIsThatOfTheRegistry) {
  EXPECT_EQ(SelectSources({}, kSources)->size(), 3u);
  const std::vector<std::string> names = {"os", "software", "os"};
  EXPECT_EQ(SelectSources(names, kSources), (std::vector<const Source*>{&kSources[0], &kSources[1]}));
}

TEST(SelectSources, UnknownNameListsTheValidOnes) {
  const std::vector<std::string> names = {"os", "sofware"};
  const auto chosen = SelectSources(names, kSources);
  ASSERT_FALSE(chosen);
  EXPECT_EQ(chosen.error().code, Code::kInvalidArgument);
  EXPECT_EQ(chosen.error().message, "no section is called 'sofware'; choose from: software, os, network");
}

TEST(SelectSources, EverySourceOfTheAgentAnswersAKnownSection) {
  EXPECT_EQ(SelectSources({})->size(), AllSources().size());
  for (const Source& source : AllSources()) {
    EXPECT_NE(FindSection(source.section), nullptr) << source.section;
    const FakeTree files;
    const FakeSystem system;
    const v1::Section section = CollectSection(source, {files, system, 0});
    EXPECT_EQ(section.name(), source.section);
    EXPECT_EQ(section.status(), v1::FAILED) << source.section << " made a statement about an empty root";
  }
}

}  // namespace
}  // namespace daicho::agent
