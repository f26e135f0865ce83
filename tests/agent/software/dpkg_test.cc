#include <gtest/gtest.h>

#include "agent/sources/linux/dpkg_status.h"
#include "agent/sources/linux/linux_sources.h"
#include "tests/agent/fake_tree.h"
#include "tests/agent/software/rows.h"

namespace daicho::agent {
namespace {

constexpr char kStatus[] = "/var/lib/dpkg/status";

std::string Stanza(const std::string& name, const std::string& version, const std::string& more = "",
                   const std::string& status = "install ok installed") {
  return "Package: " + name + "\nStatus: " + status + "\nArchitecture: amd64\nVersion: " + version + "\n" + more +
         "Description: short\n long line\n .\n more\n\n";
}

v1::Section Collect(const FakeTree& files) {
  const FakeSystem system;
  return CollectDpkg({files, system, 0});
}
v1::Section CollectStatus(std::string text) { return Collect(FakeTree().File(kStatus, std::move(text))); }

std::vector<v1::Software> Rows(const v1::Section& section) { return RowsOf<v1::Software>(section); }

TEST(Dpkg, FillsEveryFieldOfAPackage) {
  FakeTree files;
  files
      .File(kStatus,
            "Package: libssl3\nStatus: hold reinstreq half-configured\nPriority: optional\nSection: libs\n"
            "Maintainer: Jérôme 山田 <a@b>\nArchitecture: amd64\nMulti-Arch: same\nSource: openssl (3.0.11)\n"
            "Version: 1:3.0.11---1~deb12u2+b1\nConffiles:\n /etc/x 123 obsolete\nDescription: x\n y\n\n")
      .File("/var/lib/dpkg/info/libssl3:amd64.list", "", FileInfo{.modified_at = 1'700'000'000});
  const v1::Section section = Collect(files);
  EXPECT_EQ(section.status(), v1::OK) << section.reason();
  EXPECT_EQ(section.name(), "software");
  ASSERT_EQ(section.rows_size(), 1);
  const v1::Software row = Rows(section)[0];
  EXPECT_EQ(row.manager(), "dpkg");
  EXPECT_EQ(row.name(), "libssl3");
  EXPECT_EQ(row.architecture(), "amd64");
  EXPECT_EQ(row.version(), "1:3.0.11---1~deb12u2+b1");
  EXPECT_EQ(row.state(), "half-configured");
  EXPECT_EQ(row.want(), "hold");
  EXPECT_TRUE(row.reinstall_required());
  EXPECT_EQ(row.source(), "openssl");
  EXPECT_EQ(row.source_version(), "3.0.11");
  EXPECT_EQ(row.publisher(), "Jérôme 山田 <a@b>");
  EXPECT_EQ(row.section(), "libs");
  EXPECT_EQ(row.installed_at().seconds(), 1'700'000'000);
}

TEST(Dpkg, EveryStateIsToldApartAndNotInstalledIsLeftOut) {
  for (const char* state : {"config-files", "half-installed", "unpacked", "half-configured", "triggers-awaited",
                            "triggers-pending", "installed"}) {
    const auto rows = Rows(CollectStatus(Stanza("a", "1", "", std::string("deinstall ok ") + state)));
    ASSERT_EQ(rows.size(), 1u) << state;
    EXPECT_EQ(rows[0].state(), state);
    EXPECT_EQ(rows[0].want(), "deinstall");
  }
  const auto rows = Rows(CollectStatus(Stanza("a", "1", "", "purge ok not-installed") + Stanza("b", "1")));
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].name(), "b");
}

TEST(Dpkg, SourceIsStatedOnlyWhereItDiffers) {
  struct Case {
    const char *field, *source, *version;
  };
  for (const Case& c :
       {Case{"", "", ""}, Case{"Source: a\n", "", ""}, Case{"Source: b\n", "b", ""}, Case{"Source: b (2)\n", "b", "2"},
        Case{"Source: a (2)\n", "", "2"}, Case{"Source: b (1)\n", "b", ""}, Case{"Source: b (2\n", "b", "2"}}) {
    const auto rows = Rows(CollectStatus(Stanza("a", "1", c.field)));
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0].source(), c.source) << c.field;
    EXPECT_EQ(rows[0].source_version(), c.version) << c.field;
  }
}

TEST(Dpkg, InstallTimeComesFromTheListFileThatBelongsToThePackage) {
  FakeTree files;
  files.File(kStatus, Stanza("plain", "1") + Stanza("same", "1", "Multi-Arch: same\n") + Stanza("listless", "1") +
                          Stanza("removed", "1", "", "deinstall ok config-files"));
  files.File("/var/lib/dpkg/info/plain.list", "", FileInfo{.modified_at = 10});
  files.File("/var/lib/dpkg/info/same:amd64.list", "", FileInfo{.modified_at = 20});
  files.File("/var/lib/dpkg/info/same.list", "", FileInfo{.modified_at = 21});
  files.File("/var/lib/dpkg/info/removed.list", "", FileInfo{.modified_at = 30});
  std::map<std::string, std::int64_t> times;
  for (const auto& row : Rows(Collect(files)))
    times[row.name()] = row.has_installed_at() ? row.installed_at().seconds() : -1;
  EXPECT_EQ(times,
            (std::map<std::string, std::int64_t>{{"listless", -1}, {"plain", 10}, {"removed", -1}, {"same", 20}}));
}

TEST(Dpkg, ArchitecturesOfOnePackageAreTwoRows) {
  std::string other = Stanza("zlib1g", "1", "Multi-Arch: same\n");
  other.replace(other.find("amd64"), 5, "i386");
  const v1::Section section = CollectStatus(Stanza("zlib1g", "1", "Multi-Arch: same\n") + other);
  EXPECT_EQ(section.status(), v1::OK);
  EXPECT_EQ(section.issues_size(), 0);
  EXPECT_EQ(Rows(section).size(), 2u);
}

TEST(Dpkg, FormsThatDpkgReadsAreRead) {
  std::string crlf;
  for (const char c : Stanza("a", "1.2")) crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
  const std::string plain = Stanza("a", "1.2");
  for (const std::string& text :
       {plain, crlf, "\n\n" + plain + "\n\n\n", plain.substr(0, plain.size() - 1),
        std::string("package:a\nSTATUS:  install   ok\tinstalled  \nversion:\t1.2\narchitecture: amd64\n \n")}) {
    const v1::Section section = CollectStatus(text);
    EXPECT_EQ(section.status(), v1::OK) << text << section.reason();
    ASSERT_EQ(section.rows_size(), 1) << text;
    EXPECT_EQ(Rows(section)[0].version(), "1.2");
    EXPECT_EQ(Rows(section)[0].name(), "a");
  }
}

TEST(Dpkg, BytesThatAreNoTextAreReplaced) {
  const auto rows = Rows(CollectStatus(Stanza("a", "1", "Maintainer: Andr\xe9 \x1b[31m\n")));
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].publisher(), "Andr\xef\xbf\xbd  [31m");
}

