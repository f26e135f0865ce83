#include "agent/collect/rooted_file_tree.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "agent/collect/system_views.h"
#include "tests/temporary_folder.h"

namespace daicho::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kCap = 1u << 20;

// Every test runs with both ways of opening.
class RootedFileTreeTest : public testing::TestWithParam<Resolver> {
 protected:
  void SetUp() override {
    fs::create_directories(top_ / "root/etc");
    Write("outside", "secret of the host");
    Write("root/etc/passwd", "inside");
  }

  void Write(const std::string& path, const std::string& content) { std::ofstream(top_ / path) << content; }
  void Link(const std::string& target, const std::string& path) { fs::create_symlink(target, top_ / path); }
  RootedFileTree Tree() {
    auto tree = RootedFileTree::Open((top_ / "root").string(), GetParam());
    EXPECT_TRUE(tree) << tree.error().message;
    return std::move(*tree);
  }
  Result<std::string> Read(const std::string& path, std::size_t cap = kCap) { return Tree().Read(path, cap); }
  Code ErrorOf(const std::string& path, std::size_t cap = kCap) {
    const auto text = Read(path, cap);
    EXPECT_FALSE(text) << path << " was read: " << *text;
    if (text) return Code::kInternal;
    EXPECT_TRUE(text.error().message.starts_with(path + ": ")) << text.error().message;
    return text.error().code;
  }

  const TemporaryFolder folder_;
  const fs::path top_ = folder_.path();
};

TEST_P(RootedFileTreeTest, ReadsAFile) {
  EXPECT_EQ(Read("/etc/passwd"), "inside");
  EXPECT_EQ(Read("/etc/../etc/./passwd"), "inside");
  EXPECT_EQ(Read("/../../etc/passwd"), "inside");
}

TEST_P(RootedFileTreeTest, ReadsAPlaceOfASparseFileOfAnySize) {
  Write("root/etc/sparse", "start");
  fs::resize_file(top_ / "root/etc/sparse", 1ull << 36);
  EXPECT_EQ(Tree().ReadAt("/etc/sparse", 2, 4), std::string("art\0", 4));
  EXPECT_EQ(Tree().ReadAt("/etc/sparse", (1ull << 36) - 2, 4), std::string(2, '\0'));
  EXPECT_EQ(Tree().ReadAt("/etc/sparse", 1ull << 37, 4), "");
  EXPECT_EQ(Tree().ReadAt("/etc", 0, 4).error().code, Code::kInvalidArgument);
  EXPECT_EQ(Tree().ReadAt("/etc/none", 0, 4).error().code, Code::kNotFound);
}

// What ReadPieces shows when `lines` are taken whole, or, if not, nothing before the end.
struct Pieces {
  std::string content;
  std::size_t largest = 0;
  int last = 0;
};

Pieces TakeAll(const RootedFileTree& tree, const std::string& path, bool lines) {
  Pieces pieces;
  const auto read = tree.ReadPieces(path, kCap, [&](std::string_view bytes, bool last) {
    const std::size_t taken = last ? bytes.size() : lines ? bytes.rfind('\n') + 1 : 0;
    pieces.content += bytes.substr(0, taken);
    pieces.largest = std::max(pieces.largest, bytes.size());
    pieces.last += last ? 1 : 0;
    return taken;
  });
  EXPECT_TRUE(read) << read.error().message;
  return pieces;
}

