// A collector's state into a file and back: what arrives, and what a file that is not right leaves as it was.
#include "collector/backup/backup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "collector/backup/archive.h"
#include "collector/backup/scratch_folder.h"
#include "collector/backup/unpack.h"
#include "collector/config.h"
#include "collector/config_store.h"
#include "collector/setup.h"
#include "collector/state_lock.h"
#include "collector/store/open_store.h"
#include "common/files.h"
#include "tests/collector/store/reports.h"
#include "tests/temporary_folder.h"

namespace daicho::collector::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::size_t kNames = 8;  // files of a state besides the ledger

class BackupTest : public ::testing::Test {
 protected:
  void SetUp() override {
    InitOptions options;
    options.state = state_;
    ASSERT_TRUE(Init(options));
    const auto store = OpenStore(Ledger(state_));
    ASSERT_TRUE(store);
    EnrolDevice(**store, DeviceId(1), "ward-3-pc", kStart);
    FeedSection(**store, DeviceId(1), "software", {PackageRow("vim", "9.0"), PackageRow("bash", "5.2")}, kStart);
    CommitOne(**store, JournalWrite{.at = kStart, .actor = "admin/a", .action = "x", .detail = "y", .result = {}});
  }

  static std::string Ledger(const std::string& state) { return state + "/" + kSqliteFile; }
  Status MakeBackup() { return Backup({.state = state_, .file = file_}); }
  Status PutBack(bool force = false) { return Restore({.state = new_, .file = file_, .force = force}); }

  // Everything that is in the test's folder, with its size.
  std::vector<std::string> Everything() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(temporary_.path())) {
      names.push_back(entry.path().string());
    }
    std::ranges::sort(names);
    return names;
  }

  // The restore of what is at file_ now is refused, and nothing is there that was not.
  void ExpectRefused(const std::string& words) {
    const auto before = Everything();
    const Status done = PutBack();
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Code::kDataLoss) << done.error().message;
    EXPECT_THAT(done.error().message, AllOf(HasSubstr(file_), HasSubstr(words)));
    EXPECT_EQ(Everything(), before);
  }

  // A file of these members, as a hand would make it.
  void Forge(const Manifest& manifest) {
    ASSERT_TRUE(WriteArchive(file_, temporary_.path() + "/forged", manifest, kStart));
  }
  BackupMember Forged(const std::string& name, const std::string& content) {
    const std::string path = temporary_.path() + "/forged/" + name;
    static_cast<void>(MakeFolder(std::filesystem::path(path).parent_path().string()));
    static_cast<void>(WriteFileAtomically(path, content));
    return *DescribeFile(path, name);
  }

  const TemporaryFolder temporary_;
  const std::string state_ = temporary_.File("collector");
  const std::string new_ = temporary_.File("new");
  const std::string file_ = temporary_.File("backup.tar.zst");
};

TEST_F(BackupTest, EverythingArrives) {
  ASSERT_TRUE(MakeBackup());
  struct stat found{};
  ASSERT_EQ(::stat(file_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600U);
  const Status restored = PutBack();
  ASSERT_TRUE(restored) << restored.error().message;
  std::size_t files = 0;
  for (const char* name : {"collector.toml", "ca.pem", "ca/ca.pem", "ca/ca-key.pem", "admin/profile.toml",
                           "admin/ca.pem", "admin/certificate.pem", "admin/key.pem"}) {
    EXPECT_EQ(ReadFile(new_ + "/" + name).value_or("none"), ReadFile(state_ + "/" + name).value_or("nothing")) << name;
    ++files;
  }
  EXPECT_EQ(files, kNames);
  ASSERT_EQ(::stat((new_ + "/ca/ca-key.pem").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600U);
  const auto from = OpenStore(Ledger(state_));
  const auto to = OpenStore(Ledger(new_));
  ASSERT_TRUE(to);
  for (const char* view : {"device", "section", "section_history", "installation_history", "token"}) {
    const std::string sql = "SELECT * FROM " + std::string(view);
    EXPECT_EQ(Ask(**to, sql), Ask(**from, sql)) << view;
  }
  EXPECT_EQ(Ask(**to, "SELECT action FROM journal WHERE seq = 1"),
            Ask(**from, "SELECT action FROM journal WHERE seq = 1"));
  EXPECT_EQ(AskOne(**to, "SELECT action FROM journal ORDER BY seq DESC LIMIT 1"), "ledger.restore");
}

TEST_F(BackupTest, LedgerIsCopiedWhileSomebodyWritesIt) {
  const auto store = OpenStore(Ledger(state_));
  ASSERT_TRUE(MakeBackup());
  EnrolDevice(**store, DeviceId(2), "after", kStart);
  ASSERT_TRUE(PutBack());
  EXPECT_EQ(AskOne(**OpenStore(Ledger(new_)), "SELECT count(*) FROM device"), "1");
}

TEST_F(BackupTest, FileThatIsThereIsNotReplacedUnasked) {
  ASSERT_TRUE(WriteFileAtomically(file_, "precious"));
  const Status done = MakeBackup();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::kAlreadyExists);
  EXPECT_EQ(*ReadFile(file_), "precious");
  EXPECT_TRUE(Backup({.state = state_, .file = file_, .force = true}));
  EXPECT_TRUE(PutBack());
}

TEST_F(BackupTest, StateThatIsThereIsNotReplacedUnasked) {
  ASSERT_TRUE(MakeBackup());
  ASSERT_TRUE(PutBack());
  const auto before = Everything();
  const Status again = PutBack();
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::kFailedPrecondition);
  EXPECT_EQ(Everything(), before);
  ASSERT_TRUE(PutBack(true));
  std::size_t moved = 0;
  for (const auto& entry : std::filesystem::directory_iterator(temporary_.path())) {
    moved += entry.path().filename().string().starts_with("new.before-restore-");
  }
  EXPECT_EQ(moved, 1U);
}