TEST(Dpkg, StanzaThatDoesNotParseIsAnIssueWithItsLineAndTheOthersStay) {
  struct Case {
    const char* text;
    std::uint32_t line;
    const char* message;
  };
  // The good package before takes lines 1 to 9.
  for (const Case& c : {
           Case{"Status: install ok installed\nVersion: 1\n\n", 10, "stanza without Package"},
           Case{"Package: b\nVersion: 1\n\n", 10, "package b: no Status"},
           Case{"Package: b\nStatus: install ok\nVersion: 1\n\n", 10, "package b: Status is 'install ok'"},
           Case{"Package: b\nStatus: install ok fine\nVersion: 1\n\n", 10, "package b: Status is 'install ok fine'"},
           Case{"Package: b\nStatus: install ok installed\n\n", 10, "package b: no Version"},
           Case{"Package: ../b\nStatus: install ok installed\nVersion: 1\n\n", 10, "'../b' is no package name"},
           Case{"Package: b\nno colon\nStatus: install ok installed\nVersion: 1\n\n", 11,
                "line is neither 'Field: value' nor a continuation"},
           Case{" continued\nPackage: b\nStatus: install ok installed\nVersion: 1\n\n", 10,
                "continuation line without a field before it"},
           Case{"Package: b\nStatus: install ok installed\nVersion: 1\nPackage: c\n\n", 13,
                "field Package for the second time; is an empty line missing?"},
       }) {
    const v1::Section section = CollectStatus(Stanza("a", "1") + c.text + Stanza("z", "1"));
    EXPECT_EQ(section.status(), v1::PARTIAL) << c.text;
    ASSERT_EQ(section.issues_size(), 1) << c.text;
    EXPECT_EQ(section.issues(0).file(), kStatus);
    EXPECT_EQ(section.issues(0).line(), c.line) << c.text;
    EXPECT_EQ(section.issues(0).message(), c.message);
    ASSERT_EQ(section.rows_size(), 2) << c.text;
    EXPECT_EQ(Rows(section)[1].name(), "z");
  }
}

TEST(Dpkg, MissingEmptyOrUnreadableStatusSaysNothing) {
  EXPECT_EQ(Collect(FakeTree()).status(), v1::FAILED);
  EXPECT_EQ(Collect(FakeTree()).reason(), "/var/lib/dpkg/status: no dpkg status file; is this a Debian system?");
  EXPECT_EQ(CollectStatus("").status(), v1::FAILED);
  EXPECT_EQ(CollectStatus("\n\n").status(), v1::FAILED);
  EXPECT_EQ(CollectStatus(std::string(4096, '\0')).status(), v1::FAILED);
  EXPECT_EQ(CollectStatus(std::string("\x7f"
                                      "ELF\x02\x01:\x00\n\xff\xfe",
                                      11))
                .status(),
            v1::FAILED);
  EXPECT_EQ(Collect(FakeTree().Unreadable(kStatus)).status(), v1::FAILED);
  EXPECT_EQ(Collect(FakeTree().Unreadable(kStatus, Code::kResourceExhausted)).status(), v1::FAILED);
}