TEST_P(RootedFileTreeTest, PiecesAreTheWholeFileHoweverMuchIsTakenOfEach) {
  std::string text;
  for (int i = 0; text.size() < 500'000; ++i) text += std::string(static_cast<std::size_t>(i % 300), 'x') + "\n";
  for (const std::string& content : {text, text + "cut", std::string(), std::string("short")}) {
    Write("root/file", content);
    const Pieces lines = TakeAll(Tree(), "/file", true);
    EXPECT_EQ(lines.content, content);
    EXPECT_EQ(lines.last, 1);
    EXPECT_LT(lines.largest, 100'000u) << "it was in memory whole";
    const Pieces whole = TakeAll(Tree(), "/file", false);
    EXPECT_EQ(whole.content, content);
    EXPECT_EQ(whole.last, 1);
  }
}

TEST_P(RootedFileTreeTest, PiecesHaveTheErrorsOfRead) {
  const auto error_of = [&](const RootedFileTree& tree, const std::string& path, std::size_t cap) {
    const auto read = tree.ReadPieces(path, cap, [](std::string_view bytes, bool) { return bytes.size(); });
    return read ? std::nullopt : std::optional(read.error().code);
  };
  Write("root/big", std::string(5000, 'x'));
  EXPECT_EQ(error_of(Tree(), "/big", 5000), std::nullopt);
  EXPECT_EQ(error_of(Tree(), "/big", 4999), Code::kResourceExhausted);
  EXPECT_EQ(error_of(Tree(), "/none", kCap), Code::kNotFound);
  EXPECT_EQ(error_of(Tree(), "/etc", kCap), Code::kInvalidArgument);
  const auto live = RootedFileTree::Open("/", GetParam());
  EXPECT_EQ(error_of(*live, "/proc/self/smaps", kCap), std::nullopt) << "its size is stated as 0";
  EXPECT_EQ(error_of(*live, "/proc/self/smaps", 4096), Code::kResourceExhausted);
}

TEST_P(RootedFileTreeTest, AbsoluteLinkIsResolvedInsideTheRoot) {
  Link("/etc/passwd", "root/link");
  EXPECT_EQ(Read("/link"), "inside");
  Link((top_ / "outside").string(), "root/out");
  EXPECT_EQ(ErrorOf("/out"), Code::kNotFound);
}

TEST_P(RootedFileTreeTest, ParentLinkStopsAtTheRoot) {
  Link("../../../../outside", "root/etc/up");
  EXPECT_EQ(ErrorOf("/etc/up"), Code::kNotFound);
  Link("../../../../etc/passwd", "root/etc/around");
  EXPECT_EQ(Read("/etc/around"), "inside");
}

TEST_P(RootedFileTreeTest, LinkedFolderIsResolvedInsideTheRoot) {
  Link("/etc", "root/configuration");
  EXPECT_EQ(Read("/configuration/passwd"), "inside");
  Link("../..", "root/etc/top");
  EXPECT_EQ(Tree().List("/etc/top"), (std::vector<std::string>{"configuration", "etc"}));
}

TEST_P(RootedFileTreeTest, LinksInACircleAreAnError) {
  Link("b", "root/a");
  Link("a", "root/b");
  EXPECT_EQ(ErrorOf("/a"), Code::kInvalidArgument);
  EXPECT_EQ(Tree().ReadLink("/a"), "b");
}

TEST_P(RootedFileTreeTest, MagicLinksOfProcDoNotLeadOut) {
  auto tree = RootedFileTree::Open("/proc", GetParam());
  ASSERT_TRUE(tree);
  // /proc/self/root is the host's root: through it every file would be reached.
  EXPECT_FALSE(tree->Read("/self/root/etc/passwd", kCap));
  EXPECT_TRUE(tree->Read("/self/stat", kCap));
}

TEST_P(RootedFileTreeTest, PipeIsNeitherOpenedNorWaitedFor) {
  ASSERT_EQ(::mkfifo((top_ / "root/pipe").c_str(), 0600), 0);
  EXPECT_EQ(ErrorOf("/pipe"), Code::kInvalidArgument);
  Link("pipe", "root/link");
  EXPECT_EQ(ErrorOf("/link"), Code::kInvalidArgument);
}

TEST_P(RootedFileTreeTest, FoldersDevicesAndMissingFilesAreToldApart) {
  EXPECT_EQ(ErrorOf("/etc"), Code::kInvalidArgument);
  EXPECT_EQ(ErrorOf("/etc/none"), Code::kNotFound);
  EXPECT_EQ(ErrorOf("/etc/passwd/x"), Code::kNotFound);
  EXPECT_EQ(Tree().Read(std::string_view("/etc/pass\0wd", 12), kCap).error().code, Code::kInvalidArgument);
  auto devices = RootedFileTree::Open("/dev", GetParam());
  EXPECT_EQ(devices->Read("/zero", kCap).error().code, Code::kInvalidArgument);
}

TEST_P(RootedFileTreeTest, FileOverTheCapIsRefusedNotCut) {
  Write("root/big", std::string(5000, 'x'));
  EXPECT_EQ(ErrorOf("/big", 4999), Code::kResourceExhausted);
  EXPECT_EQ(Read("/big", 5000)->size(), 5000u);
  fs::resize_file(top_ / "root/big", std::uintmax_t{1} << 40);  // sparse: must not be allocated
  EXPECT_EQ(ErrorOf("/big"), Code::kResourceExhausted);
}

TEST_P(RootedFileTreeTest, FilesThatReportSizeZeroAreReadToTheirEnd) {
  auto tree = RootedFileTree::Open("/", GetParam());
  const auto text = tree->Read("/proc/self/smaps", kCap);
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_GT(text->size(), 4096u);
  EXPECT_EQ(tree->Read("/proc/self/smaps", 4096).error().code, Code::kResourceExhausted);
  EXPECT_TRUE(tree->Read("/proc/net/tcp", kCap)) << "/proc/net is a link";
}

TEST_P(RootedFileTreeTest, FileReplacedWhileItIsReadIsTheOldOneOrTheNewOne) {
  const std::string one(300'000, '1');
  const std::string two(200'000, '2');
  Write("root/status", one);
  std::jthread writer([&](const std::stop_token& stop) {
    for (bool turn = false; !stop.stop_requested(); turn = !turn) {
      Write("root/status-new", turn ? one : two);
      fs::rename(top_ / "root/status-new", top_ / "root/status");
    }
  });
  const RootedFileTree tree = Tree();
  for (int i = 0; i < 300; ++i) {
    const auto text = tree.Read("/status", kCap);
    ASSERT_TRUE(text) << text.error().message;
    ASSERT_TRUE(*text == one || *text == two) << "mixed after " << i << " reads";
    const Pieces pieces = TakeAll(tree, "/status", false);
    ASSERT_TRUE(pieces.content == one || pieces.content == two) << "mixed after " << i << " reads in pieces";
  }
}

TEST_P(RootedFileTreeTest, ListIsSortedAndWithoutDots) {
  Write("root/etc/b", "");
  Write("root/etc/.a", "");
  EXPECT_EQ(Tree().List("/etc"), (std::vector<std::string>{".a", "b", "passwd"}));
  EXPECT_EQ(Tree().List("/"), (std::vector<std::string>{"etc"}));
  EXPECT_EQ(Tree().List("/etc/passwd").error().code, Code::kNotFound);
}

TEST_P(RootedFileTreeTest, StatFollowsLinksAndTellsKinds) {
  Link("/etc/passwd", "root/link");
  const auto file = Tree().Stat("/etc/passwd");
  const auto link = Tree().Stat("/link");
  ASSERT_TRUE(file && link);
  EXPECT_EQ(file->inode, link->inode);
  EXPECT_EQ(file->kind, FileKind::kRegular);
  EXPECT_EQ(file->size, 6u);
  EXPECT_EQ(Tree().Stat("/etc")->kind, FileKind::kFolder);
  EXPECT_EQ(Tree().Stat("/none").error().code, Code::kNotFound);
}

TEST_P(RootedFileTreeTest, StatEachAnswersInOrderAndStaysInside) {
  Link("/etc/passwd", "root/etc/link");
  Link("../../../outside", "root/etc/up");
  const std::vector<std::string> names = {"passwd", "none", "link", "up", "../../outside", "../etc/passwd"};
  const auto infos = Tree().StatEach("/etc", names);
  ASSERT_EQ(infos.size(), names.size());
  ASSERT_TRUE(infos[0] && infos[2] && infos[5]);
  EXPECT_EQ(infos[0]->inode, infos[2]->inode);
  EXPECT_EQ(infos[0]->inode, infos[5]->inode);
  EXPECT_FALSE(infos[1]);
  EXPECT_FALSE(infos[3]);
  EXPECT_FALSE(infos[4]);
  for (const auto& info : Tree().StatEach("/none", names)) EXPECT_FALSE(info);
}

TEST_P(RootedFileTreeTest, ReadsTheTextOfLinksAlsoOfProc) {
  Link("somewhere/else", "root/link");
  EXPECT_EQ(Tree().ReadLink("/link"), "somewhere/else");
  EXPECT_EQ(Tree().ReadLink("/etc/passwd").error().code, Code::kInvalidArgument);
  EXPECT_EQ(Tree().ReadLink("/none").error().code, Code::kNotFound);
  auto live = RootedFileTree::Open("/", GetParam());
  const std::string self = "/proc/" + std::to_string(::getpid());
  EXPECT_EQ(live->ReadLink(self + "/exe"), fs::read_symlink("/proc/self/exe").string());
  const UniqueFd file(::open((top_ / "outside").c_str(), O_RDONLY | O_CLOEXEC));
  const auto links = live->ReadLinks(self + "/fd");
  ASSERT_TRUE(links);
  EXPECT_NE(std::ranges::find(*links, (top_ / "outside").string()), links->end());
}

TEST_P(RootedFileTreeTest, RootThatIsNoFolderIsAnError) {
  EXPECT_EQ(RootedFileTree::Open((top_ / "none").string(), GetParam()).error().code, Code::kNotFound);
  EXPECT_EQ(RootedFileTree::Open((top_ / "outside").string(), GetParam()).error().code, Code::kNotFound);
}

INSTANTIATE_TEST_SUITE_P(Openat2, RootedFileTreeTest, testing::Values(BestResolver()));
INSTANTIATE_TEST_SUITE_P(Walk, RootedFileTreeTest, testing::Values(Resolver::kWalk));

TEST(SystemViews, LiveSystemKnowsTheLoopbackAndNoSystemNothing) {
  const auto addresses = LiveSystem().Addresses();
  ASSERT_TRUE(addresses) << addresses.error().message;
  EXPECT_TRUE(std::ranges::any_of(
      *addresses, [](const InterfaceAddress& a) { return a.interface == "lo" && a.address == "127.0.0.1/8"; }));
  EXPECT_EQ(NoSystem().Addresses().error().code, Code::kUnimplemented);
}

}  // namespace
}  // namespace daicho::agent
