// The software list is that of dpkg-query: of roots of real releases, and of the machine the tests run on.
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "agent/collect/rooted_file_tree.h"
#include "agent/collect/system_views.h"
#include "agent/sources/linux/linux_sources.h"
#include "tests/agent/software/rows.h"

namespace daicho::agent {
namespace {

// Lines "name version architecture state", as dpkg-query prints them with tabs.
std::multiset<std::string> Lines(std::string_view text) {
  std::multiset<std::string> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.emplace(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

v1::Section Collect(const std::string& root) {
  const auto files = RootedFileTree::Open(root);
  EXPECT_TRUE(files) << files.error().message;
  const NoSystem system;
  return CollectDpkg({*files, system, 0});
}

std::multiset<std::string> Software(const v1::Section& section) {
  EXPECT_EQ(section.status(), v1::OK) << section.reason();
  EXPECT_EQ(section.issues_size(), 0) << section.ShortDebugString().substr(0, 2000);
  std::multiset<std::string> lines;
  for (const v1::Software& row : RowsOf<v1::Software>(section)) {
    lines.insert(row.name() + "\t" + row.version() + "\t" + row.architecture() + "\t" + row.state());
  }
  return lines;
}

class RealRoot : public testing::TestWithParam<const char*> {};

TEST_P(RealRoot, SoftwareEqualsDpkgQuery) {
  const std::string root = std::string(DAICHO_FIXTURES) + "/roots/" + GetParam();
  std::ifstream file(root + "/dpkg-query.txt");
  const std::string expected((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  ASSERT_GT(Lines(expected).size(), 80u);
  EXPECT_EQ(Software(Collect(root)), Lines(expected));
}

INSTANTIATE_TEST_SUITE_P(Debian, RealRoot,
                         testing::Values("debian-11-multiarch", "debian-12-mixed-states", "debian-13-half-configured"),
                         [](const auto& root) {
                           std::string name = root.param;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

TEST(ThisMachine, SoftwareEqualsDpkgQuery) {
  FILE* pipe =
      ::popen("dpkg-query -W -f '${Package}\\t${Version}\\t${Architecture}\\t${db:Status-Status}\\n' 2>/dev/null", "r");
  ASSERT_NE(pipe, nullptr);
  std::string expected;
  char buffer[4096];
  for (std::size_t size = 0; (size = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) expected.append(buffer, size);
  if (::pclose(pipe) != 0 || expected.empty()) GTEST_SKIP() << "no dpkg-query on this machine";
  const v1::Section section = Collect("/");
  EXPECT_EQ(Software(section), Lines(expected));
  for (const v1::Software& row : RowsOf<v1::Software>(section)) {
    EXPECT_TRUE(row.has_installed_at() || row.state() != "installed") << row.name();
  }
}

}  // namespace
}  // namespace daicho::agent