TEST(Dpkg, AFileCutInsideAStanzaIsPartialAndStatesNothingThatWasCut) {
  const std::string whole = Stanza("a", "1.0") + Stanza("b", "2.34");
  const std::size_t second = Stanza("a", "1.0").size();
  // Behind the last line the empty line alone is missing: that is how people leave files.
  for (std::size_t size = second + 1; size < whole.size() - 1; ++size) {
    const v1::Section section = CollectStatus(whole.substr(0, size));
    const bool ends_in_description = whole[size - 1] == '\n' && size > whole.rfind("Description");
    EXPECT_EQ(section.status(), ends_in_description ? v1::OK : v1::PARTIAL) << whole.substr(0, size);
    for (const v1::Software& row : Rows(section)) EXPECT_EQ(row.version(), row.name() == "a" ? "1.0" : "2.34");
  }
}

TEST(Dpkg, SecondStanzaOfAPackageWinsWithAnIssue) {
  const v1::Section section = CollectStatus(Stanza("a", "1") + Stanza("b", "1") + Stanza("a", "2"));
  EXPECT_EQ(section.status(), v1::OK);
  ASSERT_EQ(section.issues_size(), 1);
  EXPECT_EQ(section.issues(0).line(), 19u);
  ASSERT_EQ(section.rows_size(), 2);
  EXPECT_EQ(Rows(section)[0].version(), "2");
}

TEST(Dpkg, NoiseDoesNotMakeASectionOfIssues) {
  std::string text = Stanza("a", "1");
  for (int i = 0; i < 10'000; ++i) text += "noise\n\n";
  const v1::Section section = CollectStatus(text);
  EXPECT_EQ(section.status(), v1::PARTIAL);
  EXPECT_EQ(section.issues_size(), 51);
  EXPECT_EQ(section.issues(50).message(), "9950 more problems");
}

TEST(Dpkg, ImagesWithoutDpkgListTheirPackagesInStatusFolder) {
  FakeTree files;
  files.File("/var/lib/dpkg/status.d/base", "Package: base-files\nVersion: 12.4\nArchitecture: amd64\nDescription: x")
      .File("/var/lib/dpkg/status.d/base.md5sums", "d41d8cd98f00b204e9800998ecf8427e  etc/x\n");
  const v1::Section section = Collect(files);
  EXPECT_EQ(section.status(), v1::OK) << section.reason();
  ASSERT_EQ(section.rows_size(), 1);
  EXPECT_EQ(Rows(section)[0].state(), "installed");
}

TEST(Dpkg, UpdatesThatDpkgHasNotMergedYetReplaceTheStatus) {
  FakeTree files;
  files.File(kStatus, Stanza("a", "1") + Stanza("b", "1") + Stanza("c", "1"))
      .File("/var/lib/dpkg/updates/0001", Stanza("a", "2", "", "install ok unpacked"))
      .File("/var/lib/dpkg/updates/0002", Stanza("a", "2"))
      .File("/var/lib/dpkg/updates/0003", Stanza("b", "1", "", "purge ok not-installed"))
      .File("/var/lib/dpkg/updates/tmp.i", "half writ");
  const v1::Section section = Collect(files);
  EXPECT_EQ(section.status(), v1::OK) << section.reason();
  EXPECT_EQ(section.issues_size(), 0);
  const auto rows = Rows(section);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].version() + rows[0].state(), "2installed");
  EXPECT_EQ(rows[1].name(), "c");
}

// dpkg writes status anew and removes the updates just when we have read the old status.
class StatusReplacedOnce final : public FileTree {
 public:
  Result<std::string> Read(std::string_view path, std::size_t) const override {
    if (path != kStatus) return Fail(Code::kNotFound, std::string(path));
    return Stanza("a", ++reads_ == 1 ? "1" : "2");
  }
  Result<std::vector<std::string>> List(std::string_view path) const override {
    return Fail(Code::kNotFound, std::string(path));
  }
  Result<FileInfo> Stat(std::string_view path) const override {
    if (path != kStatus) return Fail(Code::kNotFound, std::string(path));
    return FileInfo{.kind = FileKind::kRegular, .inode = reads_ == 0 ? 1u : 2u};
  }
  Result<std::string> ReadLink(std::string_view path) const override {
    return Fail(Code::kNotFound, std::string(path));
  }

 private:
  mutable int reads_ = 0;
};

TEST(Dpkg, StatusReplacedWhileUpdatesAreReadIsReadAgain) {
  const StatusReplacedOnce files;
  const FakeSystem system;
  const auto rows = Rows(CollectDpkg({files, system, 0}));
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].version(), "2");
}

}  // namespace
}  // namespace daicho::agent
