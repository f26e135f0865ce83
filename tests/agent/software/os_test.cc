#include <gtest/gtest.h>

#include "agent/collect/rooted_file_tree.h"
#include "agent/sources/linux/linux_sources.h"
#include "agent/sources/linux/os_release.h"
#include "common/delta.h"
#include "tests/agent/fake_tree.h"
#include "tests/agent/software/rows.h"

namespace daicho::agent {
namespace {

v1::Section Collect(const FileTree& files) {
  const FakeSystem system;
  return CollectOs({files, system, 0});
}

constexpr char kBookworm[] =
    "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\nID=debian\n";

TEST(Os, FillsEveryField) {
  FakeTree files;
  files.File("/etc/os-release", kBookworm)
      .File("/etc/debian_version", "12.11\n")
      .File("/proc/sys/kernel/osrelease", "6.1.0-37-amd64\n")
      .File("/proc/sys/kernel/arch", "x86_64\n")
      .File("/proc/sys/kernel/hostname", "ct-room-1\n")
      .File("/etc/hostname", "other\n")
      .File("/etc/timezone", "Etc/UTC\n")
      .File("/etc/machine-id", "0123456789abcdef0123456789abcdef\n")
      .Link("/etc/localtime", "/usr/share/zoneinfo/Asia/Tokyo");
  const v1::Section section = Collect(files);
  EXPECT_EQ(section.status(), v1::OK) << section.reason();
  ASSERT_EQ(section.rows_size(), 1);
  const v1::Os row = RowsOf<v1::Os>(section)[0];
  EXPECT_EQ(row.id(), "debian");
  EXPECT_EQ(row.name(), "Debian GNU/Linux 12 (bookworm)");
  EXPECT_EQ(row.version(), "12.11");
  EXPECT_EQ(row.codename(), "bookworm");
  EXPECT_EQ(row.kernel(), "6.1.0-37-amd64");
  EXPECT_EQ(row.architecture(), "x86_64");
  EXPECT_EQ(row.hostname(), "ct-room-1");
  EXPECT_EQ(row.time_zone(), "Asia/Tokyo");
  EXPECT_EQ(row.machine_id(), Hex(Sha256("0123456789abcdef0123456789abcdef")).substr(0, 32));
}

TEST(Os, ValuesAreReadAsAShellReadsThem) {
  struct Case {
    const char *text, *value;
    int issues;
  };
  for (const Case& c :
       {Case{"PRETTY_NAME=bare\n", "bare", 0}, Case{"PRETTY_NAME='single \\ quotes'", "single \\ quotes", 0},
        Case{"PRETTY_NAME=\"a \\\"b\\\" \\$c\"\r\n", "a \"b\" $c", 0},
        Case{"# comment\n\nPRETTY_NAME=x\nPRETTY_NAME=y\n", "y", 0}, Case{"PRETTY_NAME=\n", "", 0},
        Case{"PRETTY_NAME=\"open\n", "", 1}, Case{"PRETTY_NAME=\"a\" b\n", "", 1}, Case{"PRETTY_NAME\n", "", 1},
        Case{"PRETTY_NAME=日本語\xff\n", "日本語\xef\xbf\xbd", 0}}) {
    SectionBuilder section("os");
    EXPECT_EQ(ParseOsRelease(c.text, "/etc/os-release", section).pretty_name, c.value) << c.text;
    EXPECT_EQ(section.Take().issues_size(), c.issues) << c.text;
  }
}

TEST(Os, PointReleaseIsTakenOnlyWhereItBelongsToTheVersion) {
  struct Case {
    const char *release, *point, *version;
  };
  for (const Case& c :
       {Case{"ID=debian\nVERSION_ID=12\n", "12.11\n", "12.11"}, Case{"ID=debian\nVERSION_ID=1\n", "12.11\n", "1"},
        Case{"ID=debian\n", "trixie/sid\n", ""}, Case{"ID=ubuntu\nVERSION_ID=22.04\n", "bookworm/sid\n", "22.04"},
        Case{"ID=debian\nVERSION_ID=12\n", "12.11; rm -rf\n", "12"}}) {
    FakeTree files;
    files.File("/usr/lib/os-release", c.release).File("/etc/debian_version", c.point);
    EXPECT_EQ(RowsOf<v1::Os>(Collect(files)).at(0).version(), c.version) << c.release;
  }
}

TEST(Os, NamesComeFromFilesWhereNothingRuns) {
  FakeTree files;
  files.File("/etc/os-release", kBookworm)
      .File("/etc/hostname", "# set by hand\n  xray-2 \n")
      .File("/etc/timezone", "Asia/Tokyo\n");
  const v1::Os row = RowsOf<v1::Os>(Collect(files)).at(0);
  EXPECT_EQ(row.hostname(), "xray-2");
  EXPECT_EQ(row.time_zone(), "Asia/Tokyo");
  EXPECT_EQ(row.kernel(), "");
}

TEST(Os, WithoutOsReleaseTheRestIsPartialAndNothingAtAllFails) {
  EXPECT_EQ(Collect(FakeTree().File("/etc/hostname", "a\n")).status(), v1::PARTIAL);
  EXPECT_EQ(Collect(FakeTree()).status(), v1::FAILED);
}

TEST(Os, MachineIdThatIsNoneIsLeftOut) {
  for (const char* id : {"uninitialized\n", "", "0123\n", "0123456789ABCDEF0123456789ABCDEF\n"}) {
    FakeTree files;
    files.File("/etc/os-release", kBookworm).File("/etc/machine-id", id);
    EXPECT_EQ(RowsOf<v1::Os>(Collect(files)).at(0).machine_id(), "") << id;
  }
}

TEST(Os, RealRootsGiveTheirRelease) {
  const auto files = RootedFileTree::Open(std::string(DAICHO_FIXTURES) + "/roots/debian-11-multiarch");
  ASSERT_TRUE(files);
  const v1::Os row = RowsOf<v1::Os>(Collect(*files)).at(0);
  EXPECT_EQ(row.name(), "Debian GNU/Linux 11 (bullseye)");
  EXPECT_EQ(row.version(), "11.11");
}

}  // namespace
}  // namespace daicho::agent
