// sudoers(5) from noise: a rule that negates everybody's everything at the end leaves nobody root; reading is stable;
// no evidence names anything but a group of the account or a line of the file.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "agent/sources/linux/sudoers_reader.h"
#include "agent/sources/linux/sudoers_rights.h"
#include "tests/agent/fake_tree.h"

namespace {

using daicho::agent::FakeTree;
using daicho::agent::FileIssues;
using daicho::agent::GroupId;

std::vector<std::string> Evidence(const FakeTree& tree, bool* complete = nullptr) {
  FileIssues issues;
  const auto files = daicho::agent::ReadSudoers(tree, "pc-1", issues);
  const daicho::agent::SudoersRights rights(files.sudoers, "pc-1", {"root"}, issues);
  const GroupId groups[] = {{"wheel", 10}};
  (void)rights.ForGroups(groups);
  if (complete != nullptr) *complete = rights.complete();
  return rights.ForAccount("tanaka", 1001, groups);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  FakeTree tree;
  tree.File("/etc/sudoers", text).File("/etc/sudoers.d/self", text);
  const auto evidence = Evidence(tree);
  if (evidence != Evidence(tree)) std::abort();
  for (const std::string& by : evidence) {
    if (by != "group wheel" && !by.starts_with("sudoers /etc/sudoers")) std::abort();
  }
  // The statement must stand alone: a line before it may end in a backslash or an open quotation, and its file must be
  // the last one that is read.
  FakeTree taken_back;
  taken_back.File("/etc/sudoers", "@include /etc/noise\n#1001 ALL=(root) !ALL\n").File("/etc/noise", text);
  // Of more rules than are followed the last one is left out.
  bool complete = false;
  if (!Evidence(taken_back, &complete).empty() && complete) std::abort();
  return 0;
}