TEST_F(BackupTest, ForceMovesNothingThatIsNoCollectorsState) {
  ASSERT_TRUE(MakeBackup());
  ASSERT_TRUE(MakeFolder(new_));
  ASSERT_TRUE(WriteFileAtomically(new_ + "/thesis.txt", "precious"));
  EXPECT_EQ(PutBack(true).error().code, Code::kFailedPrecondition);
  EXPECT_EQ(*ReadFile(new_ + "/thesis.txt"), "precious");
}

TEST_F(BackupTest, StateOfARunningCollectorStays) {
  ASSERT_TRUE(MakeBackup());
  ASSERT_TRUE(PutBack());
  const auto running = StateLock::Take(new_);
  ASSERT_TRUE(running);
  const auto before = Everything();
  EXPECT_EQ(PutBack(true).error().code, Code::kFailedPrecondition);
  EXPECT_EQ(Everything(), before);
}

TEST_F(BackupTest, EmptyFolderIsTaken) {
  ASSERT_TRUE(MakeBackup());
  ASSERT_TRUE(MakeFolder(new_));
  EXPECT_TRUE(PutBack());
}

TEST_F(BackupTest, LedgerElsewhereComesIntoTheState) {
  const std::string elsewhere = temporary_.File("elsewhere.sqlite");
  std::filesystem::rename(Ledger(state_), elsewhere);
  ASSERT_TRUE(SetStoreOfConfig(state_ + "/collector.toml", elsewhere));
  ASSERT_TRUE(MakeBackup());
  ASSERT_TRUE(PutBack());
  EXPECT_EQ(LoadConfig(new_ + "/collector.toml")->store, Ledger(new_));
}

TEST_F(BackupTest, LedgerOnPostgresIsNotInItAndNeedNotAnswer) {
  ASSERT_TRUE(SetStoreOfConfig(state_ + "/collector.toml", "postgresql://a@127.0.0.1:1/none"));
  ::testing::internal::CaptureStderr();
  ASSERT_TRUE(MakeBackup());
  EXPECT_THAT(
      ::testing::internal::GetCapturedStderr(),
      HasSubstr("pg_dump --format=custom --file=daicho-ledger.dump --dbname='postgresql://a@127.0.0.1:1/none'"));
  ::testing::internal::CaptureStderr();
  ASSERT_TRUE(PutBack());
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("pg_restore"));
  EXPECT_FALSE(std::filesystem::exists(Ledger(new_)));
}

TEST_F(BackupTest, TruncatedAtAnyPlaceIsRefused) {
  ASSERT_TRUE(MakeBackup());
  const std::string whole = *ReadFile(file_);
  for (const std::size_t size : {std::size_t{0}, std::size_t{10}, whole.size() / 2, whole.size() * 9 / 10}) {
    ASSERT_TRUE(WriteFileAtomically(file_, whole.substr(0, size)));
    ExpectRefused("");
  }
}

// A signal removes it while the work goes on: the next file of the work made it anew, and it stayed for good.
TEST_F(BackupTest, FolderOfOneThatIsBeingStoppedDoesNotComeBack) {
  ASSERT_TRUE(MakeBackup());
  const std::string gone = temporary_.File("gone");
  EXPECT_EQ(MakeFoldersIn(gone, "admin/key.pem").error().code, Code::kNotFound);
  EXPECT_FALSE(UnpackBackup(file_, gone));
  EXPECT_FALSE(std::filesystem::exists(gone));
  ASSERT_TRUE(MakeFolder(gone));
  EXPECT_TRUE(MakeFoldersIn(gone, "a/b/key.pem"));
  EXPECT_TRUE(std::filesystem::is_directory(gone + "/a/b"));
}

