#include "collector/setup.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "collector/config.h"
#include "collector/enrol/authority.h"
#include "collector/run.h"
#include "collector/state_lock.h"
#include "collector/verify_run.h"
#include "common/files.h"
#include "common/x509.h"
#include "tests/temporary_folder.h"

namespace daicho::collector {
namespace {

class Setup : public testing::Test {
 protected:
  Setup() { options_.state = folder_ + "/state"; }

  static int Mode(const std::string& path) {
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return static_cast<int>(status.st_mode & 0777);
  }

  const TemporaryFolder temporary_;
  const std::string& folder_ = temporary_.path();
  InitOptions options_;
};

TEST_F(Setup, InitMakesACollectorWithSecretsThatAreSecret) {
  const auto done = Init(options_);
  ASSERT_TRUE(done) << done.error().message;
  const std::string& state = options_.state;
  EXPECT_EQ(Mode(state + "/ca/ca-key.pem"), 0600);
  EXPECT_EQ(Mode(state + "/admin/key.pem"), 0600);
  EXPECT_EQ(Mode(state + "/ledger.sqlite"), 0600);
  EXPECT_EQ(*ReadFile(state + "/ca.pem"), *ReadFile(state + "/ca/ca.pem"));
  const auto config = LoadConfig(state + "/collector.toml");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_NE(config->agent_listen, config->admin_listen);
  const std::string profile = *ReadFile(state + "/admin/profile.toml");
  EXPECT_NE(profile.find("endpoint = \"" + config->admin_listen + "\""), std::string::npos) << profile;
  EXPECT_EQ(ReadCertificate(*ReadFile(state + "/admin/certificate.pem"))->identity_uri,
            "daicho://admin/admin?role=admin");
}

TEST_F(Setup, InitialisedStateIsRefusedAndLeftAsItIs) {
  ASSERT_TRUE(Init(options_));
  const std::string authority = *ReadFile(options_.state + "/ca.pem");
  const auto again = Init(options_);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::kFailedPrecondition);
  EXPECT_NE(again.error().message.find(options_.state), std::string::npos);
  EXPECT_EQ(*ReadFile(options_.state + "/ca.pem"), authority);
}

// The authority is what enrolled machines trust; it must survive a lost configuration file.
TEST_F(Setup, InterruptedInitIsCompletedWithTheSameAuthority) {
  ASSERT_TRUE(Init(options_));
  const std::string authority = *ReadFile(options_.state + "/ca.pem");
  std::filesystem::remove(options_.state + "/collector.toml");
  std::filesystem::remove(options_.state + "/ca.pem");
  ASSERT_TRUE(Init(options_));
  EXPECT_EQ(*ReadFile(options_.state + "/ca.pem"), authority);
}

// A disk that lost the file must not look like a site that has no devices.
TEST_F(Setup, LedgerThatIsLostIsNotBegunAnew) {
  ASSERT_TRUE(Init(options_));
  const std::string ledger = options_.state + "/ledger.sqlite";
  for (const bool emptied : {true, false}) {
    if (emptied) std::filesystem::resize_file(ledger, 0);
    if (!emptied) std::filesystem::remove(ledger);
    for (const Status& done : {collector::Run(options_.state), VerifyState({.state = options_.state, .json = false})}) {
      ASSERT_FALSE(done) << emptied;
      EXPECT_EQ(done.error().code, Code::kDataLoss) << done.error().message;
      EXPECT_NE(done.error().message.find("ledger.sqlite"), std::string::npos) << done.error().message;
      EXPECT_NE(done.error().message.find("restore"), std::string::npos) << done.error().message;
    }
  }
}

TEST_F(Setup, AuthorityInterruptedBeforeItsKeyIsMadeAnew) {
  ASSERT_TRUE(Authority::LoadOrCreate(folder_, 1'790'000'000));
  std::filesystem::remove(folder_ + "/ca/ca-key.pem");
  EXPECT_TRUE(Authority::LoadOrCreate(folder_, 1'790'000'000));
  EXPECT_TRUE(Authority::Load(folder_));
}

TEST_F(Setup, AuthorityWithoutItsCertificateOrWithAnotherKeyIsNamedAndNotReplaced) {
  ASSERT_TRUE(Authority::LoadOrCreate(folder_, 1'790'000'000));
  const std::string key = *ReadFile(folder_ + "/ca/ca-key.pem");
  std::filesystem::rename(folder_ + "/ca/ca.pem", folder_ + "/ca/away");
  EXPECT_FALSE(Authority::LoadOrCreate(folder_, 1'790'000'000));
  EXPECT_EQ(*ReadFile(folder_ + "/ca/ca-key.pem"), key);
  std::filesystem::rename(folder_ + "/ca/away", folder_ + "/ca/ca.pem");
  ASSERT_TRUE(WriteFileAtomically(folder_ + "/ca/ca-key.pem", *NewPrivateKey(), 0600));
  const auto wrong = Authority::Load(folder_);
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().message.find("ca-key.pem"), std::string::npos) << wrong.error().message;
}

TEST_F(Setup, BadOptionsAreNamed) {
  options_.listen = "nowhere";
  auto done = Init(options_);
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().message.find("--listen"), std::string::npos) << done.error().message;
  options_.listen = options_.admin_listen = "127.0.0.1:7443";
  EXPECT_FALSE(Init(options_));
  options_.admin_listen = "127.0.0.1:7444";
  options_.names = {"a b"};
  done = Init(options_);
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().message.find("--name a b"), std::string::npos) << done.error().message;
  EXPECT_FALSE(std::filesystem::exists(options_.state));
}

TEST_F(Setup, CredentialOfAnotherPersonIsWrittenOnce) {
  options_.admin_listen = "0.0.0.0:7444";
  ASSERT_TRUE(Init(options_));
  CredentialOptions credential{
      .state = options_.state, .name = "sato", .role = Role::kOperator, .folder = folder_ + "/sato"};
  ASSERT_TRUE(WriteCredential(credential));
  EXPECT_EQ(ReadCertificate(*ReadFile(folder_ + "/sato/certificate.pem"))->identity_uri,
            "daicho://admin/sato?role=operator");
  EXPECT_NE(ReadFile(folder_ + "/sato/profile.toml")->find("127.0.0.1:7444"), std::string::npos);
  EXPECT_EQ(WriteCredential(credential).error().code, Code::kAlreadyExists);
  credential.folder = folder_ + "/other";
  credential.name = "sa to";
  EXPECT_EQ(WriteCredential(credential).error().code, Code::kInvalidArgument);
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/other/profile.toml"));
}

TEST_F(Setup, RunOnAnEmptyFolderSaysHowToBegin) {
  const auto done = collector::Run(folder_);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::kInvalidArgument);
  EXPECT_NE(done.error().message.find("daicho-collector init"), std::string::npos) << done.error().message;
}

TEST_F(Setup, SecondCollectorOnTheSameStateIsRefused) {
  const auto first = StateLock::Take(folder_);
  ASSERT_TRUE(first);
  const auto second = StateLock::Take(folder_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::kFailedPrecondition);
  EXPECT_NE(second.error().message.find(std::to_string(::getpid())), std::string::npos) << second.error().message;
}

TEST_F(Setup, LockIsFreeWhenItsHolderIsGone) {
  {
    ASSERT_TRUE(StateLock::Take(folder_));
  }
  EXPECT_TRUE(StateLock::Take(folder_));
}

TEST_F(Setup, ShareFolderNeedsExactlyOneChecklist) {
  std::filesystem::create_directories(folder_ + "/share/rules");
  std::filesystem::create_directories(folder_ + "/share/checklists");
  const auto none = LoadShare(folder_ + "/share", {});
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().message.find("0 checklist editions"), std::string::npos) << none.error().message;
}

TEST_F(Setup, RulesThatShipAreGood) {
  const auto rules = LoadShare(DAICHO_SOURCE "/deploy", {});
  ASSERT_TRUE(rules) << rules.error().message;
  EXPECT_FALSE(rules->rules().empty());
}

// A site's rules beside the checklist that ships.
class RuleCheck : public Setup {
 protected:
  RuleCheck() {
    std::filesystem::create_directories(folder_ + "/share/rules");
    std::filesystem::copy(DAICHO_SOURCE "/deploy/checklists", folder_ + "/share/checklists");
  }
  // The rule second-uid-0 with one text replaced.
  void Write(const std::string& from, const std::string& to) {
    std::string text = *ReadFile(DAICHO_SOURCE "/deploy/rules/second-uid-0.toml");
    ASSERT_NE(text.find(from), std::string::npos) << from;
    text.replace(text.find(from), from.size(), to);
    ASSERT_TRUE(WriteFileAtomically(File(), text));
  }
  std::string File() const { return folder_ + "/share/rules/second-uid-0.toml"; }
  // "file:line:10:": the value stands after "select = ".
  std::string PlaceOfSelect() const {
    const std::string text = *ReadFile(File());
    const auto end = text.begin() + static_cast<std::ptrdiff_t>(text.find("\nselect = "));
    return File() + ":" + std::to_string(std::count(text.begin(), end, '\n') + 2) + ":10:";
  }
  Error Checked() {
    testing::internal::CaptureStdout();
    const auto done = CheckRules(folder_ + "/share/rules");
    out_ = testing::internal::GetCapturedStdout();
    return done ? Error{Code::kInternal, "no error"} : done.error();
  }

  std::string out_;
};

TEST_F(RuleCheck, GoodRulesAreCountedWithTheirCases) {
  Write("toor beside root", "toor beside root");
  EXPECT_EQ(Checked().message, "no error");
  EXPECT_TRUE(out_.starts_with("1 rules, ")) << out_;
  EXPECT_NE(out_.find(" cases passed"), std::string::npos) << out_;
  EXPECT_EQ(out_.find(", 0 cases"), std::string::npos) << out_;
}

TEST_F(RuleCheck, SelectThatDoesNotCompileIsNamedWithItsPlace) {
  Write("FROM account", "FRM account");
  const Error error = Checked();
  EXPECT_EQ(error.code, Code::kDataLoss);
  EXPECT_TRUE(error.message.starts_with(PlaceOfSelect() + " rule 'second-uid-0': near")) << error.message;
}

TEST_F(RuleCheck, FailingCaseIsNamedWithItsPlace) {
  Write("expect = [{ subject = \"toor\",", "expect = [{ subject = \"root\",");
  const Error error = Checked();
  EXPECT_EQ(error.code, Code::kDataLoss);
  EXPECT_TRUE(error.message.starts_with(File() + ":")) << error.message;
  EXPECT_NE(error.message.find("toor beside root: no finding for 'root'"), std::string::npos) << error.message;
}

TEST_F(RuleCheck, WrongKeyIsAnInvalidArgument) {
  Write("severity =", "severty =");
  EXPECT_EQ(Checked().code, Code::kInvalidArgument);
}

TEST_F(RuleCheck, MissingFolderIsNamed) {
  const auto done = CheckRules("/nonexistent/rules");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::kInvalidArgument);
  EXPECT_TRUE(done.error().message.starts_with("/nonexistent/rules: no such folder")) << done.error().message;
}

TEST_F(RuleCheck, CollectorDoesNotStartWithASelectThatDoesNotCompile) {
  Write("FROM account", "FRM account");
  ASSERT_TRUE(Init(options_));
  const std::string config = options_.state + "/collector.toml";
  ASSERT_TRUE(WriteFileAtomically(config, "share_dir = \"" + folder_ + "/share\"\n" + *ReadFile(config)));
  const auto done = collector::Run(options_.state);
  ASSERT_FALSE(done);
  EXPECT_TRUE(done.error().message.starts_with(PlaceOfSelect())) << done.error().message;
}

}  // namespace
}  // namespace daicho::collector
