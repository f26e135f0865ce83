#include "common/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/temporary_folder.h"

namespace daicho {
namespace {

class Files : public testing::Test {
 protected:
  std::string Path(const std::string& name) const { return folder_.File(name); }
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