// A byte of the filling between two members may be any.
TEST_F(BackupTest, ChangedByteIsRefusedOrOfNoConsequence) {
  ASSERT_TRUE(MakeBackup());
  const std::string whole = *ReadFile(file_);
  ASSERT_TRUE(MakeFolder(temporary_.File("saved")));
  const auto saved = UnpackBackup(file_, temporary_.File("saved"));
  ASSERT_TRUE(saved);
  int refused = 0;
  for (std::size_t part = 1; part < 40; ++part) {
    std::string changed = whole;
    changed[whole.size() * part / 40] ^= 0x10;
    ASSERT_TRUE(WriteFileAtomically(file_, changed));
    ASSERT_TRUE(MakeFolder(temporary_.File("unpacked")));
    const auto unpacked = UnpackBackup(file_, temporary_.File("unpacked"));
    std::filesystem::remove_all(temporary_.File("unpacked"));
    if (unpacked) {
      EXPECT_EQ(unpacked->members, saved->members) << "each is compared with its SHA-256";
      continue;
    }
    ++refused;
    ExpectRefused("");
  }
  EXPECT_GT(refused, 20);
}

TEST_F(BackupTest, ForeignFileIsRefused) {
  ASSERT_TRUE(WriteFileAtomically(file_, "%PDF-1.7 is something else"));
  ExpectRefused("is no backup of Daicho");
  EXPECT_EQ(Restore({.state = new_, .file = temporary_.File("none")}).error().code, Code::kNotFound);
}

TEST_F(BackupTest, MemberThatClimbsOutIsRefused) {
  const BackupMember outside = Forged("../outside", "x");
  Forge({.daicho = "0", .made_at = "t", .store = "sqlite", .counts = {}, .members = {outside}});
  ExpectRefused("path");
  EXPECT_EQ(*ReadFile(temporary_.File("outside")), "x");
}

TEST_F(BackupTest, MemberWithAnotherDigestIsRefused) {
  BackupMember member = Forged("collector.toml", "x");
  member.sha256 = std::string(64, '0');
  Forge({.daicho = "0", .made_at = "t", .store = "sqlite", .counts = {}, .members = {member}});
  ExpectRefused("SHA-256");
}

TEST_F(BackupTest, AuthorityThatCannotBeUsedIsNeitherSavedNorRestored) {
  ASSERT_TRUE(MakeBackup());
  ASSERT_TRUE(WriteFileAtomically(state_ + "/ca/ca-key.pem", ""));
  const Status saved = Backup({.state = state_, .file = temporary_.File("other.tar.zst")});
  ASSERT_FALSE(saved);
  EXPECT_THAT(saved.error().message, HasSubstr("ca-key.pem"));
  EXPECT_FALSE(std::filesystem::exists(temporary_.File("other.tar.zst")));

  ASSERT_TRUE(MakeFolder(temporary_.File("forged")));
  const auto unpacked = UnpackBackup(file_, temporary_.File("forged"));
  ASSERT_TRUE(unpacked) << unpacked.error().message;
  Manifest manifest = *unpacked;
  for (BackupMember& member : manifest.members) {
    if (member.path == "ca/ca-key.pem") member = Forged(member.path, "");
  }
  Forge(manifest);
  ExpectRefused("ca-key.pem");
}

TEST_F(BackupTest, DamagedLedgerIsSavedAndSaidToBe) {
  const std::string damage =
      "sqlite3 " + Ledger(state_) + " \"UPDATE software_item SET version = '9' WHERE name = 'vim'\"";
  ASSERT_EQ(std::system(damage.c_str()), 0);
  const Status saved = MakeBackup();
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().code, Code::kDataLoss);
  EXPECT_THAT(saved.error().message, AllOf(HasSubstr(file_), HasSubstr("software item")));
  EXPECT_TRUE(std::filesystem::exists(file_));
}

TEST_F(BackupTest, LedgerElsewhereThanTheManifestSaysIsRefused) {
  ASSERT_TRUE(MakeBackup());
  ASSERT_TRUE(MakeFolder(temporary_.File("forged")));
  auto manifest = UnpackBackup(file_, temporary_.File("forged"));
  ASSERT_TRUE(manifest);
  manifest->store = "postgresql";
  Forge(*manifest);
  ExpectRefused("its manifest names a ledger on postgresql");
}

TEST_F(BackupTest, LedgerThatIsNotTheOneCountedIsRefused) {
  Manifest manifest{.daicho = "0", .made_at = "t", .store = "sqlite", .counts = {}, .members = {}};
  manifest.members.push_back(Forged("collector.toml", *ReadFile(state_ + "/collector.toml")));
  ASSERT_TRUE(CopySqliteStore(Ledger(state_), temporary_.File("forged/") + kSqliteFile));
  manifest.members.push_back(*DescribeFile(temporary_.File("forged/") + kSqliteFile, kSqliteFile));
  Forge(manifest);
  ExpectRefused("its manifest says 0 devices");
}

}  // namespace
}  // namespace daicho::collector::testing
