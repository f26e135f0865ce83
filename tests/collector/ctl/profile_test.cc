#include "collector/ctl/profile.h"

#include <gtest/gtest.h>

#include <map>

#include "common/files.h"
#include "tests/temporary_folder.h"

namespace daicho::collector {
namespace {

class ProfileFile : public ::testing::Test {
 protected:
  std::string Write(const std::string& content) const {
    const std::string path = folder_.File("profile.toml");
    EXPECT_TRUE(WriteFileAtomically(path, content));
    return path;
  }
  const TemporaryFolder folder_;
};

constexpr const char* kGood =
    "endpoint = \"collector.example:7443\"\nca = \"../ca.pem\"\ncertificate = \"admin.pem\"\nkey = \"/etc/k.pem\"\n"
    "role = \"admin\"\n";

TEST_F(ProfileFile, FilesAreRelativeToIt) {
  const std::string path = Write(kGood);
  const auto profile = LoadProfile(path, Language::kEnglish);
  ASSERT_TRUE(profile) << profile.error().message;
  EXPECT_EQ(profile->endpoint, "collector.example:7443");
  const std::string folder = path.substr(0, path.rfind('/'));
  EXPECT_EQ(profile->ca, folder + "/../ca.pem");
  EXPECT_EQ(profile->certificate, folder + "/admin.pem");
  EXPECT_EQ(profile->key, "/etc/k.pem");
  EXPECT_EQ(profile->role, "admin");
}

TEST_F(ProfileFile, EveryFaultNamesItsPlace) {
  struct Case {
    std::string content;
    std::string place;
    std::string words;
  };
  const std::string good = kGood;
  const Case cases[] = {
      {"endpoint = \n", ":1:12: ", "expected value"},
      {"endpoint = \"a:1\"\nendpoint = \"b:2\"\n", ":2:", "endpoint"},
      {good + "colour = \"red\"\n", ":6:1: ", "unknown key 'colour'"},
      {"endpoint = 7443\n", ":1:12: ", "must be a string"},
      {"endpoint = \"a:1\"\n", ": ", "'ca' is missing"},
      {"", ": ", "'endpoint' is missing"},
      {"endpoint = \"collector\"\nca = \"c\"\ncertificate = \"c\"\nkey = \"k\"\n", ":1:12: ", "is not HOST:PORT"},
      {"endpoint = \"::1:70\"\nca = \"c\"\ncertificate = \"c\"\nkey = \"k\"\n", ":1:12: ", "is not HOST:PORT"},
      {"endpoint = \"a:70000\"\nca = \"c\"\ncertificate = \"c\"\nkey = \"k\"\n", ":1:12: ", "is not HOST:PORT"},
      {"role = \"king\"\nendpoint = \"[::1]:70\"\nca = \"c\"\ncertificate = \"c\"\nkey = \"k\"\n", ":1:8: ", "viewer"},
      {std::string("\xff\xfe\x00junk", 7), ":1:", ""},
  };
  for (const Case& one : cases) {
    const std::string path = Write(one.content);
    const auto profile = LoadProfile(path, Language::kEnglish);
    ASSERT_FALSE(profile) << one.content;
    EXPECT_EQ(profile.error().code, Code::kInvalidArgument);
    EXPECT_TRUE(profile.error().message.starts_with(path + one.place)) << profile.error().message;
    EXPECT_NE(profile.error().message.find(one.words), std::string::npos) << profile.error().message;
  }
}

TEST_F(ProfileFile, AMissingFileIsAUsageErrorWithItsName) {
  const auto profile = LoadProfile("/nonexistent/profile.toml", Language::kEnglish);
  ASSERT_FALSE(profile);
  EXPECT_EQ(profile.error().code, Code::kInvalidArgument);
  EXPECT_NE(profile.error().message.find("/nonexistent/profile.toml"), std::string::npos);
}

TEST_F(ProfileFile, TheOptionComesBeforeTheEnvironment) {
  const Environment environment = [](const std::string& name) {
    return name == "DAICHO_PROFILE" ? std::string("/from/environment") : std::string();
  };
  EXPECT_EQ(*FindProfile("given", environment, Language::kEnglish), "given");
  EXPECT_EQ(*FindProfile("", environment, Language::kEnglish), "/from/environment");
}

TEST_F(ProfileFile, TheHomeFolderIsSearched) {
  const std::string home = folder_.File("home");
  ASSERT_TRUE(MakeFolder(home + "/.config/daicho"));
  ASSERT_TRUE(WriteFileAtomically(home + "/.config/daicho/profile.toml", kGood));
  const Environment environment = [&](const std::string& name) { return name == "HOME" ? home : std::string(); };
  EXPECT_EQ(*FindProfile("", environment, Language::kEnglish), home + "/.config/daicho/profile.toml");
}

}  // namespace
}  // namespace daicho::collector
