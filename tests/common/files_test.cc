#include "common/files.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/temporary_folder.h"

namespace daicho {
namespace {

class Files : public testing::Test {
 protected:
  std::string Path(const std::string& name) const { return folder_.File(name); }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }
  const TemporaryFolder folder_;
};

TEST_F(Files, WrittenAtomicallyReadBackWithTheirMode) {
  ASSERT_TRUE(WriteFileAtomically(Path("key.pem"), "first", 0600));
  ASSERT_TRUE(WriteFileAtomically(Path("key.pem"), std::string("sec\0nd", 6), 0600));
  EXPECT_EQ(ReadFile(Path("key.pem")), std::string("sec\0nd", 6));
  struct stat info{};
  ASSERT_EQ(::stat(Path("key.pem").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777u, 0600u);
}

TEST_F(Files, FailedWriteLeavesTheOldContentAndNoTemporary) {
  ASSERT_TRUE(MakeFolder(Path("target")));
  ASSERT_TRUE(WriteFileAtomically(Path("target/inside"), "x"));
  const Status over_folder = WriteFileAtomically(Path("target"), "a folder cannot be replaced");
  ASSERT_FALSE(over_folder);
  EXPECT_NE(over_folder.error().message.find("target"), std::string::npos);
  EXPECT_EQ(ReadFile(Path("target/inside")), "x");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 1);
}

TEST_F(Files, WrittenInPiecesAppearWholeOrNotAtAll) {
  ASSERT_TRUE(WriteFileAtomically(Path("a.csv"), "yesterday"));
  {
    auto given_up = AtomicFile::Create(Path("a.csv"));
    ASSERT_TRUE(given_up);
    EXPECT_TRUE(given_up->Append("today"));
  }
  EXPECT_EQ(ReadFile(Path("a.csv")), "yesterday");
  auto file = AtomicFile::Create(Path("a.csv"), 0640);
  ASSERT_TRUE(file);
  EXPECT_TRUE(file->Append("to"));
  EXPECT_TRUE(file->Append(""));
  EXPECT_TRUE(file->Append("day"));
  EXPECT_EQ(ReadFile(Path("a.csv")), "yesterday");
  AtomicFile moved(std::move(*file));
  ASSERT_TRUE(moved.Commit());
  EXPECT_EQ(ReadFile(Path("a.csv")), "today");
  struct stat info{};
  ASSERT_EQ(::stat(Path("a.csv").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777u, 0640u);
  EXPECT_EQ(Names(), std::vector<std::string>{"a.csv"});
}

// Somebody presses Ctrl-C while a large file is written.
TEST_F(Files, KilledWriterLeavesNothingBehind) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    auto file = AtomicFile::Create(Path("a.csv"));
    static_cast<void>(file->Append("half"));
    ::raise(SIGKILL);
  }
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_EQ(Names(), std::vector<std::string>());
}

TEST_F(Files, NoSpaceIsToldAndTheOldContentStays) {
  ASSERT_TRUE(WriteFileAtomically(Path("a.csv"), "yesterday"));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{.rlim_cur = 4096, .rlim_max = before.rlim_max};
  ::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const Status written = WriteFileAtomically(Path("a.csv"), std::string(10'000, 'x'));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Code::kResourceExhausted);
  EXPECT_EQ(written.error().message, Path("a.csv") + ": cannot write: File too large");
  EXPECT_EQ(ReadFile(Path("a.csv")), "yesterday");
  EXPECT_EQ(Names(), std::vector<std::string>{"a.csv"});
}

TEST_F(Files, OfAFolderThatIsNotThereAreToldBeforeAnythingIsWritten) {
  const auto file = AtomicFile::Create(Path("nowhere/a.csv"));
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, Code::kNotFound);
  EXPECT_NE(file.error().message.find(Path("nowhere/a.csv")), std::string::npos);
}

TEST_F(Files, PipesAndDevicesAreNotReplaced) {
  ASSERT_EQ(::mkfifo(Path("pipe").c_str(), 0600), 0);
  const Status written = WriteFileAtomically(Path("pipe"), "x");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Code::kInvalidArgument);
  EXPECT_TRUE(std::filesystem::is_fifo(Path("pipe")));
}

TEST_F(Files, MissingOnesAreNamed) {
  const auto missing = ReadFile(Path("nothing"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Code::kNotFound);
  EXPECT_NE(missing.error().message.find(Path("nothing")), std::string::npos);
}

TEST_F(Files, LargerThanTheCapAreRefused) {
  ASSERT_TRUE(WriteFileAtomically(Path("big"), std::string(1000, 'x')));
  EXPECT_TRUE(ReadFile(Path("big"), 1000));
  EXPECT_EQ(ReadFile(Path("big"), 999).error().code, Code::kResourceExhausted);
}

}  // namespace
}  // namespace daicho
